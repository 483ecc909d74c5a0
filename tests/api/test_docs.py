"""docs/api.md and docs/intake.md: their requests do what they say."""

import json
import os
import re
import subprocess
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from leads.models import InboundHook, SignalType
from leadscoring.api.scopes import Scope
from leadscoring.ops.state import BASE_DIR
from scoring_models.models import ModelVersion
from tests import company as companies
from tests.api.conftest import key_for
from tests.api.operations import every_operation
from tests.company import Company

GUIDE, INTAKE = ((BASE_DIR / "docs" / name).read_text() for name in ("api.md", "intake.md"))


@pytest.fixture
def company(committed_db: None, settings: Settings) -> Company:
    settings.PASSWORD_HASHERS = companies.QUICK_HASHERS
    return companies.found(now=timezone.now())


def test_every_request_of_the_guides_is_answered(
    company: Company, live_server_url: str, settings: Settings
) -> None:
    environment = os.environ | {
        "URL": live_server_url,
        "KEY": key_for(company.person("sam")).text,
        "ADMIN_KEY": key_for(company.person("ines")).text,
        "LEAD": str(company.lead("Freya").pk),
        "VERSION": str(ModelVersion.objects.get().pk),
    }
    answers = answered(GUIDE, environment)
    assert len(answers) == 17
    assert [answer for answer in answers if answer.get("code")] == []
    assert answers[0]["results"][0]["name"] == "Freya Vogel"
    assert [one["status"] for one in answers[3]["results"]] == ["created", "refused"]
    assert answers[5]["attributes"]["job_title"] == "Chief Revenue Officer"
    assert answers[6]["numbers"]["leads"] == 8 and answers[7]["dimensions"]["engagement"]["cap"] == 80
    assert [one["becomes"] for one in answers[12]["guess"]["columns"]][:3] == [
        "external_id",
        "email",
        "job_title",
    ]
    assert [answers[place]["state"] for place in (12, 13, 14, 15)] == ["draft", "draft", "waiting", "waiting"]
    assert answers[-1]["secret"].startswith("whsec_")

    settings.INTAKE_SECRETS = {"meet": ["s3cret"]}
    InboundHook.objects.create(
        name="meet",
        kind=InboundHook.Kind.HMAC,
        header="X-Signed",
        id_path="event.id",
        at_path="event.at",
        email_path="event.mail",
        signal_type=SignalType.objects.get(key="meeting_booked"),
    )
    write_key = key_for(company.person("sam"), {Scope.TRACK}).text
    told = answered(INTAKE, environment | {"WRITE_KEY": write_key})
    assert [one.get("success") or one["status"] for one in told] == [True, "created", "created", True]


def answered(guide: str, environment: dict[str, str]) -> list[dict[str, Any]]:
    """What the requests of a guide are answered, in their order."""
    answers: list[dict[str, Any]] = []
    for request in re.findall(r"```sh\n(.*?)```", guide, re.DOTALL):
        ran = subprocess.run(
            ["sh", "-euc", request], env=environment, capture_output=True, text=True, check=True
        )
        answers += [json.loads(line) for line in ran.stdout.replace("}{", "}\n{").splitlines()]
    return answers


def test_every_address_of_the_guide_is_there() -> None:
    """As `/leads/{id}/claim/`, or `…/skip/` for the same beginning."""
    known = {place.path for place in every_operation()}
    rows = re.findall(r"^\| (`/.*?) \|", GUIDE, re.MULTILINE)
    said, first = [], ""
    for address in (each for row in rows for each in re.findall(r"`([^`]+)`", row)):
        path = re.sub(r"\{\w+\}", "1", address)
        first = first if path.startswith("…") else path
        parts = first.split("/")
        beginnings = ["/".join(parts[:most]) for most in range(2, len(parts))]
        said.append({path} if path[0] == "/" else {one + path[1:] for one in beginnings})
    assert said and [paths for paths in said if not paths & known] == []
