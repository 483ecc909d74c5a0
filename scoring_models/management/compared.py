"""Two moments of a lead compared, for a terminal and as JSON."""

from collections.abc import Iterator
from datetime import UTC, datetime

from leads.models import Lead
from leads.score_steps import Comparison, Standing


def as_data(comparison: Comparison, lead: Lead) -> dict[str, object]:
    """A comparison as JSON. Moments are ISO 8601 in UTC."""
    return {
        "lead": lead.pk,
        "external_id": lead.external_id,
        "before": _standing(comparison.before),
        "after": _standing(comparison.after),
        "points": comparison.points,
        "steps": [
            {
                "kind": step.kind,
                "points": step.points,
                "changes": [
                    {"key": one.key, "sentence": one.sentence, "before": one.before, "after": one.after}
                    for one in step.changes
                ],
            }
            for step in comparison.steps
        ],
    }


def as_table(comparison: Comparison, lead: Lead) -> Iterator[str]:
    """A comparison line by line."""
    yield lead.name
    yield from map(_said, (comparison.before, comparison.after))
    if not comparison.steps:
        yield "Nothing changed."
    for step in comparison.steps:
        yield ""
        yield f"{step.kind.label} {step.points:+d}"
        yield from (f"  {one.points:>+6}  {one.sentence}" for one in step.changes)


def _said(standing: Standing) -> str:
    model = "" if standing.total == standing.effective else f" (the model says {standing.total})"
    minute = f"{standing.moment.as_of.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"{minute}: {standing.effective}{model}, {standing.band}, {standing.version_label}"


def _standing(standing: Standing) -> dict[str, object]:
    return {
        "as_of": iso(standing.moment.as_of),
        "known_at": iso(standing.moment.known_at),
        "version": standing.version_id,
        "version_label": standing.version_label,
        "total": standing.total,
        "effective": standing.effective,
        "band": standing.band,
    }


def iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
