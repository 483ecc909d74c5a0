"""Two people at once, each on a connection of their own: one wins, the other is told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connections
from django.utils import timezone

from leadscoring.actors import acting
from leadscoring.errors import DomainError
from leadscoring.people.roles import Role
from scoring_models import drafts, rescoring, versions
from scoring_models.models import Activation, ModelVersion, RescoreRun, Review, Rule, VersionState
from scoring_models.schedule import begin_due, cancel, schedule
from scoring_models.spec import Spec
from scoring_models.spec_text import parse, spec_of
from tests.scoring_models.approving import approve, evidence_of
from tests.scoring_models.versions.conftest import REFERENCE, Cast, person

ROUNDS = 5


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """Do them at the same time; "done" or the code of the refusal, sorted."""
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> str:
        try:
            barrier.wait(60)
            deed()
            return "done"
        except DomainError as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return sorted(pool.map(run, deeds))


@pytest.fixture
def cast(committed_db: None) -> Cast:
    people = {
        "mara": (Role.MARKETING,),
        "milo": (Role.MARKETING,),
        "nina": (Role.MANAGER,),
        "noel": (Role.MANAGER,),
        "both": (Role.MARKETING, Role.MANAGER),
        "rob": (Role.REP,),
        "ada": (Role.ADMIN,),
        "sue": (),
    }
    return Cast(**{name: person(name, *roles) for name, roles in people.items()})


@pytest.fixture
def spec(committed_db: None) -> Spec:
    return parse(REFERENCE.read_text())


def sent(spec: Spec, cast: Cast) -> ModelVersion:
    version = drafts.create(spec=spec, actor=cast.mara, at=timezone.now())
    return versions.submit(version=version, actor=cast.mara, at=timezone.now())


def approved(spec: Spec, cast: Cast) -> ModelVersion:
    version = sent(spec, cast)
    return approve(version, actor=cast.nina, at=timezone.now())


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_of_two_reviewers_decides(_round: int, spec: Spec, cast: Cast) -> None:
    version = sent(spec, cast)
    seen, evidence = version.digest, evidence_of(version)
    results = at_once(
        lambda: versions.approve(
            version=version, digest=seen, evidence=evidence, actor=cast.nina, at=timezone.now()
        ),
        lambda: versions.return_to_draft(
            version=version, digest=seen, actor=cast.noel, at=timezone.now(), comment="No."
        ),
    )
    assert results == ["done", "not_in_review"]
    assert Review.objects.filter(version=version).count() == 1


def test_one_of_two_reviewers_rejects(spec: Spec, cast: Cast) -> None:
    version = sent(spec, cast)
    seen, evidence = version.digest, evidence_of(version)
    results = at_once(
        lambda: versions.approve(
            version=version, digest=seen, evidence=evidence, actor=cast.nina, at=timezone.now()
        ),
        lambda: versions.reject(
            version=version, digest=seen, actor=cast.noel, at=timezone.now(), comment="No."
        ),
    )
    assert results == ["done", "not_in_review"]
    assert Review.objects.filter(version=version).count() == 1


def in_an_hour() -> datetime:
    return timezone.now() + timedelta(hours=1)


def test_one_of_two_managers_schedules(spec: Spec, cast: Cast) -> None:
    first, second = approved(spec, cast), approved(spec, cast)
    results = at_once(
        lambda: schedule(version=first, starts_at=in_an_hour(), actor=cast.nina, at=timezone.now()),
        lambda: schedule(version=second, starts_at=in_an_hour(), actor=cast.noel, at=timezone.now()),
    )
    assert results == ["done", "is_planned"]
    assert Activation.objects.count() == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_what_is_called_off_and_put_live_at_once_is_one_of_them(_round: int, spec: Spec, cast: Cast) -> None:
    version = approved(spec, cast)
    schedule(version=version, starts_at=in_an_hour(), actor=cast.nina, at=timezone.now())
    results = at_once(
        lambda: cancel(version=version, actor=cast.nina, at=timezone.now()),
        lambda: cancel(version=version, actor=cast.noel, at=timezone.now()),
    )
    assert results == ["done", "not_planned"]
    schedule(version=version, starts_at=in_an_hour(), actor=cast.nina, at=timezone.now())
    results = at_once(
        lambda: versions.activate(version=version, actor=cast.nina, at=timezone.now()),
        lambda: versions.activate(version=version, actor=cast.noel, at=timezone.now()),
    )
    assert results == ["done", "was_live"]
    assert Activation.objects.filter(ends_at=None).count() == 1


def test_two_beats_begin_one_run(spec: Spec, cast: Cast) -> None:
    version, now = approved(spec, cast), timezone.now()
    schedule(version=version, starts_at=now + timedelta(milliseconds=1), actor=cast.nina, at=now)
    then = now + timedelta(seconds=1)
    assert at_once(lambda: begin_due(at=then), lambda: begin_due(at=then)) == ["done", "done"]
    assert RescoreRun.objects.count() == 1


def test_one_of_two_managers_stops_scoring(spec: Spec, cast: Cast) -> None:
    run = versions.activate(version=approved(spec, cast), actor=cast.nina, at=timezone.now())
    results = at_once(
        lambda: rescoring.stop(run=run, actor=cast.nina, at=timezone.now()),
        lambda: rescoring.stop(run=run, actor=cast.noel, at=timezone.now()),
    )
    assert results == ["done", "not_running"]


def test_one_of_two_managers_puts_live(spec: Spec, cast: Cast) -> None:
    version = approved(spec, cast)
    results = at_once(
        lambda: versions.activate(version=version, actor=cast.nina, at=timezone.now()),
        lambda: versions.activate(version=version, actor=cast.noel, at=timezone.now()),
    )
    assert results == ["done", "was_live"]
    assert Activation.objects.count() == 1


def test_one_of_two_versions_goes_live(spec: Spec, cast: Cast) -> None:
    first, second = approved(spec, cast), approved(spec, cast)
    results = at_once(
        lambda: versions.activate(version=first, actor=cast.nina, at=timezone.now()),
        lambda: versions.activate(version=second, actor=cast.noel, at=timezone.now()),
    )
    assert results[0] == "done"
    assert results[1] in ("stale", "overtaken")
    assert Activation.objects.filter(ends_at=None).count() == 1


def test_two_set_ups_of_a_model_make_one(spec: Spec, cast: Cast) -> None:
    results = at_once(
        lambda: versions.set_up(spec=spec, actor=cast.mara, at=timezone.now()),
        lambda: versions.set_up(spec=spec, actor=cast.milo, at=timezone.now()),
    )
    assert results == ["done", "had_one"]
    assert Activation.objects.count() == 1


def test_two_drafts_at_once_have_two_numbers(spec: Spec, cast: Cast) -> None:
    drafts.create(spec=spec, actor=cast.mara, at=timezone.now())
    results = at_once(
        *(lambda: drafts.create(spec=spec, actor=cast.milo, at=timezone.now()) for _ in range(4))
    )
    assert results == ["done"] * 4
    assert sorted(ModelVersion.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_an_edit_comes_before_the_freeze_or_is_refused(_round: int, spec: Spec, cast: Cast) -> None:
    """Never is a rule changed after its version was frozen without it."""
    version = drafts.create(spec=spec, actor=cast.mara, at=timezone.now())

    def edit() -> None:
        try:
            with acting(cast.both):
                Rule.objects.filter(version=version, key="comments").update(points=99)
        except IntegrityError as refused:
            raise DomainError("frozen", str(refused)) from refused

    results = at_once(edit, lambda: versions.submit(version=version, actor=cast.mara, at=timezone.now()))
    frozen = ModelVersion.objects.get(pk=version.pk)
    assert frozen.state == VersionState.IN_REVIEW
    points = {rule.key: rule.points for rule in spec_of(frozen).rules}["comments"]
    assert points == Rule.objects.get(version=version, key="comments").points
    was_edited = results == ["done", "done"]
    assert (points == 99) == was_edited
    assert frozen.editors.filter(user=cast.both).exists() == was_edited
