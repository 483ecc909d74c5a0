"""The geometry of charts that templates draw as SVG: numbers in, paths out."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Ribbon:
    """Leads that go from one node to another: `path` is an SVG path, `look` the node that they come to."""

    was: int
    becomes: int
    leads: int
    path: str

    @property
    def stays(self) -> bool:
        return self.was == self.becomes


@dataclass(frozen=True, slots=True)
class Node:
    """A band at one side of the flow: `middle` is where its label goes, from the top."""

    rank: int
    leads: int
    middle: float


@dataclass(frozen=True, slots=True)
class Flow:
    """Ribbons between the bands of two versions, `width` × `height` units, the highest band on top."""

    left: tuple[Node, ...]
    right: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]
    width: int
    height: int


WIDTH, HEIGHT = 460, 216
GAP = 14.0  # between bands, so that their labels don't touch
THINNEST = 1.2
LABEL = 15.0  # the least that a band takes


def flow(cells: Sequence[tuple[int, int, int]], bands: int, bands_then: int) -> Flow:
    """The flow of `cells` (from rank, to rank, leads). Thickness grows with the square root of leads.

    Else one could see nothing but the lowest band, where nearly all leads are.
    """
    wide = {(was, becomes): sqrt(leads) for was, becomes, leads in cells}
    left = {rank: sum(size for (was, _), size in wide.items() if was == rank) for rank in range(bands)}
    right = {
        rank: sum(size for (_, becomes), size in wide.items() if becomes == rank)
        for rank in range(bands_then)
    }
    scale = min(_scale(left), _scale(right))
    tops = _tops(left, scale), _tops(right, scale)
    ribbons = []
    for was, becomes, leads in sorted(cells, key=lambda cell: (-cell[0], -cell[1])):
        thick = max(wide[was, becomes] * scale, THINNEST)
        ribbons.append((was, becomes, leads, tops[0][was], thick))
        tops[0][was] += thick
    drawn = []
    for was, becomes, leads, top, thick in sorted(ribbons, key=lambda each: (-each[1], -each[0])):
        drawn.append(Ribbon(was, becomes, leads, _ribbon(top, tops[1][becomes], thick)))
        tops[1][becomes] += thick
    return Flow(
        _nodes(left, scale, {rank: sum(c[2] for c in cells if c[0] == rank) for rank in left}),
        _nodes(right, scale, {rank: sum(c[2] for c in cells if c[1] == rank) for rank in right}),
        tuple(drawn),
        WIDTH,
        HEIGHT,
    )


def _scale(sizes: dict[int, float]) -> float:
    """Units a root of a lead, so that all bands and their gaps fit into the height."""
    room = HEIGHT - GAP * (len(sizes) - 1)
    large = dict(sizes)
    while large:
        scale = room / (sum(large.values()) or 1)
        small = [rank for rank, size in large.items() if size * scale < LABEL]
        if not small:
            return scale
        room -= LABEL * len(small)
        large = {rank: size for rank, size in large.items() if rank not in small}
    return 0.0


def _tops(sizes: dict[int, float], scale: float) -> dict[int, float]:
    tops, top = {}, 0.0
    for rank in sorted(sizes, reverse=True):
        tall = max(sizes[rank] * scale, LABEL)
        tops[rank] = top + (tall - sizes[rank] * scale) / 2
        top += tall + GAP
    return tops


def _nodes(sizes: dict[int, float], scale: float, leads: dict[int, int]) -> tuple[Node, ...]:
    tops = _tops(sizes, scale)
    return tuple(
        Node(rank, leads[rank], round(tops[rank] + sizes[rank] * scale / 2, 1))
        for rank in sorted(sizes, reverse=True)
    )


def _ribbon(left: float, right: float, thick: float) -> str:
    """A band of even thickness that swings from the left edge to the right one."""
    half = WIDTH / 2
    return (
        f"M0 {left:.1f}C{half} {left:.1f} {half} {right:.1f} {WIDTH} {right:.1f}V{right + thick:.1f}"
        f"C{half} {right + thick:.1f} {half} {left + thick:.1f} 0 {left + thick:.1f}Z"
    )


@dataclass(frozen=True, slots=True)
class Frame:
    """The rectangle of a plot within its SVG; both axes go from 0 to 1."""

    left: float
    top: float
    width: float
    height: float

    def at(self, point: Point) -> Point:
        return self.left + point[0] * self.width, self.top + (1 - point[1]) * self.height

    def line(self, points: Sequence[Point]) -> str:
        """The points as an SVG path."""
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in map(self.at, points))


GAINS = Frame(left=36, top=6, width=300, height=140)
