"""Taking back what was done to saved views and segments."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import QuerySet

from leads import list_undo
from leads.list_changes import columns_of
from leads.models import ListChange, SavedView, Segment
from leads.queue import saved_views
from leads.segments import saved as segments
from leadscoring.audit.models import AuditEntry
from leadscoring.people.models import User
from tests.leads.work.conftest import NOW, Cast
from tests.leads.work.test_overrides import refusal

A_MINUTE = timedelta(minutes=1)


def view_of(actor: User, name: str = "Hot", **more: Any) -> SavedView:
    return saved_views.save(name=name, query="band=hot", actor=actor, at=NOW, **more)


def segment_of(actor: User) -> Segment:
    return segments.save(name="Hot", query="where=stage:none", shared=False, actor=actor, at=NOW)


def left_of(actor: User) -> QuerySet[ListChange]:
    return list_undo.own_of(actor, now=NOW).filter(undone_at=None)


def undo(actor: User, change: ListChange | None = None) -> ListChange:
    change = change or left_of(actor).latest("at", "pk")
    return list_undo.undo(change_id=change.pk, actor=actor, at=NOW + A_MINUTE)


def rows() -> list[dict[str, Any]]:
    found: list[SavedView | Segment] = [*SavedView.objects.order_by("pk")]
    found += Segment.objects.order_by("pk")
    return [{"id": one.pk, **columns_of(one)} for one in found]


@pytest.mark.parametrize("kind", ["view", "segment"])
def test_whatever_is_done_to_a_list_is_undone_step_by_step(cast: Cast, kind: str) -> None:
    actor = cast.alice if kind == "view" else cast.mia
    slug = (view_of(actor) if kind == "view" else segment_of(actor)).slug
    at: dict[str, Any] = {"slug": slug, "actor": actor}
    steps: dict[str, tuple[Callable[[], object], ...]] = {
        "view": (
            lambda: saved_views.change(name="Warm", team_id=cast.north.pk, at=NOW + A_MINUTE, **at),
            lambda: saved_views.replace_list(query="band=sql", at=NOW + 2 * A_MINUTE, **at),
            lambda: saved_views.delete(at=NOW + 3 * A_MINUTE, **at),
        ),
        "segment": (
            lambda: segments.change(name="Warm", shared=True, at=NOW + A_MINUTE, **at),
            lambda: segments.replace_list(query="band=nurture", at=NOW + 2 * A_MINUTE, **at),
            lambda: segments.delete(at=NOW + 3 * A_MINUTE, **at),
        ),
    }
    states: list[list[dict[str, Any]]] = [[]]
    for step in steps[kind]:
        states.append(rows())
        step()
    verbs = list(ListChange.objects.order_by("at").values_list("verb", flat=True))
    assert verbs == ["saved", "changed", "replaced", "deleted"] and rows() == []
    while states:
        undo(actor)
        assert rows() == states.pop()
    assert not left_of(actor)
    assert AuditEntry.objects.filter(action=f"{kind}.undone", actor=actor).count() == 4


def test_what_was_changed_since_is_not_undone(cast: Cast) -> None:
    slug = view_of(cast.alice).slug
    saved = ListChange.objects.get()
    saved_views.change(slug=slug, name="Warm", team_id=None, actor=cast.alice, at=NOW)
    assert refusal(lambda: undo(cast.alice, saved)) == "list_change.over"
    saved_views.change(slug=slug, name="Warm", team_id=None, actor=cast.alice, at=NOW)
    assert ListChange.objects.count() == 2  # the same again is no change


def test_a_list_does_not_come_back_beside_another_of_its_name_or_where_there_is_no_room(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved_views.delete(slug=view_of(cast.alice).slug, actor=cast.alice, at=NOW)
    deleted = ListChange.objects.get(verb="deleted")
    again = view_of(cast.alice)
    assert refusal(lambda: undo(cast.alice, deleted)) == "list_change.taken"
    saved_views.change(slug=again.slug, name="Other", team_id=None, actor=cast.alice, at=NOW)
    undo(cast.alice, deleted)
    assert dict(SavedView.objects.values_list("name", "slug")) == {"Other": "hot", "Hot": "hot-2"}
    saved_views.delete(slug="hot-2", actor=cast.alice, at=NOW)
    kinds = {kind: list_undo.Kind(one.rows, one.lock, one.may, 1, one.free_slug) for kind, one in KINDS}
    monkeypatch.setattr(list_undo, "_KINDS", kinds)
    assert refusal(lambda: undo(cast.alice, ListChange.objects.latest("pk"))) == "list_change.many"


KINDS = list_undo._KINDS.items()


def test_a_manager_gives_back_the_shared_view_that_they_deleted_and_nobody_else_does(cast: Cast) -> None:
    slug = view_of(cast.alice, team_id=cast.north.pk).slug
    saved_views.delete(slug=slug, actor=cast.carol, at=NOW)
    deleted = ListChange.objects.get(verb="deleted")
    for other in (cast.alice, cast.bob, cast.erin, cast.mia):
        assert refusal(partial(undo, other, deleted)) == "list_change.not_found"
    cast.carol.memberships.all().delete()
    carol = User.objects.get(pk=cast.carol.pk)
    assert refusal(lambda: undo(carol, deleted)) == "list_change.not_yours"
    carol.memberships.create(team=cast.north)
    undo(User.objects.get(pk=carol.pk), deleted)
    assert SavedView.objects.get().owner == cast.alice


def test_a_team_that_its_owner_has_left_does_not_see_it_again(cast: Cast) -> None:
    slug = view_of(cast.alice, team_id=cast.north.pk).slug
    saved_views.delete(slug=slug, actor=cast.alice, at=NOW)
    cast.alice.memberships.all().delete()
    undo(User.objects.get(pk=cast.alice.pk))
    assert SavedView.objects.get().team is None


def test_it_works_once_within_a_day_and_for_who_keeps_such_lists(cast: Cast) -> None:
    slug = view_of(cast.alice).slug
    saved = ListChange.objects.get()
    day = timedelta(days=1)
    late = list_undo.undo
    assert (
        refusal(lambda: late(change_id=saved.pk, actor=cast.alice, at=NOW + day + A_MINUTE))
        == "list_change.too_late"
    )
    groups = list(cast.alice.groups.all())
    cast.alice.groups.clear()
    assert refusal(lambda: undo(User.objects.get(pk=cast.alice.pk), saved)) == "list_change.not_yours"
    cast.alice.groups.set(groups)
    undo(User.objects.get(pk=cast.alice.pk), saved)
    assert not SavedView.objects.filter(slug=slug).exists()
    assert refusal(lambda: undo(cast.alice, saved)) == "list_change.undone"
