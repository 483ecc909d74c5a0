"""When a message is tried again: within three days, ever later, never before it was asked to."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from leadscoring.hooks import schedule
from leadscoring.hooks.schedule import LONGEST_WISH, TRIED_FOR, WAITS
from tests.hooks.conftest import NOW

LUCK = st.floats(min_value=0, max_value=1, exclude_max=True)


def moments(luck: list[float]) -> list[datetime]:
    """When a message that always fails is tried."""
    tried = [NOW]
    while again := schedule.next_try(
        len(tried), at=tried[-1], give_up_at=NOW + TRIED_FOR, luck=luck[len(tried) - 1], wish=None
    ):
        tried.append(again)
    return tried


@given(st.lists(LUCK, min_size=len(WAITS) + 1, max_size=len(WAITS) + 1))
def test_what_always_fails_is_tried_ten_times_over_most_of_three_days(luck: list[float]) -> None:
    tried = moments(luck)
    assert len(tried) == len(WAITS) + 1 == 10
    assert timedelta(days=2.5) < tried[-1] - NOW < TRIED_FOR
    waits = [after - before for before, after in pairwise(tried)]
    assert all(earlier < later * 1.1 for earlier, later in pairwise(waits))


@given(tries=st.integers(1, 30), luck=LUCK, wish=st.timedeltas(timedelta(), timedelta(days=9)))
def test_a_wish_to_wait_is_honoured_for_a_day_at_most(tries: int, luck: float, wish: timedelta) -> None:
    give_up_at = NOW + TRIED_FOR
    again = schedule.next_try(tries, at=NOW, give_up_at=give_up_at, luck=luck, wish=wish)
    pause = schedule.rest(tries, luck=luck, wish=wish)
    assert pause >= min(wish, LONGEST_WISH)
    assert pause <= max(timedelta(minutes=5.5), LONGEST_WISH)
    if again is None:
        assert tries > len(WAITS)
    else:
        assert again - NOW >= max(min(wish, LONGEST_WISH), WAITS[tries - 1])
        assert again < give_up_at


@given(luck=LUCK)
def test_an_endpoint_rests_longer_with_each_failure_up_to_minutes(luck: float) -> None:
    rests = [schedule.rest(failures, luck=luck, wish=None) for failures in range(1, 50)]
    assert rests == sorted(rests)
    assert timedelta(seconds=5) <= rests[0] and rests[-1] <= timedelta(minutes=5.5)


def test_nothing_is_tried_after_it_was_to_be_given_up() -> None:
    end = NOW + timedelta(seconds=4)
    assert schedule.next_try(1, at=NOW, give_up_at=end, luck=0, wish=None) is None
