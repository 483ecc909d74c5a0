"""What holds for the effective score whatever the scale and the override."""

from hypothesis import assume, given
from hypothesis import strategies as st

from leads.effective import band_of, edges, effective
from leads.models import Override, Score
from leads.scorer import Scale
from tests.leads.work.fixed_scorer import scale_of

NUMBERS = st.integers(-200, 200)


@st.composite
def scales(draw: st.DrawFn) -> Scale:
    lower_edges = sorted(draw(st.sets(NUMBERS, max_size=4)))
    floor, ceiling = draw(st.none() | NUMBERS), draw(st.none() | NUMBERS)
    assume(floor is None or ceiling is None or floor <= ceiling)
    bands = [(f"b{rank}", edge, "sales") for rank, edge in enumerate([None, *lower_edges])]
    return scale_of(*bands, floor=floor, ceiling=ceiling)


OVERRIDES = st.one_of(
    st.builds(Override, kind=st.sampled_from(["score", "points"]), points=NUMBERS),
    st.builds(Override, kind=st.just("band"), band=st.sampled_from([f"b{rank}" for rank in range(6)])),
    st.builds(Override, kind=st.just("hold")),
)


def score_of(total: int, scale: Scale) -> Score:
    return Score(total=total, band=band_of(total, scale).rank)


@given(scales(), NUMBERS, OVERRIDES | st.none())
def test_the_band_is_the_highest_whose_edge_the_total_reaches(
    scale: Scale, total: int, override: Override | None
) -> None:
    counted = effective(score_of(total, scale), override, scale)
    low, high = edges(counted.band, scale)

    assert low is None or low <= counted.total
    assert high is None or counted.total <= high


@given(scales(), NUMBERS, OVERRIDES)
def test_a_total_that_an_override_made_keeps_to_floor_and_ceiling(
    scale: Scale, total: int, override: Override
) -> None:
    counted = effective(score_of(total, scale), override, scale)

    if (counted.total, counted.clip) != (total, 0):
        assert scale.floor is None or scale.floor <= counted.total
        assert scale.ceiling is None or counted.total <= scale.ceiling


@given(scales(), NUMBERS, NUMBERS)
def test_the_clip_accounts_for_what_points_did_not_do(scale: Scale, total: int, points: int) -> None:
    added = effective(score_of(total, scale), Override(kind="points", points=points), scale)
    set_to = effective(score_of(total, scale), Override(kind="score", points=points), scale)

    assert added.total == total + points + added.clip
    assert set_to.total == points + set_to.clip


@given(scales(), NUMBERS, st.integers(0, 4))
def test_a_set_band_is_reached_by_the_shortest_way(scale: Scale, total: int, rank: int) -> None:
    assume(rank < len(scale.bands))
    band = scale.bands[rank]
    counted = effective(score_of(total, scale), Override(kind="band", band=band.key), scale)
    low, high = edges(band, scale)
    inside = [n for n in range(-210, 211) if (low is None or low <= n) and (high is None or n <= high)]
    nearest = min(inside, key=lambda number: abs(number - total))

    assert counted.total - counted.clip == nearest
    assert counted.clip != 0 or counted.band == band
