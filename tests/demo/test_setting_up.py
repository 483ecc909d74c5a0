"""`setup_company` and `sign_ins` on real databases."""

import stat
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.db import models
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

from leads import duplicates
from leads.imports import jobs
from leads.models import (
    Activity,
    Cause,
    FileImport,
    Handoff,
    InboundHook,
    IntakeMessage,
    Lead,
    Merge,
    Outcome,
    Override,
    Reassignment,
    Response,
    SavedMapping,
    Score,
    ScoreChange,
    Signal,
    Stale,
)
from leads.models.notice import Delivery, Notice
from leadscoring.api.models import ApiKey
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from scoring_models.demo import load
from scoring_models.demo.generate import Size
from scoring_models.evidence_pack import packs
from scoring_models.models import Activation, ModelVersion, VersionState
from scoring_models.score_audit import differences
from tests.company import QUICK_HASHERS
from tests.conftest import using

SMALL = Size(companies=150, leads=600)
SHARE_OF_BAND = ((0.55, 0.92), (0.07, 0.28), (0.01, 0.12), (0.004, 0.08))  # Nurture, MQL, SQL, Hot


def run(command: str) -> str:
    out = StringIO()
    call_command(command, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def made(module_database: str, django_db_blocker: DjangoDbBlocker) -> str:
    """What making a small demo company said, in the module's database."""
    with (
        using(module_database, django_db_blocker),
        pytest.MonkeyPatch.context() as patch,
        override_settings(PASSWORD_HASHERS=QUICK_HASHERS),
    ):
        patch.delenv("LEADSCORING_DEMO", raising=False)
        patch.setattr(load, "load", partial(load.load, size=SMALL))
        return run("setup_company")


@pytest.fixture
def demo(
    made: str, module_database: str, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    monkeypatch.delenv("LEADSCORING_DEMO", raising=False)
    with using(module_database, django_db_blocker):
        yield made


@pytest.fixture
def empty(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("LEADSCORING_DEMO", "0")
    return run("setup_company")


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = QUICK_HASHERS


def rows() -> dict[str, int]:
    counted: tuple[type[models.Model], ...] = (
        *(Activation, Activity, Lead, ModelVersion, Outcome, Override, Signal, Team, User),
    )
    return {model.__name__: model._default_manager.count() for model in counted}


def test_the_demo_is_whole_scored_and_made_once(demo: str) -> None:
    assert "600 leads" in demo
    assert Score.objects.count() == SMALL.leads and not Stale.objects.exists()
    counts = Counter(Score.objects.filter(is_open=True).values_list("band", flat=True))
    for band, (low, high) in enumerate(SHARE_OF_BAND, start=-len(SHARE_OF_BAND)):
        assert low < counts[band] / counts.total() < high, counts
    assert Outcome.objects.values("kind").distinct().count() == 3
    assert Lead.objects.filter(owner=None).exists() and not Lead.objects.filter(team=None).exists()
    before = rows()
    assert run("setup_company") == ""
    assert rows() == before


def test_the_demo_leaves_a_live_version_and_one_to_review(demo: str) -> None:
    first, second = ModelVersion.objects.order_by("number")
    assert Activation.objects.get().version == first and Activation.objects.get().set_up_exception
    assert second.state == VersionState.IN_REVIEW and second.created_by.has_role(Role.MARKETING)
    evidence = packs.newest(second)
    assert evidence is not None and evidence.content["past"]["wins"] > 5
    assert all(first.lists.values_list("values", flat=True))


def test_the_demo_has_a_past_that_looks_like_work(demo: str) -> None:
    assert ScoreChange.objects.filter(cause=Cause.FIRST).exists()
    assert ScoreChange.objects.filter(cause=Cause.SIGNAL).count() > SMALL.leads // 4
    assert not list(differences(sample=300))
    now, waiting = timezone.now(), Response.objects
    worked = Score.objects.filter(is_open=True, band__gte=-3).count()
    assert waiting.filter(due_at__lt=now).count() < waiting.count() < worked / 2
    # Of so few leads nobody may be overdue on the evening of some days off; within a week somebody is.
    assert waiting.filter(due_at__lt=now + timedelta(days=7)).exists()
    assert not waiting.filter(due_at__lt=now - timedelta(days=21)).exists()
    assert {True, False} == set(Handoff.objects.values_list("accepted", flat=True))
    assert Handoff.objects.exclude(reason="").count() < Handoff.objects.count() / 3
    assert Merge.objects.exists() and Reassignment.objects.exists()
    assert duplicates.suggestions(user=User.objects.get(email__startswith="sam@")).pairs
    assert Notice.objects.filter(read_at=None).exists() and not Delivery.objects.filter(sent_at=None).exists()


def test_the_demo_has_an_import_and_messages_that_could_not_be_used(demo: str) -> None:
    job = FileImport.objects.get()
    counts = jobs.progress(job).counts
    assert job.finished_at and not job.failure and (counts["updated"], counts["refused"]) == (12, 2)
    assert SavedMapping.objects.exists() and InboundHook.objects.exists() and ApiKey.objects.exists()
    quarantined = IntakeMessage.objects.filter(state=IntakeMessage.State.QUARANTINED)
    assert quarantined.values("code").distinct().count() >= 3
    assert not IntakeMessage.objects.filter(state=IntakeMessage.State.WAITING).exists()


def test_one_sign_in_for_each_role_is_printed_and_works(demo: str) -> None:
    lines = [line.split() for line in run("sign_ins").splitlines()]
    assert [role for role, _, _ in lines] == [role.value for role in Role]
    for role, email, password in lines:
        client = Client()
        client.post("/login/", {"username": email, "password": password})
        assert client.session["_auth_user_id"] == str(User.objects.get(email=email).pk)
        assert User.objects.get(email=email).roles == {role}


def test_the_demo_password_is_kept_where_only_we_can_read_it(demo: str) -> None:
    secrets = Path(project.STATE.folder) / "secrets.json"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600


def test_a_set_up_that_broke_off_can_be_done_again(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "load", partial(load.load, size=SMALL))
    score: Callable[[], None] = load.score
    monkeypatch.setattr(load, "score", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run("setup_company")
    monkeypatch.setattr(load, "score", score)
    run("setup_company")
    assert rows()["Lead"] == SMALL.leads and Score.objects.count() == SMALL.leads
    assert Override.objects.exists() and rows()["Activation"] == 1


def test_an_empty_installation_has_no_leads_but_a_live_model_and_an_admin(empty: str) -> None:
    assert rows() | {"User": 0, "Team": 0} == dict.fromkeys(rows(), 0) | {"Activation": 1, "ModelVersion": 1}
    assert not any(Activation.objects.get().version.lists.values_list("values", flat=True))
    assert Team.objects.get().is_default
    email, password = empty.split("Sign in as ")[1].split("\n")[0].split(" with ")
    client = Client()
    client.post("/login/", {"username": email, "password": password})
    admin = User.objects.get(pk=client.session["_auth_user_id"])
    assert admin.has_role(Role.ADMIN) and not admin.is_superuser


def test_an_empty_installation_stays_empty_and_prints_its_password_once(
    empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LEADSCORING_DEMO")
    assert run("setup_company") == ""
    said = run("sign_ins")
    assert "admin@localhost" in said and "manage.py invite" in said
    assert empty.split(" with ")[1].split("\n")[0] not in said


def test_made_up_leads_never_join_real_ones(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEADSCORING_DEMO", raising=False)
    Lead.objects.create(external_id="real-1")
    run("setup_company")
    assert Lead.objects.count() == 1 and Activation.objects.exists()
