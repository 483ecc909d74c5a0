"""What messages tell of people: leads made or found by their names, attributes dated by the messages' times.

The order in which messages come changes nothing: a lead is made with its names alone, so that every value has
a time of its own; and by what somebody is known (e-mail, company) follows the newest message, not the latest
to come.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from leads.attributes import Raw
from leads.ingestion.identity import EMAIL, EXTERNAL_ID
from leads.ingestion.leads import save_leads
from leads.ingestion.people import find_named
from leads.ingestion.rows import LeadRow
from leads.intake import names
from leads.intake.reading import Name, Reading
from leads.models import IntakeIdentity, Lead
from leadscoring.people.models import User

COMPANY = ("company", "company_domain")
Refuse = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Message:
    """A message that has been read. `number` is its place in the batch."""

    number: int
    message_id: str
    source: str
    reading: Reading

    @property
    def order(self) -> tuple[datetime, str]:
        """Messages are told in the order of their times, whenever they came."""
        return self.reading.at, self.message_id


@dataclass(frozen=True, slots=True)
class Person:
    """By what a known lead is found, for a row that tells of it."""

    lead_id: int
    external_id: str | None
    email: str | None

    def row(self, number: int, values: Mapping[str, Raw], at: datetime | None = None) -> LeadRow:
        """A row that tells this of them."""
        if self.external_id is not None:
            return LeadRow(number, values, external_id=self.external_id, values_at=at)
        return LeadRow(number, {**values, "email": self.email}, values_at=at)


def make_people(messages: Sequence[Message], *, at: datetime, lead_source: str, refuse: Refuse) -> None:
    """Make leads of whom an e-mail address names, or learn their names; `refuse` hears which clash."""
    naming = sorted((one for one in messages if one.reading.name(EMAIL)), key=lambda one: one.order)
    if not naming:
        return
    external_ids = _external_ids(naming)
    taken = find_named({(EXTERNAL_ID, own) for one in naming if (own := one.reading.name(EXTERNAL_ID))})
    rows: list[LeadRow] = []
    aliases: list[tuple[Name, Name]] = []
    for one in naming:
        email, own = str(one.reading.name(EMAIL)), one.reading.name(EXTERNAL_ID)
        known = external_ids[email]
        if own != known and (EXTERNAL_ID, own) in taken:
            said = _("%(id)s and %(email)s are two leads. Merge them, or correct one of them.")
            refuse(one.number, said % {"id": own, "email": email})
            continue
        rows.append(LeadRow(one.number, {"email": email}, external_id=own if own == known else None))
        if own is not None and known is not None and own != known:
            aliases.append((Name(EXTERNAL_ID, own), Name(EXTERNAL_ID, known)))
    by = _sender(naming)
    saved = save_leads(rows, at=at, actor=User.objects.system(), source=lead_source, told_by=by)
    for refusal in saved.refusals:
        refuse(refusal.number, refusal.reason)
    names.add_aliases(aliases)


def _external_ids(naming: Iterable[Message]) -> dict[str, str | None]:
    """By e-mail address the id under which its lead is, or will be, known; other ids are its aliases."""
    emails = {str(one.reading.name(EMAIL)) for one in naming}
    leads = Lead.objects.filter(email__in=emails, external_id__isnull=False)
    known = {str(email): external_id for email, external_id in leads.values_list("email", "external_id")}
    for one in naming:
        email = str(one.reading.name(EMAIL))
        known[email] = known.get(email) or one.reading.name(EXTERNAL_ID)
    return known


def tell(messages: Sequence[tuple[Message, int]], *, at: datetime, refuse: Refuse) -> None:
    """Write what messages say of leads, whose ids come with them."""
    telling = sorted(
        ((one, lead_id) for one, lead_id in messages if one.reading.values or one.reading.name(EMAIL)),
        key=lambda pair: pair[0].order,
    )
    if not telling:
        return
    by = _sender([one for one, _lead_id in telling])
    people = _people({lead_id for _one, lead_id in telling})
    identity = _identities(telling)
    said = [(one, people[lead_id]) for one, lead_id in telling]
    _save(
        [
            person.row(one.number, _company(one.reading.values))
            for one, person in said
            if _company(one.reading.values)
        ]
        + _newest(people, identity),
        at=at,
        told_by=by,
        refuse=refuse,
    )
    dated = [
        person.row(one.number, _without_email(one.reading.values), one.reading.at)
        for one, person in said
        if _without_email(one.reading.values)
    ]
    if any(_company(row.values) for row in dated):
        dated += _newest(people, identity)
    _save(dated, at=at, told_by=by, refuse=refuse)


def _sender(messages: Sequence[Message]) -> str:
    """Who sent these; they are saved together."""
    return ", ".join(sorted({one.source for one in messages}))


def _save(rows: Sequence[LeadRow], *, at: datetime, told_by: str, refuse: Refuse) -> None:
    if rows:
        for refusal in save_leads(rows, at=at, actor=User.objects.system(), told_by=told_by).refusals:
            refuse(refusal.number, refusal.reason)


def _people(lead_ids: set[int]) -> dict[int, Person]:
    rows = Lead.objects.filter(pk__in=lead_ids).values_list("pk", "external_id", "email")
    return {pk: Person(pk, external_id, email) for pk, external_id, email in rows}


def _identities(telling: Iterable[tuple[Message, int]]) -> dict[int, IntakeIdentity]:
    """What was said last of each lead's identity, by the messages' own times; kept for later ones."""
    said: dict[int, dict[str, list[Any]]] = defaultdict(dict)
    for one, lead_id in telling:
        stamp = [one.reading.at.astimezone(UTC).isoformat(timespec="microseconds"), one.message_id]
        if (email := one.reading.name(EMAIL)) is not None:
            said[lead_id]["email"] = [*stamp, email]
        if company := _company(one.reading.values):
            said[lead_id]["company"] = [*stamp, company]
    found = {row.pk: row for row in IntakeIdentity.objects.filter(pk__in=said).select_for_update()}
    for lead_id, told in said.items():
        kept = found.setdefault(lead_id, IntakeIdentity(lead_id=lead_id)).told
        for field, last in told.items():
            kept[field] = max(kept.get(field, last), last, key=lambda stamp: stamp[:2])
    IntakeIdentity.objects.bulk_create(
        found.values(), update_conflicts=True, update_fields=("told",), unique_fields=("lead",)
    )
    return found


def _newest(people: Mapping[int, Person], identity: Mapping[int, IntakeIdentity]) -> list[LeadRow]:
    """Rows that say last what is newest of the identity of each."""
    rows = []
    for lead_id, one in identity.items():
        values: dict[str, Raw] = dict(one.told["company"][2]) if "company" in one.told else {}
        if people[lead_id].external_id is not None and "email" in one.told:
            values["email"] = one.told["email"][2]
        if values:
            rows.append(people[lead_id].row(-1, values))
    return rows


def _company(values: Mapping[str, Raw]) -> dict[str, Raw]:
    return {key: values[key] for key in COMPANY if key in values}


def _without_email(values: Mapping[str, Raw]) -> dict[str, Raw]:
    return {key: value for key, value in values.items() if key != "email"}
