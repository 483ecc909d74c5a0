"""The order of models: changed by managers, kept with its dates, and asked of every past moment."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from leads.models import Score
from leads.scorer import scorer
from leads.stale import mark_stale
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from scoring_models import drafts, order, rescoring, schedule, scoring, versions
from scoring_models.explanation import explain_by_turn
from scoring_models.live import live_versions
from scoring_models.models import Arrangement, ModelVersion, ScoringModel
from scoring_models.score_audit import differences
from scoring_models.spec import AttributeCondition, Kind, Op
from tests.oracle import LeadFacts
from tests.scoring_models.approving import approve
from tests.scoring_models.live import go_live
from tests.scoring_models.planting import plant
from tests.scoring_models.reference import REFERENCE

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ABLE = AttributeCondition("ssi_score", Kind.NUMBER, Op.AT_LEAST, (Decimal(70),))
GERMAN = AttributeCondition("country", Kind.TEXT, Op.IS, ("de",))


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def live(now: datetime) -> list[ModelVersion]:
    """For ten days: of the able, of Germans, of everybody."""
    specs = (REFERENCE, replace(REFERENCE, model="Germans", audience=(GERMAN,)))
    able = replace(REFERENCE, model="Able", audience=(ABLE,))
    return [go_live(spec, at=now - 10 * DAY) for spec in (*specs, able)][::-1]


@pytest.fixture
def nina() -> User:
    return User.objects.create_user("nina@example.com", name="Nina", is_superuser=True)


def ids(versions: list[ModelVersion]) -> list[int]:
    return [version.model_id for version in versions]


def refusal(verb: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as refused, transaction.atomic():
        verb()
    return refused.value.code


def test_another_order_holds_from_its_moment_on_and_is_kept_with_its_actor(
    live: list[ModelVersion], nina: User, now: datetime
) -> None:
    able, german, everybody = ids(live)
    [lead_id] = plant([LeadFacts(now - 300 * DAY, {"country": "DE", "ssi_score": Decimal(80)})])
    at = now - DAY

    run = order.arrange(models=[german, able, everybody], actor=nina, at=at)

    assert [version.model_id for version in live_versions(at=at)] == [german, able, everybody]
    earlier = [version.model_id for version in live_versions(at=at - timedelta(microseconds=1))]
    assert earlier == [able, german, everybody]
    [arrangement] = Arrangement.objects.all()
    assert (arrangement.arranged_by, arrangement.before) == (nina, [able, german, everybody])
    entry = AuditEntry.objects.get(action="models.arranged")
    assert (entry.actor, entry.data["after"]) == (nina, [german, able, everybody])
    said = [explain_by_turn(lead_id, as_of=moment) for moment in (now, at - timedelta(microseconds=1))]
    assert [each and each.version_id for each in said] == [live[1].pk, live[0].pk]
    assert [scale.version_id for scale in scorer().scales().live] == [live[1].pk, live[0].pk, live[2].pk]
    assert run is not None
    while rescoring.work_next_shard(run_id=run.pk):
        pass
    assert Score.objects.get(lead=lead_id).version_id == live[1].pk


def test_leads_are_scored_by_the_order_of_their_moment_on_the_quick_way_too(
    live: list[ModelVersion], nina: User, now: datetime
) -> None:
    [lead_id] = plant([LeadFacts(now - 300 * DAY, {"country": "DE", "ssi_score": Decimal(80)})])
    for _ in range(2):
        mark_stale([lead_id])
        scoring.score_stale()
    assert Score.objects.get().version_id == live[0].pk
    able, german, everybody = ids(live)
    order.arrange(models=[german, able, everybody], actor=nina, at=now)
    mark_stale([lead_id])
    assert scoring.score_stale() == 1
    assert Score.objects.get().version_id == live[1].pk


def test_every_past_order_is_told_apart(live: list[ModelVersion], nina: User, now: datetime) -> None:
    able, german, everybody = ids(live)
    order.arrange(models=[german, able, everybody], actor=nina, at=now - 3 * DAY)
    order.arrange(models=[able, german, everybody], actor=nina, at=now - 2 * DAY)
    drafts.new_model(name="Newest", spec=REFERENCE, actor=User.objects.system(), at=now)
    moments = [now - days * DAY for days in (4, 3, 2.5, 2, 0)]
    firsts = [live_versions(at=moment)[0].model_id for moment in moments]
    assert firsts == [able, german, german, able, able]


def test_what_is_no_change_of_all_models_is_refused(
    live: list[ModelVersion], nina: User, now: datetime
) -> None:
    able, german, everybody = ids(live)

    def arranging(*models: int, at: datetime = now, seen: list[int] | None = None) -> str:
        return refusal(lambda: order.arrange(models=models, actor=nina, at=at, seen=seen))

    assert arranging(able, german) == "changed_since"
    assert arranging(able, able, german, everybody) == "changed_since"
    assert arranging(german, able, everybody, seen=[german, everybody, able]) == "changed_since"
    assert arranging(able, german, everybody) == "same_order"
    assert arranging(able, everybody, german) == "last_audience"
    order.arrange(models=[german, able, everybody], actor=nina, at=now)
    assert arranging(able, german, everybody, at=now) == "overtaken"
    assert Arrangement.objects.count() == 1


def test_a_plan_that_would_leave_leads_unscored_keeps_the_order(
    live: list[ModelVersion], nina: User, now: datetime
) -> None:
    """A model that scores everybody today, and only some from tomorrow on, can't be the last."""
    wide = go_live(replace(REFERENCE, model="Wide"), at=now - DAY)
    mara = User.objects.create_user("mara@example.com", name="Mara", is_superuser=True)
    spec = replace(REFERENCE, model="Wide", audience=(GERMAN,))
    draft = versions.submit(version=drafts.create(spec=spec, actor=mara, at=now), actor=mara, at=now)
    schedule.schedule(version=approve(draft, actor=nina, at=now), starts_at=now + DAY, actor=nina, at=now)
    models = [*ids(live), wide.model_id]
    assert refusal(lambda: order.arrange(models=models, actor=nina, at=now)) == "last_audience"
    schedule.cancel(version=draft, actor=nina, at=now)
    assert order.arrange(models=models, actor=nina, at=now)


