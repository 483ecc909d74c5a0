"""Requests that nobody would think of: schemathesis makes them from the description, in all its phases."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from leadscoring.api import wrong_keys
from leadscoring.ops.state import BASE_DIR
from scoring_models.demo.versions import propose
from tests import company as companies
from tests.api.conftest import key_for
from tests.company import Company
from tests.scoring_models.approving import evidence_of

CONFIG = Path(__file__).parent / "schemathesis.toml"
# A rep; somebody who is in marketing and manages, too; a stranger.
WHO = ("ana", "sam", None)


@dataclass(frozen=True)
class Fuzzed:
    code: int
    said: str
    report: dict[str, Any]

    @property
    def cases(self) -> int:
        """How many requests were made."""
        return int(self.report["test_cases"]["generated"])

    @property
    def operations(self) -> dict[str, int]:
        """How many there are, and to how many of them any was made."""
        counts = self.report["operations"]
        return {name: int(counts[name]) for name in ("total", "tested")}


def people(monkeypatch: pytest.MonkeyPatch) -> Company:
    """A company with a version that waits for approval; however many wrong keys come, none is too many."""
    for limit in ("OF_AN_ADDRESS", "OF_A_PREFIX"):
        monkeypatch.setattr(wrong_keys, limit, 1_000_000)
    company = companies.found(now=timezone.now())
    evidence_of(propose(author=company.person("sam"), now=timezone.now()))
    company.person("sam").groups.add(*company.person("mara").groups.all())
    return company


def fuzz(
    url: str, company: Company, who: str | None, report: Path, *, examples: int, one_in: int = 1
) -> Fuzzed:
    """Ask every operation as one of `WHO`: so many made-up requests, and of those that the description itself
    suggests one in so many.
    """
    text = key_for(company.person(who), a_minute=1_000_000).text if who else None
    arguments = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"),
        *(f"{url}/api/v1/schema/", "--max-examples", str(examples), "--seed", "20261126"),
        *("--continue-on-failure", "--no-shrink", "--warnings", "off", "--report", "json"),
        *("--report-json-path", str(report)),
        *(("-H", f"Authorization: Bearer {text}") if text else ()),
    ]
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "tests.api.fuzz_hooks", "FUZZ_ONE_IN": str(one_in)}
    said = report.with_suffix(".txt")
    with said.open("w") as output:
        ran = subprocess.run(
            arguments, cwd=BASE_DIR, env=environment, stdout=output, stderr=output, check=False
        )
    return Fuzzed(ran.returncode, said.read_text(), json.loads(report.read_text() or "{}"))
