"""Requests that nobody would think of: schemathesis makes them from the description, in all its phases."""

import json
import os
import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from leadscoring.api import schema, wrong_keys
from leadscoring.api.answers import as_json
from leadscoring.ops.state import BASE_DIR
from scoring_models.demo.versions import propose
from tests import company as companies
from tests.api.conftest import key_for
from tests.company import Company
from tests.scoring_models.approving import evidence_of

CONFIG = Path(__file__).parent / "schemathesis.toml"
# Somebody who is in marketing and manages, too; then who asks the same: a rep, and a stranger.
WHO, OTHERS = "sam", ("ana", None)
# As long as the web server lets a statement run (leadscoring/wsgi.py): whoever waits longer gets no answer.
ANSWER_SECONDS = 30


@dataclass(frozen=True)
class Fuzzed:
    code: int
    said: str
    report: dict[str, Any]
    as_others: int
    slowest: list[tuple[float, str]]  # seconds of the slowest answers, and which operation's they were

    @property
    def cases(self) -> int:
        """How many requests were made, as all of them together."""
        return int(self.report["test_cases"]["generated"]) + self.as_others

    @property
    def operations(self) -> dict[str, int]:
        """To how many there are requests, and to how many of them any was made."""
        counts = self.report["operations"]
        return {name: int(counts[name]) for name in ("selected", "tested")}


def people(monkeypatch: pytest.MonkeyPatch) -> Company:
    """A company with a version that waits for approval; however many wrong keys come, none is too many."""
    for limit in ("OF_AN_ADDRESS", "OF_A_PREFIX"):
        monkeypatch.setattr(wrong_keys, limit, 1_000_000)
    company = companies.found(now=timezone.now())
    evidence_of(propose(author=company.person("sam"), now=timezone.now()))
    company.person("sam").groups.add(*company.person("mara").groups.all())
    return company


def fuzz(
    url: str,
    company: Company,
    folder: Path,
    *,
    examples: int,
    one_in: int = 1,
    only: Collection[str] = (),
    phases: str = "examples,coverage,fuzzing,stateful",
) -> Fuzzed:
    """Ask every operation, or those that are named, as all three: so many made-up requests, and of those that
    the description itself suggests one in so many.
    """
    keys = {who: key_for(company.person(who), a_minute=1_000_000).text for who in (WHO, *OTHERS) if who}
    described, report = folder / "described.json", folder / "report.json"
    said, seen = folder / "said.txt", folder / "seen.json"
    described.write_text(as_json(schema.description(own=True)))
    arguments = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"),
        *(str(described), "--url", url, "--max-examples", str(examples), "--seed", "20261126"),
        *("--phases", phases),
        *("--continue-on-failure", "--no-shrink", "--warnings", "off", "--report", "json"),
        *("--request-timeout", str(ANSWER_SECONDS)),
        *("--report-json-path", str(report), "-H", f"Authorization: Bearer {keys[WHO]}"),
        *(part for name in only for part in ("--include-operation-id", name)),
    ]
    environment = os.environ | {
        "SCHEMATHESIS_HOOKS": "tests.api.fuzz_hooks",
        "FUZZ_AS": json.dumps([who and keys[who] for who in OTHERS]),
        "FUZZ_ONE_IN": str(one_in),
        "FUZZ_SECONDS": str(ANSWER_SECONDS),
        "FUZZ_SEEN": str(seen),
    }
    with said.open("w") as output:
        ran = subprocess.run(
            arguments, cwd=BASE_DIR, env=environment, stdout=output, stderr=output, check=False
        )
    return Fuzzed(
        ran.returncode, said.read_text(), json.loads(report.read_text()), **json.loads(seen.read_text())
    )
