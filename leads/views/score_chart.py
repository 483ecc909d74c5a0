"""The course of a lead's score as an SVG: numbers in, a path and rectangles out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from leads.effective import band_of
from leads.models import Lead, ScoreChange
from leads.score_steps import Known
from leads.scorer import Band, Scale, scorer

WIDTH, HEIGHT = 640, 220
# To the right of the course there is room for the names of bands, which it must not cross.
LEFT, RIGHT, TOP, BOTTOM = 40, 92, 8, 28
SAMPLES = 60
MOST_KEPT = 300
HEADROOM = 1.08
JUST_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Zone:
    """A band as the background: `middle` is where its name goes."""

    band: Band
    y: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Point:
    """A score that began to hold at `at`."""

    at: datetime
    total: int
    band: Band


@dataclass(frozen=True, slots=True)
class Chart:
    """`path` is drawn over the zones; `points` are the same as numbers, the latest first."""

    path: str
    zones: Sequence[Zone]
    edges: Sequence[tuple[float, int]]
    points: Sequence[Point]
    since: datetime
    until: datetime
    lowest: int
    highest: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    inner: int = WIDTH - LEFT - RIGHT
    right: int = WIDTH - RIGHT


def chart_of(lead: Lead, *, now: datetime, days: int) -> Chart | None:
    """The course of the last so many days; None where less than two scores are kept or can be told."""
    since = max(now - timedelta(days=days), lead.created_at)
    found = _course(lead, since=since, until=now)
    if len(found) < 2 or since >= now:
        return None
    scale = scorer().scales().of(found[-1][2])
    totals = [total for _, total, _ in found]
    low, high = min(0, *totals), max(_top_edge(scale), *totals) * HEADROOM
    frame = _Frame(since, now, low, max(high, low + 1))
    zones = tuple(_zones(scale, frame))
    return Chart(
        path=_path([(at, total) for at, total, _ in found], frame),
        zones=zones,
        edges=[(frame.y(edge), edge) for band in scale.bands if (edge := band.lower_edge) is not None],
        points=list(reversed(_steps(found))),
        since=since,
        until=now,
        lowest=min(totals),
        highest=max(totals),
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    since: datetime
    until: datetime
    low: float
    high: float

    def x(self, at: datetime) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * ((at - self.since) / (self.until - self.since))

    def y(self, total: float) -> float:
        inside = min(max(total, self.low), self.high)
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (inside - self.low) / (self.high - self.low)


def _course(lead: Lead, *, since: datetime, until: datetime) -> list[tuple[datetime, int, int]]:
    """What was kept, and between that what is computed again: (at, total, version), in order."""
    kept = ScoreChange.objects.filter(lead_id=lead.pk, at__lte=until).order_by("-at")
    inside = list(reversed(kept.filter(at__gte=since)[:MOST_KEPT]))
    rows = [*kept.filter(at__lt=since)[:1], *inside]
    score = getattr(lead, "score", None)
    if not rows and score is None:
        return []
    versions = [(row.at, row.version_id) for row in rows]
    first = versions[0][1] if versions else getattr(score, "version_id", 0)

    def version_at(at: datetime) -> int:
        return next((version for begun, version in reversed(versions) if begun <= at), first)

    step = (until - since) / SAMPLES
    asked = [since + step * place for place in range(SAMPLES)] + [until]
    asked += [row.at - JUST_BEFORE for row in inside if row.at - JUST_BEFORE > since]
    moments = [Known(version_at(at), at) for at in asked]
    found = {at: (total, version_at(at)) for at, total in scorer().course(lead.pk, moments).items()}
    found |= {row.at: (row.total, row.version_id) for row in inside}
    return [(at, *found[at]) for at in sorted(found)]


def _steps(found: Sequence[tuple[datetime, int, int]]) -> list[Point]:
    """Those that differ from the one before."""
    scales = scorer().scales()
    changed = [found[0], *(now for was, now in pairwise(found) if was[1] != now[1])]
    return [Point(at, total, band_of(total, scales.of(version))) for at, total, version in changed]


def _top_edge(scale: Scale) -> int:
    return max(1, *(band.lower_edge or 0 for band in scale.bands))


def _path(points: Sequence[tuple[datetime, int]], frame: _Frame) -> str:
    """A score holds until the next one: steps, not slopes."""
    (first, total), *rest = points
    drawn = [f"M{frame.x(first):.1f} {frame.y(total):.1f}"]
    drawn += [f"H{frame.x(at):.1f}V{frame.y(one):.1f}" for at, one in rest]
    return "".join(drawn)


def _zones(scale: Scale, frame: _Frame) -> Iterator[Zone]:
    uppers = [band.lower_edge for band in scale.bands[1:]] + [None]
    for band, upper in zip(scale.bands, uppers, strict=True):
        bottom = frame.y(frame.low if band.lower_edge is None else band.lower_edge)
        top = frame.y(frame.high if upper is None else upper)
        yield Zone(band, top, bottom - top)
