"""What a message says of a lead: thin, in names that stay; whoever wants more asks the API."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from leads.effective import effective
from leads.models import Cause, Lead, Override, OverrideKind, Score, WebhookMark
from leads.scorer import Band, Reason, Scales
from leadscoring.hooks.emitting import moment
from leadscoring.hooks.models import EventKind

REASONS = 3
CAUSES = {cause: str(cause.name).lower() for cause in Cause}


@dataclass(frozen=True, slots=True)
class Known:
    """What messages are made of; `replaced` are ids of overrides in whose place another one came."""

    leads: Mapping[int, Lead]
    overrides: Mapping[int, Override]
    replaced: Collection[int]
    scales: Scales
    reasons: Mapping[int, Sequence[Reason]]

    def band(self, version_id: int | None, rank: int | None) -> Band | None:
        """The band of a stored score; None where there was none."""
        if version_id is None or rank is None or not self.scales.all:
            return None
        return self.scales.of(version_id).band_at(rank)

    def lowest_band(self, version_id: int | None) -> Band | None:
        return None if version_id is None else self.band(version_id, -32_768)

    def active(self, lead_id: int, at: datetime) -> Override | None:
        """The override that counted then."""
        of_lead = (one for one in self.overrides.values() if one.lead_id == lead_id)
        return next((one for one in of_lead if one.starts_at <= at < one.ends_at), None)


def data_of(mark: WebhookMark, known: Known) -> dict[str, Any]:
    """The `data` of a mark's message."""
    override = known.active(mark.lead_id, mark.at)
    return {
        "lead": _lead(known.leads[mark.lead_id]),
        "score": mark.total,
        "engagement": mark.engagement,
        "fit": mark.fit,
        "band": _band(known.band(mark.version_id, mark.band)),
        "version": _version(mark.version_id, known),
        "reasons": [
            {"rule": reason.key, "says": reason.sentence, "points": reason.points}
            for reason in known.reasons.get(mark.sequence, ())[:REASONS]
        ],
        "effective": _effective(mark, override, known),
        "at": _moment(mark.at),
        "due_at": _moment(mark.due_at),
        **(_of_override(mark, known) if mark.override_id else _of_change(mark, known)),
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else moment(at)


def _of_change(mark: WebhookMark, known: Known) -> dict[str, Any]:
    previous = None
    if mark.previous_version_id is not None:
        previous = {
            "score": mark.previous_total,
            "band": _band(known.band(mark.previous_version_id, mark.previous_band)),
            "version": _version(mark.previous_version_id, known),
        }
    return {"previous": previous, "causes": [name for cause, name in CAUSES.items() if mark.cause & cause]}


def _of_override(mark: WebhookMark, known: Known) -> dict[str, Any]:
    """What the override says, and what counted before it began or ended."""
    override = known.overrides[mark.override_id or 0]
    began = mark.kind == EventKind.OVERRIDE_SET
    before = known.overrides.get(override.replaces_id or 0) if began else override
    return {
        "previous": {"effective": _effective(mark, before, known)},
        "override": {
            "id": override.pk,
            "kind": override.kind,
            "points": override.points,
            "band": override.band or None,
            "reason": override.reason,
            "author": override.author_id,
            "starts_at": _moment(override.starts_at),
            "ends_at": _moment(override.planned_end or override.ends_at)
            if began
            else _moment(override.ends_at),
        },
    }


def _effective(mark: WebhookMark, override: Override | None, known: Known) -> dict[str, Any] | None:
    """The score and band that count with an override; null for a lead without a score."""
    if mark.total is None or mark.band is None or mark.version_id is None or not known.scales.all:
        return None
    score = Score(total=mark.total, band=mark.band)
    counted = effective(score, override, known.scales.of(mark.version_id))
    return {
        "score": counted.total,
        "band": _band(counted.band),
        "override": override and override.pk,
        "held_back": override is not None and override.kind == OverrideKind.HOLD,
    }


def _lead(lead: Lead) -> dict[str, Any]:
    return {
        "id": lead.pk,
        "external_id": lead.external_id,
        "url": f"{settings.PUBLIC_URL}/leads/{lead.pk}/",
    }


def _band(band: Band | None) -> dict[str, str] | None:
    return None if band is None else {"key": band.key, "name": band.name}


def _version(version_id: int | None, known: Known) -> dict[str, Any] | None:
    if version_id is None:
        return None
    scale = next((scale for scale in known.scales.all if scale.version_id == version_id), None)
    return {"id": version_id, "name": scale.label if scale else ""}
