"""To whom leads go."""

import pytest

from leads.ingestion.rows import LeadRow
from leads.models import Account, Attribute, Kind, Lead, RoutingEntry, Turn
from leads.routing import ensure_a_team, find_owner, find_team
from leadscoring.errors import DomainError
from leadscoring.people.models import Membership, Team
from leadscoring.people.roles import Role
from tests.leads.ingestion.conftest import person, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def east() -> Team:
    return Team.objects.create(name="East")


def entry(attribute: str, *values: str, team: Team, position: int = 0) -> RoutingEntry:
    return RoutingEntry.objects.create(
        position=position, attribute=Attribute.objects.get(key=attribute), values=values, team=team
    )


def where(external_id: str) -> tuple[str | None, str | None]:
    lead = Lead.objects.select_related("team", "owner").get(external_id=external_id)
    return lead.team.name if lead.team else None, lead.owner.email if lead.owner else None


def test_without_anything_else_the_default_team_gets_the_lead_unowned(sales: Team, east: Team) -> None:
    person("rep", Role.REP, team=sales)
    save(LeadRow(1, {}, external_id="1"))
    assert where("1") == ("Sales", None)


def test_the_only_team_is_the_default_one() -> None:
    Team.objects.create(name="Only")
    save(LeadRow(1, {}, external_id="1"))
    assert where("1") == ("Only", None)


def test_with_several_teams_and_no_default_one_nothing_is_imported(east: Team) -> None:
    Team.objects.create(name="West")
    with pytest.raises(DomainError, match="make a team the default one, or name a team"):
        save(LeadRow(1, {}, external_id="1"))
    assert not Lead.objects.exists()


def test_the_first_team_is_made_where_there_is_none() -> None:
    made = ensure_a_team()
    assert made is not None and made.is_default
    assert ensure_a_team() is None


def test_the_routing_list_is_asked_in_order_and_its_reps_take_turns(sales: Team, east: Team) -> None:
    reps = [person(f"rep{n}", Role.REP, team=east) for n in range(2)]
    person("boss", Role.MANAGER, team=east)
    gone = person("gone", Role.REP, team=east)
    gone.is_active = False
    gone.save()
    entry("country", "Latvia", team=sales, position=2)
    entry("country", "Estonia", " LATVIA ", team=east, position=1)
    save(*(LeadRow(n, {"country": "latvia"}, external_id=str(n)) for n in range(3)))
    save(
        LeadRow(3, {"country": "Estonia"}, external_id="3"), LeadRow(4, {"country": "Peru"}, external_id="4")
    )
    assert [where(str(n)) for n in range(4)] == [("East", reps[n % 2].email) for n in range(4)]
    assert where("4") == ("Sales", None)
    assert Turn.objects.get(team=east).last_user_id == reps[1].pk


def test_the_routing_list_compares_facts_of_any_kind_and_of_the_company(sales: Team, east: Team) -> None:
    Attribute.objects.create(key="visits", label="Visits", kind=Kind.NUMBER)
    entry("visits", "5.0", "not a number", team=east)
    entry("is_competitor", "true", team=east)
    save(
        LeadRow(1, {"visits": "5"}, external_id="1"),
        LeadRow(2, {"visits": "6"}, external_id="2"),
        LeadRow(3, {"company": "Acme", "is_competitor": "Yes"}, external_id="3"),
    )
    assert [where(str(n))[0] for n in (1, 2, 3)] == ["East", "Sales", "East"]


def test_the_account_s_owner_comes_before_the_routing_list(sales: Team, east: Team) -> None:
    owner = person("owner", Role.REP, team=east)
    entry("country", "Latvia", team=sales)
    Account.objects.create(company="acme", owner=owner, attributes={"company": "Acme"})
    save(LeadRow(1, {"company": "Acme", "country": "Latvia"}, external_id="1"))
    assert where("1") == ("East", owner.email)


