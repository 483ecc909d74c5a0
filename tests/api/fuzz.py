"""Requests that nobody would think of: schemathesis makes them from the description, in all its phases.

For `make fuzz`, as a stranger and as two people; FUZZ_EXAMPLES says how many for each operation. Not part of
`make test`.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from leadscoring.ops.state import BASE_DIR
from scoring_models.demo.versions import propose
from tests import company as companies
from tests.api.conftest import key_for
from tests.company import Company
from tests.scoring_models.approving import evidence_of

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "150"))
CONFIG = Path(__file__).parent / "schemathesis.toml"


@pytest.fixture
def company(committed_db: None, settings: Settings) -> Company:
    settings.PASSWORD_HASHERS = companies.QUICK_HASHERS
    company = companies.found(now=timezone.now())
    evidence_of(propose(author=company.person("sam"), now=timezone.now()))
    return company


@dataclass(frozen=True)
class Fuzzed:
    code: int
    said: str
    report: dict[str, Any]


def fuzz(url: str, text: str | None, report: Path, *, examples: int) -> Fuzzed:
    """Run every phase against the server, as whoever the key is of; the report of the run."""
    arguments = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"),
        *(f"{url}/api/v1/schema/", "--max-examples", str(examples), "--workers", "2", "--seed", "20261126"),
        *("--continue-on-failure", "--no-shrink", "--warnings", "off", "--report", "json"),
        *("--report-json-path", str(report)),
        *(("-H", f"Authorization: Bearer {text}") if text else ()),
    ]
    said = report.with_suffix(".txt")
    with said.open("w") as output:
        ran = subprocess.run(arguments, cwd=BASE_DIR, stdout=output, stderr=output, check=False)
    return Fuzzed(ran.returncode, said.read_text(), json.loads(report.read_text() or "{}"))


@pytest.mark.parametrize("who", ["ana", "boss", None])
def test_nothing_that_is_sent_breaks_what_the_description_says(
    who: str | None, company: Company, live_server_url: str, tmp_path: Path
) -> None:
    if who == "boss":
        company.person("sam").groups.add(*company.person("mara").groups.all())
    person = {"ana": "ana", "boss": "sam"}.get(who or "")
    text = key_for(company.person(person), a_minute=1_000_000).text if person else None
    result = fuzz(live_server_url, text, tmp_path / "report.json", examples=EXAMPLES)
    assert result.code == 0, result.said[-8_000:]
