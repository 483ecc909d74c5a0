"""Versions that go live at a time: planned, called off, begun, and what the database makes of it."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from leads.models import Lead, Score
from leadscoring.actors import acting
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from scoring_models import rescoring, schedule, versions
from scoring_models.live import live_version
from scoring_models.models import Activation, ModelVersion, RescoreRun
from scoring_models.standing import standing
from tests.scoring_models.versions.conftest import Cast, next_version
from tests.scoring_models.versions.test_guards import refused
from tests.scoring_models.versions.test_verbs import code

HOUR = timedelta(hours=1)


@pytest.fixture
def now() -> datetime:
    """The guards read the database's clock, so these tests live in the present."""
    return timezone.now()


@pytest.fixture
def first(approved: ModelVersion, cast: Cast, now: datetime) -> ModelVersion:
    versions.activate(version=approved, actor=cast.nina, at=now - 2 * HOUR)
    return approved


@pytest.fixture
def second(first: ModelVersion, cast: Cast, now: datetime) -> ModelVersion:
    """Approved, and to follow the first in an hour."""
    version = next_version(first, cast, at=now - HOUR)
    schedule.schedule(version=version, starts_at=now + HOUR, actor=cast.nina, at=now)
    return version


def rows() -> list[tuple[int, datetime, datetime | None]]:
    return list(Activation.objects.order_by("pk").values_list("version__number", "starts_at", "ends_at"))


def test_a_plan_is_a_dated_row_and_ends_the_one_before(
    second: ModelVersion, first: ModelVersion, now: datetime
) -> None:
    assert rows() == [(1, now - 2 * HOUR, now + HOUR), (2, now + HOUR, None)]
    before = now + HOUR - timedelta(microseconds=1)
    assert live_version(first.model, at=before) == first
    assert live_version(first.model, at=now + HOUR) == second
    assert AuditEntry.objects.latest("pk").action == "version.scheduled"
    assert not RescoreRun.objects.filter(version=second).exists()


def test_standings_say_what_is_planned(second: ModelVersion, first: ModelVersion, now: datetime) -> None:
    assert (standing(second, at=now).label, standing(second, at=now).starts_at) == ("Scheduled", now + HOUR)
    assert (standing(first, at=now).label, standing(first, at=now).until) == ("Live", now + HOUR)
    then = now + 2 * HOUR
    assert (standing(first, at=then).label, standing(second, at=then).label) == ("Retired", "Live")


def test_scoring_all_leads_begins_once_when_the_time_has_come(second: ModelVersion, now: datetime) -> None:
    assert schedule.begin_due(at=now + HOUR - timedelta(seconds=1)) == []
    (run,) = schedule.begin_due(at=now + HOUR)
    assert run.version == second
    assert schedule.begin_due(at=now + HOUR) == []
    assert schedule.begin_due(at=now + 2 * HOUR) == []


def test_a_plan_of_a_model_that_was_never_live_begins_too(
    approved: ModelVersion, cast: Cast, now: datetime
) -> None:
    schedule.schedule(version=approved, starts_at=now + HOUR, actor=cast.nina, at=now)
    assert [run.version for run in schedule.begin_due(at=now + HOUR)] == [approved]


def test_from_its_second_on_each_lead_belongs_to_the_new_version(
    first: ModelVersion, cast: Cast, now: datetime
) -> None:
    lead = Lead.objects.create(external_id="1")
    (run,) = RescoreRun.objects.all()
    rescoring.work_next_shard(run_id=run.pk)
    assert Score.objects.get().version_id == first.pk
    version = next_version(first, cast, at=now - HOUR)
    schedule.schedule(
        version=version, starts_at=timezone.now() + timedelta(milliseconds=1), actor=cast.nina, at=now
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.002)")
    (run,) = schedule.begin_due(at=timezone.now())
    while rescoring.work_next_shard(run_id=run.pk):
        pass
    assert Score.objects.get(pk=lead.pk).version_id == version.pk


