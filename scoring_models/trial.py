"""Testing a version on one lead, real or typed in, beside the live version. Nothing is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from leads.models import Lead
from leads.scorer import Band, Line
from leadscoring.errors import DomainError
from scoring_models import evaluation, imagined
from scoring_models.evaluation import Detail
from scoring_models.evidence import Known
from scoring_models.explanation import lines_of
from scoring_models.imagined import Imagined
from scoring_models.scales import band_of
from scoring_models.spec import Audiences, Spec


@dataclass(frozen=True, slots=True)
class Side:
    """What one version says. The points of its lines add up to its total.

    `is_scored`: whether it would score this lead; else another model does, and this is what it would say.
    """

    engagement: int
    fit: int
    total: int
    band: Band
    lines: tuple[Line, ...]
    is_scored: bool = True


@dataclass(frozen=True, slots=True)
class Pair:
    """One rule or limit with either version; None where a version doesn't have it."""

    live: Line | None
    tested: Line | None

    @property
    def difference(self) -> int:
        return (self.tested.points if self.tested else 0) - (self.live.points if self.live else 0)

    @property
    def is_reworded(self) -> bool:
        """Whether the rule counts something else now."""
        return bool(self.live and self.tested and self.live.sentence != self.tested.sentence)

    @property
    def matters(self) -> bool:
        """Whether it gives or takes something in either version."""
        return any(line and line.points for line in (self.live, self.tested))


@dataclass(frozen=True, slots=True)
class Trial:
    """What the tested version says of a lead and what the live one says, None where it says nothing."""

    tested: Side | None
    live: Side | None

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Every rule and limit of both, in the order of the tested version."""
        return tuple(_pairs(self.live, self.tested))

    @property
    def difference(self) -> int:
        return (self.tested.total if self.tested else 0) - (self.live.total if self.live else 0)


def on_lead(
    lead_id: int, spec: Spec, live: Spec | None, *, as_of: datetime, earlier: Audiences = ()
) -> Trial:
    """Test on a lead that is there. `earlier` are the audiences that are asked before either version's.

    Raises DomainError: `cannot_compute`, and `not_scored` for whom nothing may score.
    """

    def side(of: Spec | None) -> Side | None:
        return None if of is None else _side(of, evaluation.detail(of, lead_id, as_of, earlier=earlier))

    try:
        return Trial(side(spec), side(live))
    except Lead.DoesNotExist:
        raise DomainError("not_scored", _("This person objects to being scored.")) from None


def on_imagined(
    lead: Imagined, spec: Spec, live: Spec | None, *, as_of: datetime, earlier: Audiences = ()
) -> Trial:
    """Test on a lead that somebody typed in. Raises DomainError: `cannot_compute`, `cannot_read`."""
    known = imagined.known(lead, as_of)

    def side(of: Spec | None) -> Side | None:
        if of is None:
            return None
        [found] = imagined.details(of, [lead], as_of=as_of, earlier=earlier)
        return _side(of, found, known)

    return Trial(side(spec), side(live))


def _side(spec: Spec, found: Detail, known: Known | None = None) -> Side:
    lines = lines_of(spec, found, known)
    return Side(found.engagement, found.fit, found.total, band_of(spec, found.band), lines, found.is_scored)


def _pairs(live: Side | None, tested: Side | None) -> Iterator[Pair]:
    before = {line.key: line for line in live.lines} if live else {}
    for line in tested.lines if tested else ():
        yield Pair(before.pop(line.key, None), line)
    for line in before.values():
        yield Pair(line, None)
