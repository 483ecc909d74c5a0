"""The geometry of charts: nothing is lost, nothing overlaps, everything stays in its frame."""

import re
from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_models.charts import GAINS, HEIGHT, LABEL, WIDTH, Flow, Frame, flow

CELLS = st.dictionaries(
    st.tuples(st.integers(0, 3), st.integers(0, 4)), st.integers(1, 1_000_000), min_size=1, max_size=20
)


def drawn(cells: dict[tuple[int, int], int]) -> Flow:
    return flow([(was, becomes, leads) for (was, becomes), leads in cells.items()], 4, 5)


def edges(path: str) -> tuple[float, float, float, float]:
    """Where a ribbon begins and ends: top and bottom at the left, then at the right."""
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
    top_left, top_right, bottom_right, bottom_left = numbers[1], numbers[7], numbers[8], numbers[14]
    return top_left, bottom_left, top_right, bottom_right


@given(cells=CELLS)
def test_every_cell_is_a_ribbon_as_thick_at_both_ends_and_within_the_frame(
    cells: dict[tuple[int, int], int],
) -> None:
    found = drawn(cells)
    assert {(ribbon.was, ribbon.becomes): ribbon.leads for ribbon in found.ribbons} == cells
    for ribbon in found.ribbons:
        top_left, bottom_left, top_right, bottom_right = edges(ribbon.path)
        assert bottom_left - top_left == pytest.approx(bottom_right - top_right, abs=0.21)
        assert bottom_left > top_left
        assert min(top_left, top_right) >= -0.1 and max(bottom_left, bottom_right) <= HEIGHT + 20


@given(cells=CELLS)
def test_ribbons_of_one_band_do_not_overlap(cells: dict[tuple[int, int], int]) -> None:
    at_left, at_right = defaultdict(list), defaultdict(list)
    for ribbon in drawn(cells).ribbons:
        top_left, bottom_left, top_right, bottom_right = edges(ribbon.path)
        at_left[ribbon.was].append((top_left, bottom_left))
        at_right[ribbon.becomes].append((top_right, bottom_right))
    for spans in (*at_left.values(), *at_right.values()):
        for (_, bottom), (top, _) in pairwise(sorted(spans)):
            assert top >= bottom - 0.21


@given(cells=CELLS)
def test_labels_run_from_the_highest_band_down_and_leave_room_for_each_other(
    cells: dict[tuple[int, int], int],
) -> None:
    found = drawn(cells)
    for nodes, side in ((found.left, 0), (found.right, 1)):
        assert [node.rank for node in nodes] == sorted((node.rank for node in nodes), reverse=True)
        for node in nodes:
            assert node.leads == sum(leads for cell, leads in cells.items() if cell[side] == node.rank)
        for above, below in pairwise(nodes):
            assert below.middle - above.middle >= LABEL


def test_more_leads_are_a_thicker_ribbon_by_their_square_root() -> None:
    found = {ribbon.leads: edges(ribbon.path) for ribbon in drawn({(0, 0): 100, (3, 3): 10_000}).ribbons}
    thin, thick = (found[leads][1] - found[leads][0] for leads in (100, 10_000))
    assert thick / thin == pytest.approx(10, rel=0.05)
    assert all(ribbon.stays for ribbon in drawn({(0, 0): 1}).ribbons)


def test_a_line_begins_at_the_bottom_left_and_ends_at_the_top_right() -> None:
    assert Frame(10, 5, 100, 50).line([(0, 0), (0.5, 0.5), (1, 1)]) == "M10.0 55.0L60.0 30.0L110.0 5.0"
    assert GAINS.left + GAINS.width <= 340 and WIDTH > 0
