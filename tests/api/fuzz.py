"""The long run of `make fuzz`, in parts; FUZZ_EXAMPLES says how many made-up requests for each operation.

One part by itself: `pytest -n 0 tests/api/fuzz.py -k "part and 3"`.
"""

import os
from collections import Counter
from pathlib import Path

import pytest
from pytest_django import Settings

from tests import company as companies
from tests.api import fuzzing
from tests.api.operations import every_operation

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "20"))
PARTS = 9
ENOUGH = 20_000
# Operations by themselves, a part of them at a time; at last all together, one after another.
ALONE, TOGETHER = "examples,coverage,fuzzing", "stateful"
asked = Counter[str]()


@pytest.mark.parametrize("part", [*range(PARTS), TOGETHER])
def test_nothing_that_is_sent_breaks_what_the_description_says_in_part(
    part: int | str,
    committed_db: None,
    settings: Settings,
    live_server_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings.PASSWORD_HASHERS = companies.QUICK_HASHERS
    company = fuzzing.people(monkeypatch)
    names = [place.operation.name for place in every_operation()]
    phases = TOGETHER if isinstance(part, str) else ALONE
    only = names if isinstance(part, str) else names[part::PARTS]
    result = fuzzing.fuzz(live_server_url, company, tmp_path, examples=EXAMPLES, only=only, phases=phases)
    asked[str(part)] = result.cases
    with capsys.disabled():
        print(
            f"\nPart {part}: {result.cases} requests to {len(only)} operations, the slowest: {result.slowest}"
        )
    assert result.code == 0, result.said[-8_000:]


def test_that_was_enough(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{asked.total()} requests in all, {ENOUGH} at least")
    assert asked.total() >= ENOUGH
