from datetime import UTC, datetime, timedelta

import pytest

from leads.models import OutcomeKind
from leadscoring.people.roles import Role
from scoring_models.demo import cast
from scoring_models.demo.generate import DemoLead, Size, market
from scoring_models.demo.journeys import DAYS, Journey

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)  # a Monday
SMALL = Size(companies=120, leads=500)


@pytest.fixture(scope="module")
def leads() -> list[DemoLead]:
    return list(market(SMALL, now=NOW))


def test_the_same_market_comes_out_each_time(leads: list[DemoLead]) -> None:
    assert list(market(SMALL, now=NOW)) == leads


@pytest.mark.parametrize("days", [1, 5, 40])
def test_on_another_day_only_the_dates_are_others(leads: list[DemoLead], days: int) -> None:
    later = list(market(SMALL, now=NOW + timedelta(days=days, hours=3)))
    assert [lead.person for lead in later] == [lead.person for lead in leads]
    for one, other in zip(leads, later, strict=True):
        assert sorted(event.type_key for event in one.signals) == sorted(
            event.type_key for event in other.signals
        )
        assert (one.ending and one.ending.kind) == (other.ending and other.ending.kind)
        assert timedelta(days=days - 8) < other.created_at - one.created_at < timedelta(days=days + 8)


def test_nothing_lies_in_the_future_or_before_we_knew_them(leads: list[DemoLead]) -> None:
    for lead in leads:
        assert lead.created_at < NOW
        assert all(lead.created_at <= event.at < NOW for event in lead.signals)
        assert lead.ending is None or lead.created_at < lead.ending.at < NOW


def test_nothing_happens_after_the_end(leads: list[DemoLead]) -> None:
    closed = [lead for lead in leads if lead.ending]
    assert closed
    for lead in closed:
        assert lead.ending and all(event.at <= lead.ending.at for event in lead.signals)


def test_the_signals_are_those_of_the_last_90_days_or_of_before_the_end(leads: list[DemoLead]) -> None:
    oldest = min(event.at for lead in leads if not lead.ending for event in lead.signals)
    assert NOW - timedelta(days=DAYS + 8) < oldest < NOW - timedelta(days=80)


def test_every_address_is_one_that_nobody_can_own(leads: list[DemoLead]) -> None:
    for lead in leads:
        values = lead.values()
        for key in ("email", "company_domain"):
            assert values.get(key, "x.example").endswith(".example")
        assert "//social.example/" in values.get("linkedin_url", "//social.example/")
    assert cast.DOMAIN.endswith(".example")


def test_addresses_and_domains_are_unique(leads: list[DemoLead]) -> None:
    emails = [lead.person.email for lead in leads if lead.person.email]
    assert len(set(emails)) == len(emails)
    names = {lead.person.company.domain: lead.person.company.name for lead in leads if lead.person.company}
    assert len(set(names.values())) == len(names)


def test_people_work_on_working_days_mostly(leads: list[DemoLead]) -> None:
    days = [event.at.weekday() for lead in leads for event in lead.signals]
    weekend = sum(day >= 5 for day in days) / len(days)
    assert 0.01 < weekend < 0.15


def test_most_people_are_cold_and_a_few_are_buying(leads: list[DemoLead]) -> None:
    journeys = [lead.journey for lead in leads]
    share = {journey: journeys.count(journey) / len(journeys) for journey in Journey}
    assert share[Journey.SILENT] + share[Journey.CURIOUS] > 0.5
    assert 0.002 < share[Journey.BUYING] < 0.06


def test_wins_are_likelier_where_there_was_interest_but_not_certain() -> None:
    closed = [lead for lead in market(Size(400, 2_500), now=NOW) if lead.ending]
    keen = (Journey.ENGAGED, Journey.BUYING)
    hot = [lead.ending.kind for lead in closed if lead.ending and lead.journey in keen]
    cold = [lead.ending.kind for lead in closed if lead.ending and lead.journey not in keen]
    won = OutcomeKind.CONVERTED
    assert hot.count(won) / len(hot) > 3 * cold.count(won) / len(cold) > 0
    assert hot.count(OutcomeKind.LOST) > 0


def test_some_leads_are_nobodys_and_owners_are_of_the_leads_team(leads: list[DemoLead]) -> None:
    assert any(lead.owner is None for lead in leads)
    for lead in leads:
        assert lead.owner is None or (lead.owner.team == lead.team and lead.owner.role is Role.REP)


def test_the_cast_has_every_role_and_two_teams_with_a_manager_each() -> None:
    assert {member.role for member in cast.CAST} == set(Role)
    for team in cast.TEAMS:
        assert len(cast.members(Role.REP, team)) >= 3 and len(cast.members(Role.MANAGER, team)) == 1
    assert len({member.email for member in cast.CAST}) == len(cast.CAST)
