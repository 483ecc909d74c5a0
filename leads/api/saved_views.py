"""Lists of the queue under a name."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework import serializers

from leads.api.queue import WORKERS, Filters, asked_of, checked_filters
from leads.api.shown import Named
from leads.models import SavedView
from leads.queue import saved_views
from leads.queue.criteria import Sort
from leads.queue.ranking import SALES
from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.etags import check_match, etag_of
from leadscoring.api.fields import Id, Text
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import Call, Given, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError


class ListOf(Filters):
    sort = serializers.ChoiceField([each.value for each in Sort], required=False)


class ViewBody(Body):
    name = Text(max_length=saved_views.LONGEST_NAME)
    team = Id(required=False, allow_null=True, help_text="A team of yours that sees it, too.")
    filters = ListOf(help_text="As for the queue; at least one.")


class ViewChange(Body):
    name = Text(required=False, max_length=saved_views.LONGEST_NAME)
    team = Id(required=False, allow_null=True, help_text="Null: only you.")
    filters = ListOf(required=False)


class ViewShown(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    slug = serializers.CharField(help_text="Its page is at /queue/views/{slug}/.")
    name = serializers.CharField()
    query = serializers.CharField(help_text="The filters as they stand in the queue's address.")
    owner = Named()
    team = Named(allow_null=True)


@operation(scope=Scope.READ, roles=WORKERS, query=PageQuery, gives=page_of(ViewShown))
def list_views(call: Call) -> Listed:
    """Your saved views, and those that your teams share."""
    return newest_first(saved_views.visible(call.user).select_related("owner", "team"), call.query)


@operation(
    scope=Scope.WORK,
    roles=WORKERS,
    takes=ViewBody,
    gives=ViewShown,
    statuses=(201,),
    examples={"Hot leads of mine": {"name": "Mine, hot", "filters": {"band": "hot", "owner": "me"}}},
)
def save_view(call: Call) -> Given:
    """Keep a list of the queue under a name."""
    query = _query(call, call.body["filters"])
    view = saved_views.save(
        name=call.body["name"], query=query, team_id=call.body.get("team"), actor=call.user, at=call.at
    )
    return _given(call, view.pk)


@operation(scope=Scope.READ, roles=WORKERS, gives=ViewShown)
def show_view(call: Call, view_id: int) -> Given:
    """One saved view."""
    return _given(call, view_id)


@operation(
    scope=Scope.WORK,
    roles=WORKERS,
    takes=ViewChange,
    gives=ViewShown,
    matches=True,
    examples={"Private": {"team": None}},
)
def change_view(call: Call, view_id: int) -> Given:
    """Change your own view; what isn't said stays as it is."""
    with transaction.atomic():
        saved_views.one_at_a_time()
        view = _find(call, view_id)
        check_match(call.request, _tag(view))
        _change(call, view)
    return _given(call, view_id)


@operation(scope=Scope.WORK, roles=WORKERS, statuses=(204,))
def delete_view(call: Call, view_id: int) -> None:
    """Delete a view. Its owner may, and a manager of the team that shares it. Its leads stay as they are."""
    saved_views.delete(slug=_find(call, view_id).slug, actor=call.user, at=call.at)


def _change(call: Call, view: SavedView) -> None:
    given: Mapping[str, Any] = call.body
    if "filters" in given:
        query = _query(call, given["filters"])
        saved_views.replace_list(slug=view.slug, query=query, actor=call.user, at=call.at)
    if "name" in given or "team" in given:
        saved_views.change(
            slug=view.slug,
            name=given.get("name", view.name),
            team_id=given.get("team", view.team_id),
            actor=call.user,
            at=call.at,
        )


def _query(call: Call, filters: Mapping[str, Any]) -> str:
    """The filters as an address has them. Raises Problem where a value isn't among its choices."""
    asked: QueryDict = asked_of(filters)
    checked_filters(asked, user=call.user, worked_by=SALES, at="/filters/")
    return asked.urlencode()


def _find(call: Call, view_id: int) -> SavedView:
    view = saved_views.visible(call.user).select_related("owner", "team").filter(pk=view_id).first()
    if view is None:
        raise DomainError("view.not_found", _("There is no such view, or nobody shares it with you."))
    return view


def _given(call: Call, view_id: int) -> Given:
    view = _find(call, view_id)
    return Given(view, headers={"ETag": _tag(view)})


def _tag(view: SavedView) -> str:
    return etag_of([view.pk, view.name, view.query, view.team_id])


all_ = resource(get=list_views, post=save_view)
one = resource(get=show_view, patch=change_view, delete=delete_view)
