"""The lists of what is overdue and of what is due today."""

from datetime import datetime, timedelta

import pytest
from django.http import QueryDict

from leads.models import Response
from leads.queue import ranking, values_sql
from leads.queue.criteria import Criteria
from leads.queue.filters import due_by
from leads.response.team_hours import end_of_day
from leadscoring.people.hours import TeamHours, set_hours
from leadscoring.people.models import User
from tests.leads.response.conftest import settle, signal
from tests.leads.work.conftest import NOW, Cast, fresh, make_lead

HOUR = timedelta(hours=1)


def ids(user: User, due: datetime | None) -> list[int]:
    page = ranking.ranked(user=user, now=NOW, criteria=Criteria(due_by=due))
    return [row.lead.pk for row in page.rows]


@pytest.fixture
def leads(cast: Cast) -> dict[str, int]:
    """One overdue, one due tonight, one due in days, and one for which nobody waits."""
    late, tonight, later, never = (make_lead(cast.north, total) for total in (90, 89, 40, 88))
    other = make_lead(cast.south, 90)
    for lead, ago in ((late, 3), (tonight, 1), (later, 1), (other, 3)):
        signal(lead, NOW - ago * HOUR)
    settle()
    return {"late": late.pk, "tonight": tonight.pk, "later": later.pk, "never": never.pk}


@pytest.mark.parametrize("rare", [True, False])
def test_each_list_has_what_is_due_by_then(
    cast: Cast, leads: dict[str, int], monkeypatch: pytest.MonkeyPatch, rare: bool
) -> None:
    monkeypatch.setattr(values_sql, "RARE", 5000 if rare else -1)
    alice = cast.alice
    assert ids(alice, NOW) == [leads["late"]]
    assert ids(alice, due_by("today", alice, now=NOW)) == [leads["late"], leads["tonight"]]
    assert len(ids(alice, None)) == 4
    counted = ranking.how_many(user=alice, now=NOW, criteria=Criteria(due_by=NOW), limit=100)
    assert counted == (1, False)


def test_what_is_due_now_is_overdue_only_from_then_on(cast: Cast, leads: dict[str, int]) -> None:
    due_at = Response.objects.get(lead_id=leads["tonight"]).due_at
    assert ids(cast.alice, due_at - timedelta.resolution) == [leads["late"]]
    assert ids(cast.alice, due_at) == [leads["late"], leads["tonight"]]


def test_a_day_ends_by_the_clock_of_one_s_team(cast: Cast) -> None:
    at = datetime.fromisoformat("2026-03-02T23:30:00Z")
    assert end_of_day(cast.alice, now=at) == datetime.fromisoformat("2026-03-03T00:00:00Z")
    set_hours(team=cast.north, hours=TeamHours("Europe/Berlin"), actor=cast.carol, at=NOW)
    assert end_of_day(fresh(cast.alice), now=at) == datetime.fromisoformat("2026-03-03T23:00:00Z")
    assert end_of_day(cast.mia, now=at) == datetime.fromisoformat("2026-03-03T00:00:00Z")


def test_an_address_can_ask_for_them(cast: Cast, leads: dict[str, int]) -> None:
    assert due_by(QueryDict("only=overdue").get("only"), cast.alice, now=NOW) == NOW
    assert due_by(QueryDict("only=claimed").get("only"), cast.alice, now=NOW) is None
