"""docs/api.md: its requests do what it says."""

import json
import os
import re
import subprocess

import pytest
from django.utils import timezone
from pytest_django import Settings

from leadscoring.ops.state import BASE_DIR
from tests import company as companies
from tests.api.conftest import key_for
from tests.company import Company


@pytest.fixture
def company(committed_db: None, settings: Settings) -> Company:
    settings.PASSWORD_HASHERS = companies.QUICK_HASHERS
    return companies.found(now=timezone.now())


def test_every_request_of_the_guide_is_answered(company: Company, live_server_url: str) -> None:
    guide = (BASE_DIR / "docs" / "api.md").read_text()
    requests = re.findall(r"```sh\n(.*?)```", guide, re.DOTALL)
    environment = os.environ | {
        "URL": live_server_url,
        "KEY": key_for(company.person("sam")).text,
        "LEAD": str(company.lead("Freya").pk),
    }
    answers = []
    for request in requests:
        ran = subprocess.run(
            ["sh", "-euc", request], env=environment, capture_output=True, text=True, check=True
        )
        answers += [json.loads(line) for line in ran.stdout.replace("}{", "}\n{").splitlines()]
    assert len(answers) == 10
    assert [answer.get("status") for answer in answers if answer.get("code")] == []
    assert answers[0]["results"][0]["name"] == "Freya Vogel"
    assert [one["status"] for one in answers[3]["results"]] == ["created", "refused"]
    assert answers[5]["attributes"]["job_title"] == "Chief Revenue Officer"
