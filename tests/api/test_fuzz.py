"""The short run of `make fuzz`: some of everything, as a stranger and as two people."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests import company as companies
from tests.api import fuzzing
from tests.api.operations import every_operation

PARTS = 3


@pytest.mark.parametrize("part", range(PARTS))
def test_no_request_breaks_what_the_description_says(
    part: int,
    committed_db: None,
    settings: Settings,
    live_server_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.PASSWORD_HASHERS = companies.QUICK_HASHERS
    company = fuzzing.people(monkeypatch)
    names = [place.operation.name for place in every_operation()][part::PARTS]
    result = fuzzing.fuzz(live_server_url, company, tmp_path, examples=2, one_in=35, only=names)
    assert result.code == 0, result.said[-8_000:]
    assert result.operations == dict.fromkeys(("selected", "tested"), len(names))
    assert result.cases >= 2_000 / PARTS
