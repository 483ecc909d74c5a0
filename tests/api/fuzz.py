"""The long run of `make fuzz`; FUZZ_EXAMPLES says how many made-up requests for each operation."""

import os
from pathlib import Path

import pytest
from pytest_django import Settings

from tests import company as companies
from tests.api import fuzzing

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "20"))


def test_nothing_that_is_sent_breaks_what_the_description_says(
    committed_db: None,
    settings: Settings,
    live_server_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.PASSWORD_HASHERS = companies.QUICK_HASHERS
    company = fuzzing.people(monkeypatch)
    result = fuzzing.fuzz(live_server_url, company, tmp_path, examples=EXAMPLES)
    print(f"{result.cases} requests")
    assert result.code == 0, result.said[-8_000:]
    assert result.cases >= 20_000, result.cases
