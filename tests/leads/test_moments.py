"""Moments in words."""

from datetime import UTC, datetime

import pytest

from leads.templatetags.moments import say_until

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2026, 12, 7, tzinfo=UTC), "the end of 6 Dec"),
        (datetime(2026, 11, 23, tzinfo=UTC), "the end of today"),
        (datetime(2026, 11, 23, 14, 5, tzinfo=UTC), "tomorrow, 14:05"),
        (datetime(2027, 1, 2, 9, tzinfo=UTC), "2 Jan 2027, 09:00"),
    ],
)
def test_what_ends_at_midnight_holds_until_the_end_of_the_day_before(at: datetime, words: str) -> None:
    assert say_until(at, NOW) == words