def test_an_account_s_owner_who_is_in_no_team_or_gone_is_passed_over(sales: Team) -> None:
    for name, active in (("loner", True), ("gone", False)):
        owner = person(name, Role.REP, team=None if active else sales)
        owner.is_active = active
        owner.save()
        Account.objects.create(company=name, owner=owner, attributes={"company": name})
        save(LeadRow(1, {"company": name}, external_id=name))
        assert where(name) == ("Sales", None)


def test_a_named_team_gets_new_leads_in_turns(sales: Team, east: Team) -> None:
    reps = [person(f"rep{n}", Role.REP, team=east) for n in range(2)]
    save(*(LeadRow(n, {}, external_id=str(n)) for n in range(3)), team=east)
    assert [where(str(n)) for n in range(3)] == [("East", reps[n % 2].email) for n in range(3)]


def test_a_named_owner_gets_the_leads_in_a_team_of_theirs(sales: Team, east: Team) -> None:
    owner = person("owner", Role.REP, team=east)
    save(LeadRow(1, {}, external_id="1"), owner=owner)
    assert where("1") == ("East", owner.email)
    Membership.objects.create(team=sales, user=owner)
    save(LeadRow(1, {}, external_id="2"), owner=owner)
    assert where("2") == ("Sales", owner.email)


def test_a_row_s_own_team_and_owner_come_before_those_of_the_import(sales: Team, east: Team) -> None:
    owner = person("owner", Role.REP, team=east)
    save(
        LeadRow(1, {}, external_id="1", owner="OWNER@example.com"),
        LeadRow(2, {}, external_id="2", team="east", owner="Owner"),
        LeadRow(3, {}, external_id="3"),
        team=sales,
    )
    assert [where(str(n)) for n in (1, 2, 3)] == [
        ("East", owner.email),
        ("East", owner.email),
        ("Sales", None),
    ]


@pytest.mark.parametrize(
    ("team", "owner", "reason"),
    [("Sales", "owner@example.com", "isn't in the team"), (None, "loner@example.com", "is in no team")],
)
def test_an_owner_outside_the_team_is_refused(
    sales: Team, east: Team, team: str | None, owner: str, reason: str
) -> None:
    person("owner", Role.REP, team=east)
    person("loner", Role.REP)
    result = save(LeadRow(1, {}, external_id="1", team=team, owner=owner))
    assert reason in result.refusals[0].reason
    assert not Lead.objects.exists()


def test_a_known_lead_keeps_its_team_and_owner(sales: Team, east: Team) -> None:
    owner = person("owner", Role.REP, team=east)
    save(LeadRow(1, {}, external_id="1"), owner=owner)
    entry("country", "Latvia", team=sales)
    save(LeadRow(1, {"country": "Latvia"}, external_id="1"))
    assert where("1") == ("East", owner.email)


def test_a_known_lead_goes_where_it_is_sent_and_stays_there(sales: Team, east: Team) -> None:
    owner = person("owner", Role.REP, team=east)
    row = LeadRow(1, {}, external_id="1")
    save(row, owner=owner)
    assert save(row, team=east).unchanged == 1
    assert save(row, team=sales).updated == 1
    assert where("1") == ("Sales", None)
    assert save(row, team=sales).unchanged == 1
    assert save(row, owner=owner).updated == 1
    assert where("1") == ("East", owner.email)


def test_a_team_and_an_owner_are_found_by_name_and_near_ones_are_told(sales: Team) -> None:
    ann = person("ann", Role.REP)
    assert find_team(" SALES ") == sales
    assert find_owner("Ann@Example.com") == find_owner("ann") == ann
    with pytest.raises(DomainError, match=r"no team “Sale” \(near: Sales\)"):
        find_team("Sale")
    with pytest.raises(DomainError, match=r"“anne@example.com” \(near: ann@example.com\)"):
        find_owner("anne@example.com")


def test_a_name_of_several_people_is_refused() -> None:
    for n in range(2):
        user = person(f"ann{n}", Role.REP)
        user.name = "Ann"
        user.save()
    with pytest.raises(DomainError, match="several people"):
        find_owner("Ann")
