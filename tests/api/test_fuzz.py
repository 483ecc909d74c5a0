"""The short run of `make fuzz`: some of everything, as a stranger and as two people."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests import company as companies
from tests.api import fuzzing
from tests.api.operations import every_operation


def test_no_request_breaks_what_the_description_says(
    committed_db: None,
    settings: Settings,
    live_server_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.PASSWORD_HASHERS = companies.QUICK_HASHERS
    company, cases = fuzzing.people(monkeypatch), 0
    for who, one_in in zip(fuzzing.WHO, (60, 60, 25), strict=True):
        report = tmp_path / f"{who}.json"
        result = fuzzing.fuzz(live_server_url, company, who, report, examples=2, one_in=one_in)
        assert result.code == 0, result.said[-8_000:]
        assert result.operations == dict.fromkeys(("total", "tested"), len(every_operation()))
        cases += result.cases
    assert cases >= 2_000
