"""Where leads move, counted in the database, against the oracle lead by lead."""

from collections import Counter
from dataclasses import replace

import pytest

from leads.models import Lead
from leads.spelling import spellings
from leadscoring.people.models import Team
from scoring_models.evidence_pack.impact import Cell, Impact, Selection, impact, moved_leads
from scoring_models.evidence_pack.queue_load import queue_load
from scoring_models.spec import Spec
from tests import oracle
from tests.scoring_models.evidence_pack.conftest import DRAFT, FACTS, LIVE, NOW

Moves = dict[int, tuple[int, int]]


@pytest.fixture
def moves(leads: list[int]) -> Moves:
    """The two bands of each open lead, as the oracle says."""
    return {
        lead_id: (oracle.score(LIVE, facts, NOW).band, oracle.score(DRAFT, facts, NOW).band)
        for place, (lead_id, facts) in enumerate(zip(leads, FACTS, strict=True))
        if place % 10 != 9
    }


def counted(cells: tuple[Cell, ...]) -> Counter[tuple[int | None, int | None]]:
    return Counter({(cell.was, cell.becomes): cell.leads for cell in cells})


def ids(selection: Selection, live: Spec | None = LIVE) -> list[int]:
    return [moved.lead_id for moved in moved_leads(live, DRAFT, selection, as_of=NOW)]


def test_every_open_lead_is_in_the_cell_that_the_oracle_says(moves: Moves) -> None:
    found = impact(LIVE, DRAFT, as_of=NOW)
    assert counted(found.cells) == Counter(moves.values())
    assert found.leads == len(moves)
    assert sum(was != becomes for was, becomes in moves.values()) > 5


def test_each_dimension_counts_every_lead_once(moves: Moves, teams: list[Team]) -> None:
    found = impact(LIVE, DRAFT, as_of=NOW)
    for groups in found.groups.values():
        assert sum(group.leads for group in groups) == len(moves)
    by_team = {group.value: group for group in found.groups["team"]}
    assert set(by_team) == {str(teams[0].pk), str(teams[1].pk), None}
    assert {group.value for group in found.groups["source"]} == {"webinar", "fair"}


def test_the_list_behind_a_cell_is_those_leads_and_no_others(moves: Moves, teams: list[Team]) -> None:
    for was, becomes in set(moves.values()):
        assert ids(Selection(was, becomes)) == [pk for pk, move in moves.items() if move == (was, becomes)]
    up = [pk for pk, (was, becomes) in moves.items() if becomes > was]
    assert ids(Selection(moved="up")) == up
    of_east = set(Lead.objects.filter(team=teams[0]).values_list("pk", flat=True))
    selection = Selection(moved="up", dimension="team", value=str(teams[0].pk))
    assert ids(selection) == [pk for pk in up if pk in of_east]


def test_the_lists_behind_the_queues(moves: Moves) -> None:
    now = [pk for pk, (was, _) in moves.items() if was > 0]
    then = [pk for pk, (_, becomes) in moves.items() if becomes > 0]
    assert ids(Selection(queue="now")) == now
    assert ids(Selection(queue="then")) == then
    assert ids(Selection(queue="new")) == [pk for pk in then if pk not in now]
    assert ids(Selection(queue="new"), live=None) == ids(Selection(queue="then"), live=None)


def test_the_lists_of_all_groups_are_all_leads(moves: Moves) -> None:
    for dimension, groups in impact(LIVE, DRAFT, as_of=NOW).groups.items():
        listed = [
            lead_id
            for group in groups
            for lead_id in ids(Selection(dimension=dimension, value=group.value))
            if not group.others
        ]
        assert sorted(listed) == sorted(moves)


def test_a_value_that_few_leads_have_is_not_named(leads: list[int]) -> None:
    Lead.objects.filter(pk__in=leads[:4]).update(source="told us by a friend")
    groups = impact(LIVE, DRAFT, as_of=NOW).groups["source"]
    assert [(group.value, group.others, group.leads) for group in groups][-1] == (None, True, 4)
    named = tuple(group.value for group in groups if group.value)
    assert ids(Selection(dimension="source", others=named)) == leads[:4]


