"""Finding leads."""

from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from leads import search_ways
from leads.models import Account, Lead
from leads.search import LeadPage, find_leads
from leads.text import normalise
from leadscoring.errors import DomainError
from leadscoring.people.models import Team, User
from tests.leads.work.conftest import Cast, make_lead


def named(team: Team, first: str, last: str, company: str = "", **fields: Any) -> Lead:
    account = Account.objects.get_or_create(company=normalise(company))[0] if company else None
    return make_lead(team, first_name=normalise(first), last_name=normalise(last), account=account, **fields)


def found(user: User, query: str) -> list[Lead]:
    return list(find_leads(user=user, query=query).leads)


def test_without_a_query_all_that_one_may_see_come_newest_first(cast: Cast) -> None:
    first, second = make_lead(cast.north), make_lead(cast.north, owner=cast.bob, is_open=False)
    other = make_lead(cast.south)

    assert found(cast.alice, "") == [second, first]
    assert found(cast.dan, " ") == [other]
    assert found(cast.mia, "") == [other, second, first]


def test_a_lead_without_a_score_is_found_too(cast: Cast) -> None:
    lead = Lead.objects.create(team=cast.north)

    assert found(cast.alice, "") == [lead]


@pytest.mark.parametrize(
    "query",
    ["maren", "VOG", "vogel maren", "m.vogel@", "Logistik", "brandt maren", "crm-17", "  Maren\tVogel "],
)
def test_names_mail_company_and_external_id_find_a_lead(cast: Cast, query: str) -> None:
    lead = named(
        cast.north, "Maren", "Vogel", "Brandt Logistik", email="m.vogel@brandt.de", external_id="crm-17"
    )
    named(cast.north, "Tom", "Okafor", "Finchline")

    assert found(cast.alice, query) == [lead]


@pytest.mark.parametrize("query", ["maren okafor", "aren", "100%", "_aren", "\\", "crm-1"])
def test_what_does_not_match_is_not_found(cast: Cast, query: str) -> None:
    named(cast.north, "Maren", "Vogel", "Brandt Logistik", external_id="crm-17")

    assert found(cast.alice, query) == []


def test_another_teams_leads_are_not_found(cast: Cast) -> None:
    named(cast.north, "Maren", "Vogel", external_id="crm-17")

    assert found(cast.dan, "maren") == []
    assert found(cast.erin, "crm-17") == []


def test_pages_lead_on_and_back_and_lose_nothing(cast: Cast) -> None:
    leads = [named(cast.north, "Maren", str(number)) for number in range(7)][::-1]
    pages = [find_leads(user=cast.alice, query="maren", size=3)]
    while pages[-1].next is not None:
        pages.append(find_leads(user=cast.alice, query="maren", after=pages[-1].next, size=3))

    assert [lead for page in pages for lead in page.leads] == leads
    back = find_leads(user=cast.alice, query="maren", after=pages[2].previous, size=3)
    assert back == pages[1]
    assert find_leads(user=cast.alice, query="maren", after=back.previous, size=3) == pages[0]
    assert pages[0].previous is None


def test_a_nul_in_a_query_says_nothing(cast: Cast) -> None:
    lead = named(cast.north, "Maren", "Vogel", external_id="crm-17")

    assert found(cast.alice, "mar\0en") == found(cast.alice, "crm-17\0") == [lead]
    assert found(cast.alice, "\0") == [lead]


@pytest.mark.parametrize("word", ["x", "-", "--1", "1.5", "9" * 28, "٣"])
def test_a_broken_cursor_is_refused(cast: Cast, word: str) -> None:
    with pytest.raises(DomainError) as refused:
        find_leads(user=cast.alice, after=word)
    assert refused.value.code == "cursor.invalid"


def test_a_page_is_one_query_for_how_many_have_a_word_and_one_for_leads_with_all_that_it_shows(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        named(cast.north, "Maren", str(number), "Brandt", owner=cast.alice)
    assert find_leads(user=cast.alice).leads

    with django_assert_num_queries(2):
        for lead in find_leads(user=cast.alice, query="maren").leads:
            assert lead.account is not None and str(lead.account)
            assert lead.owner is not None and lead.owner.name
            assert lead.score.total == 70


WORDS = ("ma", "maren", "mare", "an", "brandt", "ra", "vogel", "x")


@given(
    people=st.lists(st.tuples(*[st.sampled_from(WORDS)] * 2, st.sampled_from(("", *WORDS))), max_size=8),
    asked=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
    few=st.sampled_from((0, 2, 100)),
    size=st.integers(1, 3),
)
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_either_way_to_a_page_finds_the_same(
    cast: Cast, people: list[tuple[str, str, str]], asked: list[str], few: int, size: int
) -> None:
    Lead.objects.all().delete()
    leads = [named(cast.north, *person) for person in people]
    wanted = [
        lead
        for lead, (first, last, company) in zip(leads, people, strict=True)
        if all(first.startswith(word) or last.startswith(word) or word in company for word in asked)
    ][::-1]

    def page(after: str | None = None) -> LeadPage:
        return find_leads(user=cast.alice, query=" ".join(asked), size=size, after=after)

    with patch.multiple(search_ways, FEW=few, FIRST_RANGE=2, WIDEST=2):
        onward = [page()]
        while onward[-1].next is not None:
            onward.append(page(onward[-1].next))
        back = onward[-1:]
        while back[-1].previous is not None:
            back.append(page(back[-1].previous))

    assert [lead for page in onward for lead in page.leads] == wanted
    assert back[::-1] == onward