def test_called_off_the_one_before_goes_on(
    second: ModelVersion, first: ModelVersion, cast: Cast, now: datetime
) -> None:
    schedule.cancel(version=second, actor=cast.noel, at=now)
    assert rows() == [(1, now - 2 * HOUR, None), (2, now + HOUR, now + HOUR)]
    assert schedule.begin_due(at=now + 2 * HOUR) == []
    assert live_version(first.model, at=now + 2 * HOUR) == first
    assert standing(second, at=now + 2 * HOUR).label == "Approved, not live yet"
    assert code(lambda: schedule.cancel(version=second, actor=cast.noel, at=now)) == "not_planned"
    assert code(lambda: versions.go_back(version=second, actor=cast.nina, at=now)) == "never_live"
    schedule.schedule(version=second, starts_at=now + 3 * HOUR, actor=cast.nina, at=now)
    versions.activate(version=second, actor=cast.nina, at=now + timedelta(seconds=1))


def test_a_planned_version_may_go_live_now_instead(second: ModelVersion, cast: Cast, now: datetime) -> None:
    versions.activate(version=second, actor=cast.nina, at=now)
    assert rows() == [
        (1, now - 2 * HOUR, now),
        (2, now + HOUR, now + HOUR),
        (2, now, None),
    ]


def test_going_back_stays_one_step_and_calls_the_plan_off(
    first: ModelVersion, cast: Cast, now: datetime
) -> None:
    second = next_version(first, cast, at=now - HOUR)
    versions.activate(version=second, actor=cast.nina, at=now - timedelta(minutes=30))
    third = next_version(second, cast, at=now)
    schedule.schedule(version=third, starts_at=now + HOUR, actor=cast.nina, at=now)
    versions.go_back(version=first, actor=cast.noel, at=now)
    assert live_version(first.model, at=now + 2 * HOUR) == first
    actions = list(AuditEntry.objects.order_by("-pk").values_list("action", flat=True)[:2])
    assert actions == ["version.gone_back_to", "version.schedule_cancelled"]


def test_another_version_waits_until_the_plan_is_called_off(
    second: ModelVersion, first: ModelVersion, cast: Cast, now: datetime
) -> None:
    third = next_version(first, cast, at=now)
    assert code(lambda: versions.activate(version=third, actor=cast.nina, at=now)) == "is_planned"
    later = now + 3 * HOUR
    assert (
        code(lambda: schedule.schedule(version=third, starts_at=later, actor=cast.nina, at=now))
        == "is_planned"
    )
    assert (
        code(lambda: schedule.schedule(version=third, starts_at=later, actor=cast.nina, at=now + 2 * HOUR))
        == "stale"
    )


@pytest.mark.parametrize("ahead", [timedelta(0), -HOUR, timedelta(days=366)])
def test_a_plan_is_ahead_and_within_a_year(
    ahead: timedelta, first: ModelVersion, cast: Cast, now: datetime
) -> None:
    version = next_version(first, cast, at=now)

    def plan() -> object:
        return schedule.schedule(version=version, starts_at=now + ahead, actor=cast.nina, at=now)

    assert code(plan) == "not_ahead"


def test_only_what_is_approved_is_planned(first: ModelVersion, draft: ModelVersion, cast: Cast) -> None:
    at = timezone.now()
    for version, wanted in ((draft, "was_live"), (first, "was_live")):
        with pytest.raises(DomainError) as caught:
            schedule.schedule(version=version, starts_at=at + HOUR, actor=cast.nina, at=at)
        assert caught.value.code == wanted


