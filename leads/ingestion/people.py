"""Finding the lead that a row tells of: by external id, then by e-mail."""

from collections.abc import Collection
from typing import Any

from django.db import connection

from leads.ingestion.records import LeadRecord
from leads.ingestion.rows import RowRefused
from leads.ingestion.told import from_json
from leads.models import Outcome, OutcomeKind

_FETCH = """
SELECT id, external_id, email, account_id, team_id, owner_id, created_at,
       attributes::text, facts::text, words::text
  FROM leads_lead
 WHERE external_id = ANY(%s) OR email = ANY(%s)
 ORDER BY id FOR UPDATE
"""


class People:
    """The leads that a chunk of rows is about, their rows locked to the end of the transaction."""

    def __init__(self) -> None:
        self.records: list[LeadRecord] = []
        self._by_external_id: dict[str, LeadRecord] = {}
        self._by_email: dict[str, LeadRecord] = {}

    def fetch(self, external_ids: Collection[str], emails: Collection[str]) -> None:
        """Read and lock the known leads among these."""
        with connection.cursor() as cursor:
            cursor.execute(_FETCH, [list(external_ids), list(emails)])
            for row in cursor.fetchall():
                self._add(_record(row))
        ids = [record.id for record in self.records]
        outcomes = dict(Outcome.objects.filter(lead__in=ids, voided_at=None).values_list("lead_id", "kind"))
        for record in self.records:
            kind = outcomes.get(record.id or 0)
            record.outcome = record.outcome_before = OutcomeKind(kind) if kind else None
            record.before = record.state()

    def find_or_make(self, external_id: str | None, email: str | None) -> LeadRecord:
        """The lead of this external id and e-mail, which it has from here on.

        Raises RowRefused where the two belong to different leads, or to none since both are missing.
        """
        if external_id is None and email is None:
            raise RowRefused("", "There is neither an external id nor an e-mail address: give one of them.")
        by_id = self._by_external_id.get(external_id) if external_id else None
        by_email = self._by_email.get(email) if email else None
        if by_id and by_email and by_id is not by_email:
            raise RowRefused(
                "email",
                f"The external id “{external_id}” and the e-mail address “{email}” belong to two"
                " different leads: correct one of them.",
            )
        lead = by_id or by_email
        if lead and external_id and lead.external_id not in (None, external_id):
            raise RowRefused(
                "external_id",
                f"The lead with the e-mail address “{email}” has the external id “{lead.external_id}”,"
                f" not “{external_id}”: correct one of them.",
            )
        return self._known_as(lead or self._new(), external_id, email)

    def changed(self) -> list[LeadRecord]:
        """The leads to write: new ones, and those that end other than they began."""
        return [lead for lead in self.records if lead.is_changed()]

    def _new(self) -> LeadRecord:
        lead = LeadRecord(id=None)
        self.records.append(lead)
        return lead

    def _known_as(self, lead: LeadRecord, external_id: str | None, email: str | None) -> LeadRecord:
        if external_id:
            lead.external_id = external_id
            self._by_external_id[external_id] = lead
        if email and email != lead.email:
            self._by_email.pop(lead.email or "", None)
            lead.email = email
            self._by_email[email] = lead
        return lead

    def _add(self, lead: LeadRecord) -> None:
        self.records.append(lead)
        if lead.external_id:
            self._by_external_id[lead.external_id] = lead
        if lead.email:
            self._by_email[lead.email] = lead


def _record(row: tuple[Any, ...]) -> LeadRecord:
    pk, external_id, email, account_id, team_id, owner_id, created_at, attributes, facts, words = row
    return LeadRecord(
        id=pk,
        external_id=external_id,
        email=email,
        known_as=(external_id, email),
        account_id=account_id,
        team_id=team_id,
        owner_id=owner_id,
        created_at=created_at,
        attributes={key: str(value) for key, value in from_json(attributes).items()},
        facts=from_json(facts),
        words={key: str(value) for key, value in from_json(words).items()},
    )
