"""Leads of a queue as CSV, for a spreadsheet that runs nothing of it."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from leads import access
from leads.models import Lead
from leads.queue.nurture import PERSON, inert
from leads.scorer import Scales, scorer
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User

CHUNK = 500
COLUMNS = ("external_id", *PERSON, "company", "owner", "score", "band")


def export_leads(*, lead_ids: Sequence[int], actor: User, at: datetime) -> Iterator[str]:
    """Lines of CSV, header first, of those of the leads that the actor may see, in the order given.

    Score and band are the model's. The permission is checked, and the export noted in the audit, at once.
    Raises DomainError `export.not_yours`.
    """
    if not access.works_leads(actor):
        raise DomainError("export.not_yours", _("This list is for reps and managers."))
    record(action="leads.exported", target=actor, actor=actor, at=at, leads=len(lead_ids))
    return _lines(lead_ids, actor, scorer().scales())


def _lines(lead_ids: Sequence[int], actor: User, scales: Scales) -> Iterator[str]:
    yield _text([COLUMNS])
    for start in range(0, len(lead_ids), CHUNK):
        wanted = lead_ids[start : start + CHUNK]
        seen = access.visible_leads(actor).select_related("account", "owner", "score").in_bulk(wanted)
        yield _text([_cells(seen[lead_id], scales) for lead_id in wanted if lead_id in seen])


def _cells(lead: Lead, scales: Scales) -> tuple[object, ...]:
    score = getattr(lead, "score", None)
    company = None if lead.account is None else lead.account.attributes.get("company")
    return (
        inert(lead.external_id),
        *(inert(lead.attributes.get(key)) for key in PERSON),
        inert(company),
        inert(lead.owner),
        "" if score is None else score.total,
        "" if score is None else inert(scales.of(score.version_id).band_at(score.band).name),
    )


def _text(rows: Sequence[Sequence[object]]) -> str:
    lines = io.StringIO()
    csv.writer(lines).writerows(rows)
    return lines.getvalue()
