"""What programs are told of: the scores that are stored, overrides and versions, and never in a storm."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from leads import overrides
from leads.models import Lead, Override, OverrideKind, OverrideReason, Score, WebhookMark
from leads.webhooks.telling import tell
from leadscoring.hooks.models import Delivery, EventKind
from leadscoring.people.models import User
from scoring_models import rescoring, versions
from scoring_models.demo.versions import propose
from scoring_models.models import ModelVersion, RescoreRun
from tests import company as companies
from tests.company import Company
from tests.hooks.conftest import register, switch
from tests.hooks.test_guide import example, shape
from tests.scoring_models.approving import approve

URL = "https://crm.example.com/hooks"
BAND, SCORE = EventKind.BAND, EventKind.SCORE


@pytest.fixture
def company(db: None, settings: Settings) -> Company:
    settings.PASSWORD_HASHERS = companies.QUICK_HASHERS
    return companies.found(now=timezone.now())


@pytest.fixture
def ines(company: Company) -> User:
    return company.person("ines")


def happen(company: Company, name: str, *types: str) -> Lead:
    """Signals come in, and a worker scores the lead and tells of it."""
    lead = company.lead(name)
    for type_key in types:
        companies.happen(lead, type_key, at=timezone.now())
    companies.score()
    tell(now=timezone.now())
    return lead


def told() -> list[dict[str, Any]]:
    """The messages on their way, the oldest first."""
    waiting = Delivery.objects.select_related("event").order_by("pk")
    return [json.loads(delivery.event.body) for delivery in waiting]


def test_a_lead_that_comes_into_another_band_is_told_of(company: Company, ines: User) -> None:
    register(URL, ines, BAND)
    lead = happen(company, "Wei", "dm_received")
    (message,) = told()
    score, data = Score.objects.get(lead=lead), message["data"]
    assert shape(message) == shape(example(BAND))
    assert message["type"] == "lead.band_changed"
    assert data["lead"] == {
        "id": lead.pk,
        "external_id": "lead-wei",
        "url": f"http://127.0.0.1:8000/leads/{lead.pk}/",
    }
    assert (data["score"], data["engagement"], data["fit"]) == (score.total, score.engagement, score.fit)
    assert (data["previous"]["score"], data["score"]) == (35, 75)
    assert (data["previous"]["band"]["key"], data["band"]["key"]) == ("mql", "sql")
    assert data["causes"] == ["signal"]
    assert data["reasons"][0]["points"] == 40
    assert data["due_at"] is not None and message["timestamp"].startswith(data["at"][:19])


def test_reasons_are_those_of_the_moment_whatever_came_since(company: Company, ines: User) -> None:
    register(URL, ines, SCORE, threshold=1)
    lead = company.lead("Owen")
    for type_key in ("content_save", "dm_received"):
        companies.happen(lead, type_key, at=timezone.now())
        companies.score()
    tell(now=timezone.now())
    first, second = (message["data"] for message in told())
    assert sum(reason["points"] for reason in first["reasons"]) == first["score"]
    assert len(second["reasons"]) == len(first["reasons"]) + 1
    assert first["sequence"] < second["sequence"]
    assert second["previous"]["score"] == first["score"]


def test_each_endpoint_is_told_from_its_own_number_of_points_on(company: Company, ines: User) -> None:
    exact = register(URL, ines, SCORE, threshold=15).endpoint
    register(URL, ines, SCORE, threshold=16)
    happen(company, "Owen", "content_save")
    assert [delivery.endpoint for delivery in Delivery.objects.all()] == [exact]


def test_nothing_is_noted_that_no_endpoint_asked_for(company: Company, ines: User) -> None:
    other = register(URL, ines, EventKind.ACTIVATED).endpoint
    off = register(URL, ines).endpoint
    switch(off, ines, is_on=False, at=timezone.now())
    companies.happen(company.lead("Owen"), "dm_received", at=timezone.now())
    companies.score()
    override(company, "Owen")
    assert not WebhookMark.objects.exists()
    assert other.deliveries.count() == 0


def test_first_scores_come_from_nothing_and_the_lowest_band_is_nothing(company: Company, ines: User) -> None:
    register(URL, ines, BAND, SCORE)
    newcomers = [
        companies.Person("Nobody", "New", "Clerk", "Somewhere"),
        companies.Person("Nina", "New", "VP Sales", "Elsewhere", (("dm_received", 1),)),
    ]
    companies.add_leads(newcomers, now=timezone.now())
    tell(now=timezone.now())
    messages = [message for message in told() if message["data"]["previous"] is None]
    assert {message["data"]["lead"]["external_id"] for message in messages} == {"lead-nina"}
    assert {message["type"] for message in messages} == {BAND.value, SCORE.value}


def approved(company: Company) -> ModelVersion:
    version = propose(author=company.person("sam"), now=timezone.now())
    approve(version=version, actor=company.person("mara"), at=timezone.now())
    version.refresh_from_db()
    return version


def test_a_version_is_one_message_however_many_scores_it_changes(company: Company, ines: User) -> None:
    before = dict(Score.objects.values_list("pk", "total"))
    version = approved(company)
    register(URL, ines, threshold=1)
    versions.activate(version=version, actor=company.person("mara"), at=timezone.now())
    run = RescoreRun.objects.latest("pk")
    while rescoring.work_next_shard(run_id=run.pk):
        pass
    tell(now=timezone.now())
    assert dict(Score.objects.values_list("pk", "total")) != before
    (message,) = told()
    assert shape(message) == shape(example(EventKind.ACTIVATED))
    assert message["data"]["version"]["id"] == version.pk
    assert message["data"]["version"]["digest"] == version.digest
    assert message["data"]["previous"]["version"]["number"] == 1
    assert not WebhookMark.objects.exists()


def test_what_somebody_does_is_told_though_a_version_came_meanwhile(company: Company, ines: User) -> None:
    version = approved(company)
    register(URL, ines, SCORE, threshold=1)
    versions.activate(version=version, actor=company.person("mara"), at=timezone.now())
    lead = happen(company, "Owen", "dm_received")
    (message,) = told()
    assert message["data"]["lead"]["id"] == lead.pk
    assert {"signal", "version"} <= set(message["data"]["causes"])


def override(company: Company, name: str, points: int = 20, ends_at: datetime | None = None) -> Override:
    return overrides.set_override(
        lead_id=company.lead(name).pk,
        kind=OverrideKind.POINTS,
        points=points,
        reason=OverrideReason.MET,
        actor=company.person("ana"),
        at=timezone.now(),
        ends_at=ends_at,
    )


def test_overrides_are_told_with_what_counted_before_and_counts_now(company: Company, ines: User) -> None:
    register(URL, ines, EventKind.OVERRIDE_SET, EventKind.OVERRIDE_ENDED)
    first = override(company, "Wei", 20)
    second = override(company, "Wei", 50)
    overrides.end_override(override_id=second.pk, actor=company.person("ana"), at=timezone.now())
    tell(now=timezone.now())
    began, replaced, ended = told()
    assert [one["type"] for one in (began, replaced, ended)] == ["override.set"] * 2 + ["override.ended"]
    assert shape(began) == shape(replaced) == shape(ended) == shape(example(EventKind.OVERRIDE_SET))
    scores = [
        (
            one["data"]["previous"]["effective"]["score"],
            one["data"]["effective"]["score"],
            one["data"]["score"],
        )
        for one in (began, replaced, ended)
    ]
    assert scores == [(35, 55, 35), (55, 85, 35), (85, 35, 35)]
    assert [one["data"]["override"]["id"] for one in (began, replaced, ended)] == [
        first.pk,
        second.pk,
        second.pk,
    ]
    numbers = [one["data"]["sequence"] for one in (began, replaced, ended)]
    assert numbers == sorted(set(numbers))


def test_an_override_whose_time_is_over_is_told_once_as_of_its_end(company: Company, ines: User) -> None:
    register(URL, ines, EventKind.OVERRIDE_ENDED)
    end = timezone.now() + timedelta(hours=1)
    over = override(company, "Wei", ends_at=end)
    tell(now=end - timedelta(seconds=1))
    assert told() == []
    assert [tell(now=end), tell(now=end)] == [1, 0]
    (message,) = told()
    data = message["data"]
    assert shape(message) == shape(example(EventKind.OVERRIDE_SET))
    assert (message["type"], data["override"]["id"]) == ("override.ended", over.pk)
    assert data["at"] == data["override"]["ends_at"]
    assert (data["previous"]["effective"]["score"], data["effective"]["score"]) == (55, 35)
    assert data["effective"]["override"] is None


def test_an_end_that_nobody_asked_for_is_no_news_later(company: Company, ines: User) -> None:
    end = timezone.now() + timedelta(hours=1)
    override(company, "Wei", ends_at=end)
    tell(now=end)
    register(URL, ines, EventKind.OVERRIDE_ENDED)
    assert tell(now=end + timedelta(days=1)) == 0


def test_one_that_somebody_ended_or_replaced_is_not_told_again_when_its_time_would_be_over(
    company: Company, ines: User
) -> None:
    register(URL, ines, EventKind.OVERRIDE_ENDED)
    end = timezone.now() + timedelta(hours=1)
    override(company, "Wei", ends_at=end)
    second = override(company, "Wei", ends_at=end)
    overrides.end_override(override_id=second.pk, actor=company.person("ana"), at=timezone.now())
    tell(now=timezone.now())
    assert tell(now=end + timedelta(days=1)) == 0
    assert [message["data"]["override"]["id"] for message in told()] == [second.pk]


def test_while_an_override_counts_changes_of_the_score_say_so(company: Company, ines: User) -> None:
    register(URL, ines, SCORE)
    mine = override(company, "Wei", 5)
    happen(company, "Wei", "dm_received")
    (message,) = told()
    assert message["data"]["effective"] == {
        "score": 80,
        "band": {"key": "sql", "name": "SQL"},
        "override": mine.pk,
        "held_back": False,
    }


class Stop(Exception):
    pass


def test_a_change_that_is_taken_back_is_not_told(company: Company, ines: User) -> None:
    register(URL, ines, EventKind.OVERRIDE_SET)
    with pytest.raises(Stop), transaction.atomic():
        override(company, "Wei")
        assert WebhookMark.objects.count() == 1
        raise Stop
    assert not WebhookMark.objects.exists()


def test_many_marks_take_a_few_queries(
    company: Company, ines: User, django_assert_max_num_queries: Any
) -> None:
    register(URL, ines, BAND, SCORE, threshold=1)
    for name in ("Wei", "Owen", "Lucia"):
        companies.happen(company.lead(name), "dm_received", at=timezone.now() - timedelta(minutes=1))
    companies.score()
    with django_assert_max_num_queries(15):
        assert tell(now=timezone.now()) == 6
    assert tell(now=timezone.now()) == 0
