"""What a process keeps of texts that come again."""

import tracemalloc
from collections.abc import Callable

import pytest

from leads.attributes import normal_text, word_form
from leads.ingestion.property_facts import facts_of
from leads.moments import parse_moment
from leads.remembered import LONGEST, remembered


def test_what_is_said_of_a_short_text_is_computed_once_and_of_a_long_one_each_time() -> None:
    asked: list[str] = []

    @remembered
    def length(text: str) -> int:
        asked.append(text)
        return len(text)

    short, long = "x" * LONGEST, "x" * (LONGEST + 1)
    assert [length(text) for text in (short, short, long, long)] == [100, 100, 101, 101]
    assert asked == [short, long, long]


@pytest.mark.parametrize(
    "answer",
    [normal_text, word_form, parse_moment, lambda text: facts_of({"text": text.replace(" ", "x")})],
    ids=["normal form", "word form", "moment", "facts"],
)
def test_long_texts_are_not_kept(answer: Callable[[str], object]) -> None:
    tracemalloc.start()
    for day in range(10, 30):
        answer(f"2026-01-{day}" + " " * 32_000)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 100_000, "bytes, of 640,000 that were sent"
