"""Which list of the queue one sees: filters and order in the address, the last list, saved views."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from leads.models import SavedView
from leads.queue import saved_views
from tests.company import Company
from tests.pages.test_queue import names

SignIn = Callable[[str], Client]


def html_of(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_the_bare_address_brings_the_last_list_back_for_each_person(sign_in: SignIn) -> None:
    ana, jon = sign_in("ana"), sign_in("jon")
    ana.get("/queue/?band=hot&source=referral&after=")

    assert ana.get("/queue/")["Location"] == "/queue/?band=hot&source=referral"
    assert jon.get("/queue/").status_code == 200


def test_taking_the_filters_away_is_remembered_too(sign_in: SignIn) -> None:
    ana = sign_in("ana")
    html = html_of(ana, "/queue/?band=hot")
    assert '<a class="pill dashed" href="?only=now">Take filters away</a>' in html

    assert len(names(html_of(ana, "/queue/?only=now"))) == 4
    assert ana.get("/queue/").status_code == 200


def test_an_address_that_names_no_list_leaves_the_last_one_as_it_is(
    sign_in: SignIn, company: Company
) -> None:
    ana = sign_in("ana")
    ana.get("/queue/?band=hot")
    ana.get(f"/queue/?lead={company.lead('Tom').pk}")

    assert ana.get("/queue/")["Location"] == "/queue/?band=hot"


def test_a_cookie_that_somebody_made_up_asks_for_nothing_but_lists(sign_in: SignIn, company: Company) -> None:
    ana = sign_in("ana")
    ana.cookies[f"list-of-{company.person('ana').pk}"] = "next=//evil.example&band=sql%0d%0aX: y"

    assert ana.get("/queue/")["Location"] == "/queue/?band=sql%0D%0AX%3A+y"


def test_the_order_can_be_by_the_newest_signal_of_intent(sign_in: SignIn) -> None:
    html = html_of(sign_in("ana"), "/queue/?sort=intent")

    assert names(html) == ["Freya", "Tom", "Lucia", "Wei"]
    assert "Newest signal of intent first" in html


def test_what_is_not_among_the_choices_is_said(sign_in: SignIn) -> None:
    html = html_of(sign_in("ana"), "/queue/?team=99999&owner=me")
    assert re.search(r"Left out, since there is no such choice for you: <bdi>Team", html)


def test_a_list_is_saved_opened_changed_and_deleted(sign_in: SignIn, company: Company) -> None:
    ana = sign_in("ana")
    assert "Save this list" in html_of(ana, "/queue/?band=hot")
    saved = ana.post("/queue/views/new/?band=hot&lead=5", {"name": "My hot ones", "team": ""})
    assert saved["Location"] == "/queue/?band=hot&view=my-hot-ones"

    html = html_of(ana, "/queue/views/my-hot-ones/")
    html = ana.get("/queue/views/my-hot-ones/", follow=True).content.decode()
    assert "<h1>My hot ones</h1>" in html
    assert names(html) == ["Freya"]

    html = html_of(ana, "/queue/?band=sql&view=my-hot-ones")
    assert "Keep these filters in “<bdi>My hot ones</bdi>”" in html
    ana.post("/queue/views/my-hot-ones/list/?band=sql&view=my-hot-ones")
    ana.post(
        "/queue/views/my-hot-ones/change/", {"name": "My SQL", "team": str(company.person("ana").team_ids[0])}
    )
    assert (SavedView.objects.get().query, SavedView.objects.get().name) == ("band=sql", "My SQL")

    assert "My SQL" in html_of(sign_in("jon"), "/queue/?only=now")
    assert "My SQL" not in html_of(sign_in("rita"), "/queue/?only=now")
    ana.post("/queue/views/my-hot-ones/delete/")
    assert not SavedView.objects.exists()


def test_a_name_that_is_taken_is_refused_at_the_form_with_what_was_typed(sign_in: SignIn) -> None:
    ana = sign_in("ana")
    for _turn in range(2):
        answer = ana.post("/queue/views/new/?band=hot", {"name": "Hot & new", "team": ""})

    assert answer.status_code == 422
    assert "You have a view of this name" in answer.content.decode()
    assert 'value="Hot &amp; new"' in answer.content.decode()


@pytest.mark.parametrize("deed", ["change", "list", "delete"])
def test_a_colleague_changes_nothing_about_a_shared_view(
    sign_in: SignIn, company: Company, deed: str
) -> None:
    saved_views.save(
        name="Shared",
        query="band=hot",
        team_id=company.person("ana").team_ids[0],
        actor=company.person("ana"),
        at=company.lead("Tom").created_at,
    )
    answer = sign_in("jon").post(f"/queue/views/shared/{deed}/?band=sql", {"name": "Mine"}, follow=True)

    assert "Only Ana Test can change this view" in answer.content.decode()
    assert (SavedView.objects.get().query, SavedView.objects.get().name) == ("band=hot", "Shared")


def test_the_lists_at_the_side_are_counted(sign_in: SignIn, company: Company) -> None:
    ana = sign_in("ana")
    ana.post(f"/leads/{company.lead('Tom').pk}/claim/")
    ana.post("/queue/views/new/?band=hot", {"name": "Hot", "team": ""})
    view = SavedView.objects.get()

    html = html_of(ana, "/queue/counts/")

    counts = dict(re.findall(r'id="count-([\w-]+)" hx-swap-oob="true">(\d+)<', html))
    mine = {"now": "4", "claimed": "1", "overdue": "3", "today": "3"}
    mine |= dict.fromkeys(("snoozed", "back", "overridden"), "0")
    assert counts == mine | {f"view-{view.pk}": "1"}
    page = html_of(ana, "/queue/?only=now")
    assert set(counts) <= set(re.findall(r'id="count-([\w-]+)"', page))
    # The list that is shown has its own number at the side, and is not counted again to another bound.
    assert 'id="count-now">4<' in page and "/queue/counts/?but=now" in page
    assert "count-now" not in html_of(ana, "/queue/counts/?but=now")
    shown = html_of(ana, f"/queue/?band=hot&view={view.slug}")
    assert f'id="count-view-{view.pk}">1<' in shown
    assert "?but=" not in html_of(ana, f"/queue/?band=sql&view={view.slug}")
