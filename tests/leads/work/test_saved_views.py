"""Saved views: who may keep, open, change, share and delete them."""

from typing import Any

import pytest

from leads.models import SavedView
from leads.queue import saved_views
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.people.models import Team, User
from tests.leads.work.conftest import NOW, Cast


def save(
    actor: User, name: str = "Hot inbound", query: str = "band=hot", team: Team | None = None
) -> SavedView:
    return saved_views.save(
        name=name, query=query, team_id=None if team is None else team.pk, actor=actor, at=NOW
    )


def refusal(code: str) -> "pytest.RaisesExc[DomainError]":
    return pytest.raises(DomainError, check=lambda refused: refused.code == code)


def test_a_view_keeps_the_list_without_the_place_in_it(cast: Cast) -> None:
    view = save(cast.alice, query="after=abc&lead=7&band=sql&band=hot&only=now&x=y&source=webinar&view=old")

    assert view.query == "band=hot&band=sql&source=webinar"
    assert view.slug == "hot-inbound"


def test_a_private_view_is_seen_by_its_owner_alone(cast: Cast) -> None:
    save(cast.alice)

    assert [view.name for view in saved_views.listed(cast.alice)] == ["Hot inbound"]
    assert not saved_views.listed(cast.bob)
    with refusal("view.not_found"):
        saved_views.get(slug="hot-inbound", user=cast.carol)


def test_a_shared_view_is_seen_by_its_team_and_by_no_other(cast: Cast) -> None:
    save(cast.alice, team=cast.north)

    for member in (cast.bob, cast.carol):
        assert saved_views.get(slug="hot-inbound", user=member).owner == cast.alice
    for stranger in (cast.dan, cast.erin, cast.mia, cast.adam):
        with refusal("view.not_found"):
            saved_views.get(slug="hot-inbound", user=stranger)


def test_views_of_one_name_have_addresses_of_their_own(cast: Cast) -> None:
    slugs = [save(person, name="New").slug for person in (cast.alice, cast.bob, cast.dan)]

    assert slugs == ["new-2", "new-3", "new-4"]  # "new" is where views are made


def test_the_address_stays_when_the_name_changes(cast: Cast) -> None:
    view = save(cast.alice)

    changed = saved_views.change(
        slug=view.slug, name=" Hot  and inbound ", team_id=cast.north.pk, actor=cast.alice, at=NOW
    )

    assert (changed.name, changed.slug, changed.team) == ("Hot and inbound", "hot-inbound", cast.north)

    saved_views.change(slug=view.slug, name="Hot  and inbound", team_id=None, actor=cast.alice, at=NOW)
    assert SavedView.objects.get().name == "Hot and inbound"


@pytest.mark.parametrize("name", ["bob", "carol"])
def test_only_the_owner_changes_a_view(cast: Cast, name: str) -> None:
    save(cast.alice, team=cast.north)
    other = getattr(cast, name)

    with refusal("view.not_yours"):
        saved_views.change(slug="hot-inbound", name="Mine", team_id=None, actor=other, at=NOW)
    with refusal("view.not_yours"):
        saved_views.replace_list(slug="hot-inbound", query="band=sql", actor=other, at=NOW)
    assert SavedView.objects.get().query == "band=hot"


def test_a_manager_of_the_team_deletes_a_shared_view_and_a_colleague_does_not(cast: Cast) -> None:
    save(cast.alice, team=cast.north)

    with refusal("view.not_yours"):
        saved_views.delete(slug="hot-inbound", actor=cast.bob, at=NOW)
    with refusal("view.not_found"):
        saved_views.delete(slug="hot-inbound", actor=cast.erin, at=NOW)
    saved_views.delete(slug="hot-inbound", actor=cast.carol, at=NOW)

    assert not SavedView.objects.exists()
    assert AuditEntry.objects.filter(action="view.deleted", actor=cast.carol).count() == 1


def test_a_manager_does_not_see_private_views(cast: Cast) -> None:
    save(cast.alice)

    with refusal("view.not_found"):
        saved_views.delete(slug="hot-inbound", actor=cast.carol, at=NOW)


def test_a_view_is_shared_with_own_teams_only(cast: Cast) -> None:
    with refusal("view.team"):
        save(cast.alice, team=cast.south)


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("view.name", {"name": " "}),
        ("view.name", {"name": "x" * 61}),
        ("view.taken", {"name": "Hot  inbound"}),
        ("view.empty", {"name": "All", "query": "only=now&lead=5"}),
    ],
)
def test_what_makes_no_view_is_refused(cast: Cast, code: str, change: dict[str, Any]) -> None:
    save(cast.alice)

    with refusal(code):
        save(cast.alice, **change)


def test_nobody_has_more_than_so_many(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leads.queue.saved_views.MOST", 2)
    save(cast.alice, name="One")
    save(cast.alice, name="Two")

    with refusal("view.many"):
        save(cast.alice, name="Three")


@pytest.mark.parametrize("name", ["mia", "adam"])
def test_who_works_no_leads_has_no_views(cast: Cast, name: str) -> None:
    with refusal("view.not_yours"):
        save(getattr(cast, name))