def test_leads_that_a_rule_touches_are_counted(moves: Moves, leads: list[int]) -> None:
    found = impact(LIVE, DRAFT, as_of=NOW)
    open_facts = [facts for lead_id, facts in zip(leads, FACTS, strict=True) if lead_id in moves]
    for key in ("comments", "title", "idle"):
        place = [rule.key for rule in DRAFT.enabled_rules].index(key)
        hit = sum(oracle.score(DRAFT, facts, NOW).rules[place].units > 0 for facts in open_facts)
        assert found.touched[key] == found.touched_before[key] == hit > 0


def test_without_a_live_version_leads_only_arrive(moves: Moves) -> None:
    found = impact(None, DRAFT, as_of=NOW)
    assert counted(found.cells) == Counter((None, becomes) for _, becomes in moves.values())
    assert found.touched_before == {}
    assert ids(Selection(), live=None) == list(moves)


def test_with_no_leads_nothing_moves(db: None) -> None:
    assert impact(LIVE, DRAFT, as_of=NOW) == Impact(
        (), dict.fromkeys(("team", "owner", "source", "industry", "company_size"), ()),
        dict.fromkeys((rule.key for rule in DRAFT.rules), 0),
        dict.fromkeys((rule.key for rule in LIVE.rules), 0),
    )  # fmt: skip


def test_the_queue_is_what_sales_works_and_capacity_what_its_reps_can(
    moves: Moves, teams: list[Team]
) -> None:
    load = queue_load(LIVE, DRAFT, impact(LIVE, DRAFT, as_of=NOW))
    everybody = load.everybody
    assert everybody.now == sum(was > 0 for was, _ in moves.values())
    assert everybody.then == sum(becomes > 0 for _, becomes in moves.values())
    assert everybody.new == sum(becomes > 0 >= was for was, becomes in moves.values())
    assert (everybody.reps, everybody.a_day) == (2, 6)
    assert {team.team_id: (team.reps, team.a_day) for team in load.teams} == {
        teams[0].pk: (2, 6),
        teams[1].pk: (0, 0),
        None: (0, 0),
    }
    assert sum(team.then for team in load.teams) == everybody.then
    hot = everybody.bands[0]
    assert (hot.key, hot.then) == ("hot", sum(becomes == 3 for _, becomes in moves.values()))
    assert hot.new == sum(becomes == 3 != was for was, becomes in moves.values())


def test_the_leads_of_other_models_wait_for_the_same_reps(moves: Moves, teams: list[Team]) -> None:
    load = queue_load(LIVE, DRAFT, impact(LIVE, DRAFT, as_of=NOW), {teams[0].pk: 4, None: 2})
    assert {team.team_id: team.elsewhere for team in load.teams} == {teams[0].pk: 4, teams[1].pk: 0, None: 2}
    assert load.everybody.elsewhere == 6


def test_a_band_that_only_one_version_has_is_new_to_all_in_it(moves: Moves) -> None:
    top = replace(DRAFT.bands[3], key="blazing", name="Blazing")
    other = replace(DRAFT, bands=(*DRAFT.bands[:3], top))
    blazing = queue_load(LIVE, other, impact(LIVE, other, as_of=NOW)).everybody.bands[0]
    assert blazing.now is None and blazing.new == blazing.then > 0


def test_values_are_spelt_as_most_people_wrote_them(leads: list[int]) -> None:
    given = {"Webinar": 3, "WEBINAR": 1}
    webinar = Lead.objects.filter(source="webinar").values_list("pk", flat=True)
    spelt = [text for text, count in given.items() for _ in range(count)]
    for lead_id, text in zip(webinar[:4], spelt, strict=True):
        Lead.objects.filter(pk=lead_id).update(attributes={"source": text})
    assert spellings("source", ["webinar", "fair"]) == {"webinar": "Webinar", "fair": "fair"}
    assert spellings("team", ["1"]) == spellings("source", []) == {}
