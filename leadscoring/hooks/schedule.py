"""When a message that could not be delivered is tried again, and when it is given up. Pure."""

from datetime import datetime, timedelta

WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1_800, 7_200, 5 * 3_600, 10 * 3_600, 14 * 3_600, 16 * 3_600, 17 * 3_600)
)
JITTER = 0.1
TRIED_FOR = timedelta(days=3)
OFF_AFTER = timedelta(days=5)
LONGEST_WISH = timedelta(days=1)
_FIRST_REST, _LONGEST_REST = timedelta(seconds=5), timedelta(minutes=5)


def next_try(
    tries: int, *, at: datetime, give_up_at: datetime, luck: float, wish: timedelta | None
) -> datetime | None:
    """When a message that failed for the `tries`-th time at `at` is tried again; None: never.

    `luck` in [0, 1) spreads those that failed together; `wish` is what the answer's Retry-After asked for,
    of which a day counts at most.
    """
    if tries > len(WAITS):
        return None
    wait = WAITS[tries - 1] * (1 + JITTER * luck)
    if wish is not None:
        wait = max(wait, min(wish, LONGEST_WISH))
    return at + wait if at + wait < give_up_at else None


def rest(failures: int, *, luck: float, wish: timedelta | None) -> timedelta:
    """How long an endpoint is left alone after so many failures in a row; then one message tries it."""
    doubled = _FIRST_REST * (1 << min(failures - 1, 10))
    pause = min(doubled, _LONGEST_REST) * (1 + JITTER * luck)
    return pause if wish is None else max(pause, min(wish, LONGEST_WISH))
