"""Response clocks as people see them, and the page that says how long they run."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import ResponseTime
from leads.outcomes import CallResult, log_call
from leads.response.clocks import Clock
from leads.templatetags.response import say_due
from leadscoring.audit.models import AuditEntry
from leadscoring.people.models import Team
from tests.company import Company

SignIn = Callable[[str], Client]
NOW = datetime(2026, 11, 26, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "due_in", "said"),
    [
        (timedelta(minutes=41), timedelta(minutes=41), "41 min left"),
        (timedelta(hours=1, minutes=12), timedelta(hours=1, minutes=12), "1 h 12 min left"),
        (timedelta(seconds=20), timedelta(seconds=20), "1 min left"),
        (timedelta(hours=2), timedelta(hours=16), "due tomorrow"),
        (timedelta(hours=20), timedelta(days=5), "due 1 Dec"),
        (timedelta(minutes=-18), timedelta(minutes=-18), "18 min late"),
        (timedelta(hours=-3), timedelta(hours=-20), "3 h late"),
        (timedelta(hours=-24), timedelta(days=-3), "3 days late"),
    ],
)
def test_what_is_left_is_said_in_few_words(left: timedelta, due_in: timedelta, said: str) -> None:
    clock = Clock(NOW - timedelta(days=9), NOW + due_in, left, ZoneInfo("UTC"))
    assert say_due(clock, NOW) == said


def test_the_queue_says_who_waits_and_since_when(sign_in: SignIn, company: Company) -> None:
    html = sign_in("ana").get("/queue/").content.decode()
    # Freya, Tom and Lucia showed intent; Wei came in as MQL.
    assert html.count('<span class="wait') == 4
    assert "2 days late" in html and "waiting since" in html


def test_an_answer_takes_the_clock_away(sign_in: SignIn, company: Company) -> None:
    freya, ana = company.lead("Freya"), company.person("ana")
    page = f"/leads/{freya.pk}/"
    before = sign_in("ana").get(page).content.decode()
    assert "Since the signal" in before and "Nobody has contacted this lead yet." in before
    log_call(lead_id=freya.pk, result=CallResult.NO_ANSWER, actor=ana, at=timezone.now())
    after = sign_in("ana").get(page).content.decode()
    assert "Since the signal" not in after
    assert "Nobody waits for an answer." in after and "Last contacted" in after


def test_a_manager_sets_the_times_of_their_own_teams(sign_in: SignIn, company: Company) -> None:
    europe, overseas = (Team.objects.get(name=name) for name in ("Europe", "Overseas"))
    mara = sign_in("mara")
    assert "Overseas" not in mara.get("/response-times/").content.decode()
    answer = mara.post(f"/response-times/{europe.pk}/", {"hot": "4", "sql": "", "mql": "72"}, follow=True)
    assert "Saved" in answer.content.decode()
    assert {(row.band, row.hours) for row in ResponseTime.objects.all()} == {("hot", 4), ("mql", 72)}
    assert AuditEntry.objects.get(action="team.response_times_set").data == {"hours": {"hot": 4, "mql": 72}}
    refused = mara.post(f"/response-times/{overseas.pk}/", {"hot": "1"}, follow=True)
    assert "Only an Admin or a manager of this team" in refused.content.decode()
    assert ResponseTime.objects.count() == 2


@pytest.mark.parametrize("hours", ["0", "-1", "2001", "soon"])
def test_a_time_that_cannot_be_is_said_at_its_field(sign_in: SignIn, company: Company, hours: str) -> None:
    europe = Team.objects.get(name="Europe")
    answer = sign_in("ines").post(f"/response-times/{europe.pk}/", {"hot": hours})
    assert answer.status_code == 422 and "errorlist" in answer.content.decode()
    assert not ResponseTime.objects.exists()


def test_the_times_that_are_set_are_there_to_be_changed(sign_in: SignIn, company: Company) -> None:
    europe, ines = Team.objects.get(name="Europe"), sign_in("ines")
    ines.post(f"/response-times/{europe.pk}/", {"hot": "4"})
    html = ines.get("/response-times/").content.decode()
    assert 'name="hot" value="4"' in html and "The model says 2." in html
    said = ines.post(f"/response-times/{europe.pk}/", {"hot": "4"}, follow=True).content.decode()
    assert "Nothing was changed." in said
