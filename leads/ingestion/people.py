"""Finding the lead that a row tells of: by external id, then by e-mail.

What an absorbed lead is known by (`Merge`) finds the lead that absorbed it.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import connection

from leads.ingestion.identity import EMAIL, EXTERNAL_ID, LEAD_ID, LEAD_KEYS
from leads.ingestion.records import LeadRecord
from leads.ingestion.rows import RowRefused
from leads.ingestion.told import from_json
from leads.models import Lead, Outcome, OutcomeKind

_RECORD = """
SELECT id, external_id, email, account_id, team_id, owner_id, created_at,
       attributes::text, facts::text, words::text, absorbed_into_id
  FROM leads_lead
"""
_FETCH = f"{_RECORD} WHERE external_id = ANY(%s) OR email = ANY(%s) ORDER BY id FOR UPDATE"
_FETCH_BY_ID = f"{_RECORD} WHERE id = ANY(%s) ORDER BY id FOR UPDATE"
_NAMED = {
    EXTERNAL_ID: "SELECT external_id, id FROM leads_lead WHERE external_id = ANY (%s)",
    EMAIL: "SELECT email, id FROM leads_lead WHERE email = ANY (%s)",
    LEAD_ID: "SELECT id, id FROM leads_lead WHERE id = ANY (%s::bigint[])",
}
# Addresses that two merged leads gave up, with whose they were.
_GIVEN_UP = """
SELECT kept_email, kept_id FROM leads_merge WHERE undone_at IS NULL AND kept_email = ANY(%(emails)s)
UNION ALL
SELECT absorbed_email, absorbed_id FROM leads_merge
 WHERE undone_at IS NULL AND absorbed_email = ANY(%(emails)s)
"""


def given_up(emails: Collection[str]) -> dict[str, int]:
    """Of these addresses those that no lead has since two were merged, with the lead whose own each is."""
    if not emails:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN_UP, {"emails": list(emails)})
        return dict(cursor.fetchall())


def known_as(lead_key: str, value: str) -> int:
    """The lead that is found by an external id or an e-mail address. Raises Lead.DoesNotExist."""
    own = given_up([value]).get(value) if lead_key == EMAIL else None
    wanted = {"pk": own} if own is not None else {lead_key: value}
    pk, heir = Lead.objects.values_list("pk", "absorbed_into").get(**wanted)
    return int(heir or pk)


def find_named(wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The known leads among those named by (`external_id`, `email` or `id`, value), absorbed ones by what is
    their own.
    """
    found: dict[tuple[str, str], int] = {}
    for lead_key in (*LEAD_KEYS, LEAD_ID):
        values = [value for key, value in wanted if key == lead_key and _can_be(lead_key, value)]
        if values:
            with connection.cursor() as cursor:
                cursor.execute(_NAMED[lead_key], [values])
                found |= {(lead_key, str(value)): lead_id for value, lead_id in cursor.fetchall()}
    emails = [value for key, value in wanted if key == EMAIL]
    return found | {(EMAIL, email): lead_id for email, lead_id in given_up(emails).items()}


def _can_be(lead_key: str, value: str) -> bool:
    """Whether the database can look this up: a bigint has no more than 19 digits."""
    return lead_key != LEAD_ID or (value.isdecimal() and len(value) < 19)


class People:
    """The leads that a chunk of rows is about, their rows locked to the end of the transaction."""

    def __init__(self) -> None:
        self.records: list[LeadRecord] = []
        self._by_external_id: dict[str, LeadRecord] = {}
        self._by_email: dict[str, LeadRecord] = {}
        self._own: dict[tuple[str, str], LeadRecord] = {}

    def fetch(self, external_ids: Collection[str], emails: Collection[str]) -> None:
        """Read and lock the known leads among these."""
        found = {record.id: record for record in _records(_FETCH, list(external_ids), list(emails))}
        addresses = given_up(emails)
        self._fetch_by_id(found, addresses.values())
        self._fetch_by_id(found, [one.absorbed_into for one in found.values() if one.absorbed_into])
        for record in found.values():
            if record.absorbed_into is None:
                self._add(record)
        for record in found.values():
            if record.absorbed_into is not None:
                self._add_absorbed(record, found)
        for email, lead_id in addresses.items():
            self._is_own(EMAIL, email, found[lead_id], found)
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
        if lead is not None and self.own(external_id, email) is not None:
            has_one = lead.external_id or (EXTERNAL_ID, external_id) in self._own
            external_id, email = None if has_one else external_id, None
        if lead and external_id and lead.external_id not in (None, external_id):
            raise RowRefused(
                "external_id",
                f"The lead with the e-mail address “{email}” has the external id “{lead.external_id}”,"
                f" not “{external_id}”: correct one of them.",
            )
        return self._known_as(lead or self._new(), external_id, email)

    def own(self, external_id: str | None, email: str | None) -> LeadRecord | None:
        """Whose own these are, where the lead that is found by them has them by a merge; else None.

        That may be the lead itself, by an address that it gave up for the other's.
        """
        by_id = self._own.get((EXTERNAL_ID, external_id or ""))
        if by_id is not None or external_id in self._by_external_id:
            return by_id
        return self._own.get((EMAIL, email or ""))

    def absorbed(self) -> Iterable[LeadRecord]:
        """The leads that others have absorbed by whose keys some of these are found."""
        return {one.id: one for one in self._own.values() if one.absorbed_into is not None}.values()

    def changed(self) -> list[LeadRecord]:
        """The leads to write: new ones, and those that end other than they began."""
        return [lead for lead in self.records if lead.is_changed()]

    def _fetch_by_id(self, found: dict[int | None, LeadRecord], ids: Iterable[int]) -> None:
        missing = [pk for pk in ids if pk not in found]
        if missing:
            found |= {record.id: record for record in _records(_FETCH_BY_ID, missing)}

    def _add_absorbed(self, record: LeadRecord, found: Mapping[int | None, LeadRecord]) -> None:
        for lead_key, value in ((EXTERNAL_ID, record.external_id), (EMAIL, record.email)):
            if value:
                self._is_own(lead_key, value, record, found)

    def _is_own(
        self, lead_key: str, value: str, record: LeadRecord, found: Mapping[int | None, LeadRecord]
    ) -> None:
        self._own[lead_key, value] = record
        by = self._by_external_id if lead_key == EXTERNAL_ID else self._by_email
        by[value] = record if record.absorbed_into is None else found[record.absorbed_into]

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


def _records(statement: str, *wanted: list[str] | list[int]) -> list[LeadRecord]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(wanted))
        return [_record(*row) for row in cursor.fetchall()]


def _record(
    pk: int,
    external_id: str | None,
    email: str | None,
    account_id: int | None,
    team_id: int | None,
    owner_id: int | None,
    created_at: datetime,
    attributes: str,
    facts: str,
    words: str | None,
    absorbed_into: int | None,
) -> LeadRecord:
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
        absorbed_into=absorbed_into,
    )
