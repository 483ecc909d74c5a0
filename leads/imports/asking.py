"""A plan as what the two ways in for files are asked for."""

from datetime import datetime
from pathlib import Path

from django.utils import timezone

from leads.imports.plan import NEW, Plan
from leads.ingestion.columns import check_identity
from leads.ingestion.lead_import import LeadImport
from leads.ingestion.mapping import Mapped, OutcomeColumn, each_once
from leads.ingestion.signal_columns import SignalColumns
from leads.ingestion.signal_import import SignalImport
from leads.ingestion.sources.table import Header
from leads.models import FileKind, OutcomeKind
from leads.moments import zone
from leads.text import normalise
from leadscoring.errors import DomainError
from leadscoring.people.models import Team, User


def mapping_of(plan: Plan) -> tuple[Mapped, ...]:
    """What each column means. Raises DomainError where two mean the same."""
    return each_once(
        tuple(
            Mapped(column, part.removeprefix(NEW))
            for column, target in plan.targets.items()
            for part in target.split(",")
            if part
        )
    )


def lead_import(plan: Plan, path: Path) -> LeadImport:
    """Raises DomainError."""
    return LeadImport(
        path=path,
        mapping=mapping_of(plan),
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
        mapping=mapping_of(plan),
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


def check(kind: str, plan: Plan, header: Header) -> None:
    """Raises DomainError where the plan can't be carried out."""
    if kind == FileKind.LEADS:
        check_identity(lead_import(plan, Path()).mapping)
    else:
        signal_columns(signal_import(plan, Path()), header, now=timezone.now())


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
