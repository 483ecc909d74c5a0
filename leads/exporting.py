"""Leads as a file for a spreadsheet: all that is known of them, in columns that an import takes back.

Importing an export changes nothing: columns are called what imports call them, and values are as they were
given. Score and band are the model's; an import leaves them alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from leads import access
from leads.attributes import definitions
from leads.models import Attribute, Entity, Kind, Lead
from leads.scorer import Scales, scorer
from leads.search import all_found
from leads.spreadsheets.cells import typed
from leads.spreadsheets.writing import Cells
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User

CHUNK = 500
BEFORE = ("external_id", "created_at")
AFTER = ("team", "owner", "score", "band")
NOTHING: Mapping[int, Cells] = {}


def export_leads(*, lead_ids: Sequence[int], actor: User, at: datetime) -> Iterator[Cells]:
    """Rows, header first, of those of the leads that the actor may see, in the order given.

    The permission is checked, and the export noted in the audit, at once.
    Raises DomainError `export.not_yours`.
    """
    if not access.works_leads(actor):
        raise DomainError("export.not_yours", _("This list is for reps and managers."))
    record(action="leads.exported", target=actor, actor=actor, at=at, leads=len(lead_ids))
    return _rows(_chosen(lead_ids, actor))


def export_found(
    *, query: str, actor: User, at: datetime, among: QuerySet[Lead] | None = None
) -> Iterator[Cells]:
    """The same of all leads that the actor may see, or of some `among` them, that a search finds."""
    found = all_found(user=actor, query=query, among=among)
    record(action="leads.exported", target=actor, actor=actor, at=at, leads=found.count())
    # Not by one cursor: the file is written while its rows are read, and may take as long as a download.
    return _rows(_in_turn(found.values_list("pk", flat=True), actor))


def export_told(
    *, told: Mapping[int, Cells], heads: Sequence[str], actor: User, at: datetime
) -> Iterator[Cells]:
    """The same of leads, by id, that a list of another page has, each with what that page tells of it behind.

    `heads` are the columns of that; those of the leads that the actor may not see are left out.
    """
    record(action="leads.exported", target=actor, actor=actor, at=at, leads=len(told))
    return _rows(_chosen(list(told), actor), told, heads)


def _chosen(lead_ids: Sequence[int], actor: User) -> Iterator[Lead]:
    leads = access.visible_leads(actor).select_related("account", "owner", "team", "score")
    for start in range(0, len(lead_ids), CHUNK):
        wanted = lead_ids[start : start + CHUNK]
        seen = leads.in_bulk(wanted)
        yield from (seen[lead_id] for lead_id in wanted if lead_id in seen)


def _in_turn(lead_ids: Iterable[int], actor: User) -> Iterator[Lead]:
    yield from _chosen(list(lead_ids), actor)


def _rows(
    leads: Iterable[Lead], told: Mapping[int, Cells] = NOTHING, heads: Sequence[str] = ()
) -> Iterator[Cells]:
    attributes = sorted(definitions().values(), key=lambda one: (one.entity, not one.standard, one.pk))
    scales = scorer().scales()
    yield (*BEFORE, *(one.key for one in attributes), *AFTER, *heads)
    for lead in leads:
        yield (*_cells(lead, attributes, scales), *told.get(lead.pk, ()))


def _cells(lead: Lead, attributes: Sequence[Attribute], scales: Scales) -> Cells:
    company = {} if lead.account is None else lead.account.attributes
    given = {Entity.LEAD: lead.attributes, Entity.ACCOUNT: company}
    score = getattr(lead, "score", None)
    return (
        lead.external_id,
        lead.created_at.astimezone(UTC),
        *(_value(one, given[Entity(one.entity)].get(one.key)) for one in attributes),
        None if lead.team is None else lead.team.name,
        None if lead.owner is None else lead.owner.email,
        None if score is None else score.total,
        None if score is None else scales.of(score.version_id).band_at(score.band).name,
    )


def _value(attribute: Attribute, given: str | None) -> object:
    return typed(given) if attribute.kind == Kind.NUMBER else given
