"""A score taken apart for the eye: parts that add up, what counts, what can't be told and what doesn't."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from leads.effective import Effective, effective
from leads.models import Lead, Override, Score
from leads.overrides import active_then
from leads.scorer import Coming, Explanation, Line, Scale, Status, scorer

# How much of the bar lies above the edge of the top band, when the parts leave it free.
HEADROOM = 1.25
# A score that fades is due up to a second before it changes.
EARLY = timedelta(seconds=1)
STEPS_AHEAD = 5


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the bar, in hundredths of its width."""

    look: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Breakdown:
    """What the model says of a lead, and what counts in the end where a person overrode it.

    `then` is what time alone makes of it next, None where it changes nothing; `crossing` is when that first
    brings another band, None where that is none of the next few changes.
    """

    explanation: Explanation
    effective: Effective
    override: Override | None
    parts: Sequence[Part]
    edges: Sequence[Part]
    counted: Sequence[Line]
    unknown: Sequence[Line]
    unmet: Sequence[Line]
    then: Coming | None
    crossing: Coming | None

    @property
    def is_overridden(self) -> bool:
        return self.override is not None and self.effective.total != self.explanation.total

    @property
    def asked(self) -> int:
        """The points that the override asks for; with `effective.clip` they lead from total to total."""
        return self.effective.total - self.effective.clip - self.explanation.total


def break_down(lead: Lead, *, now: datetime, known_at: datetime | None = None) -> Breakdown | None:
    """The score of a lead at that moment, by what was known at another; None where no model scores it.

    Where that other moment is given, nothing is said of what comes next.
    """
    explanation = scorer().explain(lead.pk, as_of=now, known_at=known_at)
    if explanation is None:
        return None
    override = active_then(lead.pk, as_of=now, known_at=known_at)
    return _broken_down(explanation, override, [] if known_at is not None else list(_ahead(explanation)))


def break_down_now(lead: Lead, override: Override | None, *, now: datetime) -> Breakdown | None:
    """The same of this moment, where the override that is active is known already."""
    explanation = scorer().explain(lead.pk, as_of=now)
    if explanation is None:
        return None
    return _broken_down(explanation, override, list(_ahead(explanation)))


def _broken_down(explanation: Explanation, override: Override | None, ahead: Sequence[Coming]) -> Breakdown:
    scale = scorer().scales().of(explanation.version_id)
    said = Score(total=explanation.total, band=explanation.band.rank)
    return Breakdown(
        explanation=explanation,
        effective=effective(said, override, scale),
        override=override,
        parts=_parts(explanation, scale),
        edges=_edges(explanation, scale),
        counted=_strongest(explanation, Status.MET, Status.CLIP),
        unknown=_strongest(explanation, Status.UNKNOWN),
        unmet=_strongest(explanation, Status.NOT_MET),
        then=ahead[0] if ahead else None,
        crossing=ahead[-1] if ahead and ahead[-1].band.rank != explanation.band.rank else None,
    )


def _ahead(explanation: Explanation) -> Iterator[Coming]:
    """What time alone makes of it, step by step until the band is another one; a few steps at most."""
    then: Explanation | Coming = explanation
    for _step in range(STEPS_AHEAD):
        if then.due_at is None or then.band.rank != explanation.band.rank:
            return
        found = scorer().coming(explanation.lead_id, at=then.due_at + EARLY)
        if found is None:
            return
        yield found
        then = found


def _strongest(explanation: Explanation, *statuses: Status) -> list[Line]:
    """The lines of these kinds: rules by the weight of their points, what clips them last."""
    lines = [line for line in explanation.lines if line.status in statuses]
    return sorted(lines, key=lambda line: (line.status is Status.CLIP, -abs(line.points or line.would_give)))


def _parts(explanation: Explanation, scale: Scale) -> list[Part]:
    """Engagement and fit as stretches of the bar; what is below 0 takes from the end."""
    full, at, parts = _full(explanation, scale), 0.0, []
    for look, points in (("accent", explanation.engagement), ("accent-soft", explanation.fit)):
        width = 100 * max(points, 0) / full
        parts.append(Part(look, at, width))
        at += width
    lost = -100 * sum(min(points, 0) for points in (explanation.engagement, explanation.fit)) / full
    if lost:
        parts.append(Part("lost", max(at - lost, 0), min(lost, at or lost)))
    return parts


def _edges(explanation: Explanation, scale: Scale) -> list[Part]:
    full = _full(explanation, scale)
    edges = (band.lower_edge for band in scale.bands if band.lower_edge)
    return [Part("edge", 100 * edge / full, 0.4) for edge in edges if 0 < edge < full]


def _full(explanation: Explanation, scale: Scale) -> float:
    """The points that the whole bar stands for."""
    gained = max(explanation.engagement, 0) + max(explanation.fit, 0)
    top = max((band.lower_edge or 0 for band in scale.bands), default=0)
    return max(gained, top * HEADROOM, scale.ceiling or 0, 1)
