"""The long run of `make fuzz`; FUZZ_EXAMPLES says how many made-up requests for each operation."""

import os
from pathlib import Path

import pytest
from pytest_django import Settings

from tests import company as companies
from tests.api import fuzzing
from tests.company import Company

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))


@pytest.fixture
def company(committed_db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Company:
    settings.PASSWORD_HASHERS = companies.QUICK_HASHERS
    return fuzzing.people(monkeypatch)


@pytest.mark.parametrize("who", fuzzing.WHO)
def test_nothing_that_is_sent_breaks_what_the_description_says(
    who: str | None, company: Company, live_server_url: str, tmp_path: Path
) -> None:
    result = fuzzing.fuzz(live_server_url, company, who, tmp_path / "report.json", examples=EXAMPLES)
    assert result.code == 0, result.said[-8_000:]
    assert result.cases >= 7_000, result.cases
