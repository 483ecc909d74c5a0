"""A plan as what the two ways in for files are asked for."""

from datetime import datetime
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.imports.plan import NEW, Plan
from leads.imports.targets import is_known, name_of
from leads.ingestion.identity import EMAIL, EXTERNAL_ID
from leads.ingestion.lead_import import LeadImport
from leads.ingestion.mapping import Mapped, OutcomeColumn
from leads.ingestion.signal_columns import LEAD, OCCURRED_AT, TYPE, SignalColumns
from leads.ingestion.signal_import import SignalImport
from leads.ingestion.sources.table import Header
from leads.models import FileKind, OutcomeKind
from leads.moments import zone
from leads.text import normalise
from leadscoring.errors import DomainError
from leadscoring.people.models import Team, User


def mapping_of(kind: FileKind, plan: Plan) -> tuple[Mapped, ...]:
    """What each column means. Raises DomainError where two mean the same."""
    columns: dict[str, str] = {}
    for column, target in plan.targets.items():
        for part in filter(None, target.split(",")):
            other = columns.setdefault(part.removeprefix(NEW), column)
            if other != column:
                said = _("Both “%(one)s” and “%(other)s” become “%(name)s”: choose something else for one.")
                names = {"one": other, "other": column, "name": name_of(kind, part)}
                raise DomainError("mapping.twice", said % names)
    return tuple(Mapped(column, target) for target, column in columns.items())


def lead_import(plan: Plan, path: Path) -> LeadImport:
    """Raises DomainError."""
    return LeadImport(
        path=path,
        mapping=mapping_of(FileKind.LEADS, plan),
        create_attributes=any(NEW in target for target in plan.targets.values()),
        outcome=_outcome(plan),
        missing=_listed(plan.missing),
        source=plan.source or None,
        team=Team.objects.filter(pk=plan.team).first() if plan.team else None,
        owner=User.objects.filter(pk=plan.owner, is_active=True).first() if plan.owner else None,
        wish=plan.wish,
    )


def signal_import(plan: Plan, path: Path) -> SignalImport:
    """Raises DomainError."""
    try:
        local = zone(plan.timezone)
    except ValueError as error:
        raise DomainError("timezone.unknown", f"{error}.") from None
    return SignalImport(
        path=path,
        mapping=mapping_of(FileKind.SIGNALS, plan),
        type_name=plan.type_name or None,
        lead_key=plan.lead_key,
        zone=local,
        source=plan.source or "import",
        wish=plan.wish,
    )


def signal_columns(asked: SignalImport, header: Header, *, now: datetime) -> SignalColumns:
    """Raises DomainError where the mapping makes no signals."""
    return SignalColumns(
        asked.mapping,
        header,
        lead_key=asked.lead_key,
        type_name=asked.type_name,
        zone=asked.zone,
        now=now,
    )


def check(kind: FileKind, plan: Plan, header: Header) -> None:
    """Raises DomainError where the plan can't be carried out."""
    for column, target in plan.targets.items():
        if not is_known(kind, target):
            said = _("“%(column)s” can't become “%(target)s”: choose what it means anew.")
            raise DomainError("mapping.unknown", said % {"column": column, "target": target})
    check_whole(kind, plan)
    if kind == FileKind.SIGNALS:
        signal_columns(signal_import(plan, Path()), header, now=timezone.now())


def check_whole(kind: FileKind, plan: Plan) -> None:
    """Raises DomainError where a column is missing without which nothing can be imported."""
    found = {one.target for one in mapping_of(kind, plan)}
    if kind == FileKind.LEADS:
        if not found & {EXTERNAL_ID, EMAIL}:
            raise DomainError("mapping.identity", _NOBODY % _both_names(EXTERNAL_ID, EMAIL))
        return
    given = found | ({TYPE} if plan.type_name else set())
    for target in (LEAD, OCCURRED_AT, TYPE):
        if target not in given:
            said = _NO_TYPE if target == TYPE else _MISSING
            raise DomainError("mapping.missing", said % {"name": name_of(kind, target)})


_NOBODY = gettext_lazy(
    "No column tells which person a row is about. Choose “%(one)s” or “%(other)s” for the column that does;"
    " a file without either can't be imported."
)
_MISSING = gettext_lazy("No column is “%(name)s”: choose it for the column that tells it.")
_NO_TYPE = gettext_lazy(
    "No column is “%(name)s”: choose it for the column that tells it, or name one type for all rows."
)


def _both_names(one: str, other: str) -> dict[str, str]:
    return {"one": name_of(FileKind.LEADS, one), "other": name_of(FileKind.LEADS, other)}


def _outcome(plan: Plan) -> OutcomeColumn | None:
    if not plan.outcome_column:
        return None
    said = {
        OutcomeKind.CONVERTED: plan.converted,
        OutcomeKind.LOST: plan.lost,
        OutcomeKind.DISQUALIFIED: plan.disqualified,
    }
    pairs = [(value, kind) for kind, texts in said.items() for value in _listed(texts)]
    kinds = tuple((normal, kind) for value, kind in pairs if (normal := normalise(value)))
    return OutcomeColumn(plan.outcome_column, kinds) if kinds else None


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