@pytest.mark.parametrize("name", ["mara", "rob", "ada"])
def test_only_managers_plan_and_call_off(
    name: str, second: ModelVersion, first: ModelVersion, cast: Cast, now: datetime
) -> None:
    actor = getattr(cast, name)
    third = next_version(first, cast, at=now)
    assert (
        code(lambda: schedule.schedule(version=third, starts_at=now + HOUR, actor=actor, at=now))
        == "not_allowed"
    )
    assert code(lambda: schedule.cancel(version=second, actor=actor, at=now)) == "not_allowed"


def test_who_is_a_moment_late_by_the_databases_clock_is_told(
    first: ModelVersion, cast: Cast, now: datetime
) -> None:
    second = next_version(first, cast, at=now - HOUR)
    early = timezone.now()
    schedule.schedule(version=second, starts_at=early + timedelta(milliseconds=1), actor=cast.nina, at=early)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.002)")
    for verb in (
        lambda: schedule.cancel(version=second, actor=cast.noel, at=early),
        lambda: versions.activate(version=second, actor=cast.noel, at=early),
    ):
        assert code(verb) == "has_begun"
    assert live_version(first.model, at=timezone.now()) == second


# What the database keeps by itself.


def set_end(version: ModelVersion, end: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE scoring_models_activation SET ends_at = {end} WHERE version_id = %s", [version.pk]
        )


def test_what_has_begun_is_not_called_off(first: ModelVersion, cast: Cast) -> None:
    with acting(cast.nina), refused("isn't called off any more"):
        set_end(first, "starts_at")


def test_what_has_ended_stays_so(first: ModelVersion, cast: Cast, now: datetime) -> None:
    second = next_version(first, cast, at=now - HOUR)
    versions.activate(version=second, actor=cast.nina, at=now)
    with acting(cast.nina):
        for end in ("NULL", "now()", "now() + interval '1 day'"):
            with refused("only ends, once"):
                set_end(first, end)


def test_what_was_called_off_stays_so(second: ModelVersion, cast: Cast, now: datetime) -> None:
    schedule.cancel(version=second, actor=cast.nina, at=now)
    with acting(cast.nina), refused("only ends, once"):
        set_end(second, "NULL")


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("share = 50", "only ends, once"),
        ("kind = 'canary'", "only ends, once"),
        ("starts_at = starts_at - interval '1 day'", "only ends, once"),
    ],
)
def test_nothing_else_of_a_plan_changes(
    change: str, constraint: str, second: ModelVersion, cast: Cast
) -> None:
    with acting(cast.nina), refused(constraint), connection.cursor() as cursor:
        cursor.execute(f"UPDATE scoring_models_activation SET {change} WHERE version_id = %s", [second.pk])


@pytest.mark.parametrize(
    ("columns", "values", "constraint"),
    [
        ("kind, share", "'live', 50", "scoring_live_for_all"),
        ("kind, share", "'canary', 10", "scoring_live_for_all"),
        ("kind, share, scheduled_at", "'live', 100, now() + interval '9 days'", "scoring_planned_ahead"),
    ],
)
def test_only_live_for_all_leads_is_there_yet(
    columns: str, values: str, constraint: str, approved: ModelVersion, cast: Cast
) -> None:
    with acting(cast.nina), refused(constraint), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO scoring_models_activation"
            f" (model_id, version_id, starts_at, activated_by_id, set_up_exception, {columns})"
            f" SELECT model_id, id, now(), %s, false, {values}"
            " FROM scoring_models_modelversion WHERE id = %s",
            [cast.nina.pk, approved.pk],
        )


def test_a_draft_cut_before_another_went_live_does_not_follow_it(
    first: ModelVersion, cast: Cast, now: datetime
) -> None:
    second, third = next_version(first, cast, at=now), next_version(first, cast, at=now)
    versions.activate(version=second, actor=cast.nina, at=now)
    soon = now + HOUR
    with acting(cast.nina), refused("went live since the draft was cut"):
        Activation.objects.filter(version=second).update(ends_at=soon)
        Activation.objects.create(model=first.model, version=third, starts_at=soon, activated_by=cast.nina)