@pytest.mark.parametrize("role", [Role.REP, Role.MARKETING, Role.ADMIN])
def test_only_managers_change_it(live: list[ModelVersion], now: datetime, role: Role) -> None:
    person = User.objects.create_user(f"{role}@example.com", name=role)
    person.groups.set(Group.objects.filter(name=role))
    able, german, everybody = ids(live)
    models = [german, able, everybody]
    assert refusal(lambda: order.arrange(models=models, actor=person, at=now)) == "not_allowed"


def test_without_a_live_version_nothing_is_scored(nina: User, now: datetime) -> None:
    system = User.objects.system()
    made = [drafts.new_model(name=name, spec=REFERENCE, actor=system, at=now).model_id for name in "AB"]
    assert order.arrange(models=made, actor=nina, at=now) is None
    assert list(ScoringModel.objects.order_by("position").values_list("pk", flat=True)) == made


def test_the_audit_finds_scores_of_a_model_whose_turn_it_was_not(
    live: list[ModelVersion], nina: User, now: datetime
) -> None:
    [lead_id] = plant([LeadFacts(now - 300 * DAY, {"country": "DE", "ssi_score": Decimal(80)})])
    scoring.score_leads([lead_id])
    assert Score.objects.get().version_id == live[0].pk
    assert not list(differences(sample=10))
    able, german, everybody = ids(live)
    order.arrange(models=[german, able, everybody], actor=nina, at=timezone.now())
    assert not list(differences(sample=10))  # at its moment it was right
    Score.objects.update(scored_at=timezone.now())
    [found, *_] = differences(sample=10)
    assert (found.lead_id, found.computed) == (lead_id, {})
