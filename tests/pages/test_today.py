"""What is due today, as each person sees it."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from leads import overrides
from leads.models import Lead, OverrideKind, OverrideReason, Snooze
from leads.models.score_change import Cause, ScoreChange
from leads.queue import claims
from leads.today import today
from scoring_models.demo.versions import propose
from tests.company import Company, happen, score

SignIn = Callable[[str], Client]


def counts(company: Company, name: str) -> dict[str, int]:
    return {section.key: section.count for section in today(company.person(name), now=timezone.now())}


def test_who_is_overdue_comes_first(sign_in: SignIn, company: Company) -> None:
    assert counts(company, "ana")["overdue"] == 3
    html = sign_in("ana").get("/today/").content.decode()
    assert html.index("Overdue") < html.index("Freya") < html.index("All that is overdue")
    assert "2 days late" in html and "Otto" not in html


def test_a_lead_of_mine_that_rose_since_yesterday_is_news(company: Company) -> None:
    wei, ana = company.lead("Wei"), company.person("ana")
    Lead.objects.filter(pk=wei.pk).update(owner=ana)
    assert "hot" not in counts(company, "ana")
    for type_key in ("dm_received", "connection_request_received"):
        happen(wei, type_key, at=timezone.now())
    score()
    assert counts(company, "ana")["hot"] == 1
    assert "hot" not in counts(company, "jon")


def test_what_another_version_raises_is_none(company: Company) -> None:
    freya, ana = company.lead("Freya"), company.person("ana")
    Lead.objects.filter(pk=freya.pk).update(owner=ana)
    assert counts(company, "ana")["hot"] == 1  # Freya came in just now.
    low = ScoreChange.objects.get(lead_id=freya.pk)
    ScoreChange.objects.create(
        **{"lead_id": freya.pk, "version_id": 1, "total": 85, "engagement": 70, "fit": 15, "band": -1},
        at=low.at + timedelta(days=3),
        cause=Cause.VERSION | Cause.SIGNAL,
    )
    now = low.at + timedelta(days=3, minutes=1)
    assert "hot" not in {section.key for section in today(ana, now=now)}


def test_claims_overrides_that_end_and_snoozes_that_ended(sign_in: SignIn, company: Company) -> None:
    ana, now = company.person("ana"), timezone.now()
    claims.claim(lead_id=company.lead("Tom").pk, actor=ana, at=now)
    overrides.set_override(
        lead_id=company.lead("Wei").pk,
        kind=OverrideKind.POINTS,
        points=5,
        reason=OverrideReason.MET,
        actor=ana,
        at=now,
        ends_at=now + timedelta(hours=5),
    )
    yesterday = now - timedelta(hours=20)
    Snooze.objects.create(lead=company.lead("Lucia"), user=ana, at=yesterday, until=now - timedelta(hours=1))
    found = counts(company, "ana")
    assert (found["claimed"], found["ending"], found["back"]) == (1, 1, 1)
    assert counts(company, "jon").keys().isdisjoint({"claimed", "ending", "back"})
    html = sign_in("ana").get("/today/").content.decode()
    assert "Claimed by you" in html and "Back from snooze" in html


def test_only_managers_have_overrides_to_look_at(company: Company) -> None:
    overrides.set_override(
        lead_id=company.lead("Owen").pk,
        kind=OverrideKind.BAND,
        band="hot",
        reason=OverrideReason.REFERRAL,
        actor=company.person("ana"),
        at=timezone.now(),
    )
    assert counts(company, "mara")["reviews"] == 1
    assert "reviews" not in counts(company, "ana")


def test_an_empty_day_says_what_to_do(sign_in: SignIn, company: Company) -> None:
    Lead.objects.update(is_open=False)
    html = sign_in("ana").get("/today/").content.decode()
    assert "Nothing is due today" in html and "Go to the queue" in html


def test_a_version_that_waits_for_my_review_is_on_my_day(sign_in: SignIn, company: Company) -> None:
    propose(author=company.person("sam"), now=timezone.now())
    html = sign_in("mara").get("/today/").content.decode()
    assert "Versions that wait for your review" in html and "/review/" in html
    assert "Versions that wait" not in sign_in("ana").get("/today/").content.decode()
