"""Filters as they stand in a URL."""

import pytest
from django.http import QueryDict

from leads.queue.criteria import ALL, Criteria, Sort
from leads.queue.filters import QueueFilters, kept
from leads.queue.ranking import MARKETING, SALES
from leads.views.filters import pills_of
from leadscoring.people.models import User
from tests.leads.work.conftest import Cast
from tests.leads.work.fixed_scorer import FixedScorer, scale_of


def asked(query: str, user: User, worked_by: str = SALES) -> QueueFilters:
    return QueueFilters(QueryDict(query), user=user, worked_by=worked_by)


def criteria(query: str, user: User) -> Criteria:
    return asked(query, user).criteria


def test_nothing_asked_for_is_everything(cast: Cast) -> None:
    assert criteria("", cast.alice) == ALL
    assert QueueFilters(None, user=cast.alice, worked_by=SALES).criteria == ALL


def test_each_filter_is_read(cast: Cast) -> None:
    assert criteria("band=hot&band=sql", cast.alice) == Criteria(bands=frozenset({"hot", "sql"}))
    assert criteria("owner=me", cast.alice) == Criteria(owners=frozenset({cast.alice.pk}))
    assert criteria("owner=none", cast.alice) == Criteria(owners=frozenset({0}))
    assert criteria(f"owner={cast.bob.pk}", cast.carol) == Criteria(owners=frozenset({cast.bob.pk}))
    assert criteria(f"team={cast.north.pk}", cast.alice) == Criteria(team=cast.north.pk)
    assert criteria("source=Web%20Form", cast.alice) == Criteria(source="web form")
    assert criteria("only=claimed", cast.alice) == Criteria(claimed=True)
    assert criteria("only=back", cast.alice) == Criteria(back=True)
    assert criteria("only=overridden", cast.alice) == Criteria(overridden=True)
    assert criteria("only=now", cast.alice) == ALL
    assert criteria("country=%20DE", cast.alice) == Criteria(country="de")
    assert criteria("industry=Software", cast.alice) == Criteria(industry="software")
    assert criteria("stage=decision", cast.alice) == Criteria(stage="decision")
    assert criteria("inbound=true", cast.alice) == Criteria(inbound=True)
    assert criteria("inbound=false", cast.alice) == Criteria(inbound=False)


def test_the_order_is_by_rank_unless_another_is_asked_for(cast: Cast) -> None:
    assert asked("", cast.alice).order is Sort.RANK
    assert asked("sort=intent", cast.alice).order is Sort.INTENT
    assert asked("sort=waiting", cast.alice).order is Sort.WAITING
    assert asked("sort=change", cast.alice).order is Sort.CHANGE
    assert asked("sort=x", cast.alice).order is Sort.RANK


@pytest.mark.parametrize(
    "query",
    [
        "sort=x",
        "inbound=x",
        "band=nurture",
        "owner=x",
        "owner=999999",
        "team=x",
        "only=all",
        "stage=x",
        "model=1",
    ],
)
def test_what_is_not_among_the_choices_filters_nothing_and_is_an_error(cast: Cast, query: str) -> None:
    filters = asked(query, cast.alice)

    assert filters.criteria == ALL
    assert filters.form.errors


def test_a_good_filter_holds_beside_a_bad_one(cast: Cast) -> None:
    assert criteria("band=hot&owner=x", cast.alice) == Criteria(bands=frozenset({"hot"}))


def test_the_choices_are_those_of_own_teams(cast: Cast) -> None:
    fields = asked("", cast.alice).form.fields

    assert [label for _value, label in fields["band"].choices] == ["Hot", "Sql", "Mql"]
    owners = [str(label) for _value, label in fields["owner"].choices]
    assert owners == ["Anyone", "Me", "Nobody", "Bob", "Carol"]
    assert [str(label) for _value, label in fields["team"].choices] == ["All my teams", "North", "No team"]


def test_marketing_chooses_among_all_teams_and_its_own_bands(cast: Cast) -> None:
    fields = asked("", cast.mia, MARKETING).form.fields

    assert [label for _value, label in fields["band"].choices] == ["Nurture"]
    assert {"North", "South"} <= {str(label) for _value, label in fields["team"].choices}


def test_two_people_do_not_share_choices(cast: Cast) -> None:
    for_alice = asked("", cast.alice)
    for_dan = asked("", cast.dan)

    def owners(filters: QueueFilters) -> set[str]:
        return {str(label) for _value, label in filters.form.fields["owner"].choices}

    assert "Bob" in owners(for_alice)
    assert "Bob" not in owners(for_dan)
    assert "Erin" in owners(for_dan)


def test_an_address_is_kept_in_one_spelling(cast: Cast) -> None:
    one, other = (
        "source=b&band=sql&lead=7&band=hot&after=x",
        "band=hot&band=sql&only=now&source=a&source=b&y=z",
    )

    assert kept(QueryDict(one)) == kept(QueryDict(other)) == "band=hot&band=sql&source=b"
    assert kept(QueryDict("only=now&lead=7")) == ""
    assert kept(QueryDict(f"source={'x' * 2000}")) == ""


def test_a_model_is_asked_for_where_several_are_live(cast: Cast) -> None:
    FixedScorer.before = (
        scale_of(("cold", None, "marketing"), ("warm", 20, "sales"), version_id=2, model_id=2),
    )

    assert criteria("model=2&stage=none", cast.alice) == Criteria(model=2, stage="none")
    assert asked("model=3", cast.alice).refused == ["Model"]
    assert kept(QueryDict("stage=none&model=2&lead=7")) == "model=2&stage=none"


@pytest.mark.parametrize("worked_by", [SALES, MARKETING])
def test_models_are_offered_where_several_are_live(cast: Cast, worked_by: str) -> None:
    def offered() -> dict[str, list[str]]:
        query = QueryDict("stage=decision")
        pills = pills_of(query, QueueFilters(query, user=cast.carol, worked_by=worked_by))
        return {pill.label: [option.label for option in pill.options] for pill in pills}

    assert "Model" not in offered()
    assert offered()["Journey stage"] == ["Any", "Decision", "Consideration", "Awareness", "none"]
    FixedScorer.before = (scale_of(("cold", None, "marketing"), version_id=2, model_id=2),)
    assert offered()["Model"] == ["Model 2", "Model 1"]


def test_what_is_refused_is_named(cast: Cast) -> None:
    assert asked("band=x&team=999&owner=me", cast.alice).refused == ["Band", "Team"]
