"""How soon leads are answered: the clocks that run, and how many hours each team allows itself."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import serializers

from leads import access
from leads.api.shown import Named
from leads.models.response import GREATEST_HOURS
from leads.response.clocks import LastTouch, last_touch, running
from leads.response.targets import SALES, current_targets, set_response_times
from leadscoring.api.bodies import Body
from leadscoring.api.etags import check_match, etag_of
from leadscoring.api.fields import Whole
from leadscoring.api.operations import Call, Given, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError
from leadscoring.people.hours import in_words
from leadscoring.people.models import Team
from leadscoring.people.roles import Role

SETTERS = (Role.MANAGER, Role.ADMIN)


class TimesBody(Body):
    hours = serializers.DictField(
        child=Whole(min_value=1, max_value=GREATEST_HOURS, allow_null=True),
        help_text="Business hours by the key of a band that sales works; null: the model's own.",
    )


class ClockShown(serializers.Serializer[Any]):
    started_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    left_seconds = serializers.SerializerMethodField(help_text="Business time; below 0 once it is late.")
    is_late = serializers.BooleanField()

    def get_left_seconds(self, clock: Any) -> float:
        return float(clock.left.total_seconds())


class TouchShown(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    by = Named()


class ClocksShown(serializers.Serializer[Any]):
    """Null for a clock that doesn't run, and for a lead that nobody has reached for yet."""

    signal = ClockShown(allow_null=True, help_text="From the first signal of intent to the first touch.")
    assigned = ClockShown(allow_null=True, help_text="From assignment to the first touch.")
    last_touch = TouchShown(allow_null=True)


class BandTimeShown(serializers.Serializer[Any]):
    band = serializers.CharField()
    of_model = serializers.IntegerField(allow_null=True)
    of_team = serializers.IntegerField(allow_null=True, help_text="Its own, which holds before the model's.")


class TimesShown(serializers.Serializer[Any]):
    team = Named()
    at_work = serializers.CharField(help_text="When the clocks of this team run, in words.")
    bands = BandTimeShown(many=True)


@operation(scope=Scope.READ, gives=ClocksShown)
def show_clocks(call: Call, lead_id: int) -> Mapping[str, Any]:
    """How much business time is left to answer a lead, and who reached for it last."""
    lead = access.get_lead(call.user, lead_id)
    waiting = running([lead.pk], now=call.at).get(lead.pk)
    touch: LastTouch | None = last_touch(lead)
    return {
        "signal": waiting and waiting.signal,
        "assigned": waiting and waiting.assigned,
        "last_touch": touch,
    }


@operation(scope=Scope.READ, roles=SETTERS, gives=TimesShown)
def show_response_times(call: Call, team_id: int) -> Given:
    """Within how many business hours a team answers leads of each band."""
    return _given(_find(call, team_id))


@operation(
    scope=Scope.WORK,
    roles=SETTERS,
    takes=TimesBody,
    gives=TimesShown,
    matches=True,
    examples={"Hot within an hour": {"hours": {"hot": 1, "mql": None}}},
)
def change_response_times(call: Call, team_id: int) -> Given:
    """Set a team's own response times; bands that aren't named keep theirs."""
    with transaction.atomic():
        team = Team.objects.select_for_update().get(pk=_find(call, team_id).pk)
        check_match(call.request, _given(team).headers["ETag"])
        set_response_times(team=team, hours=call.body["hours"], actor=call.user, at=call.at)
        return _given(team)


def _find(call: Call, team_id: int) -> Team:
    team = Team.objects.filter(pk=team_id).first()
    if team is None or not access.may_set_team(call.user, team):
        raise DomainError("team.not_found", _("There is no such team, or it isn't yours."))
    return team


def _given(team: Team) -> Given:
    targets = current_targets()
    bands = [
        {
            "band": band.key,
            "of_model": band.respond_within_hours,
            "of_team": targets.own.get((team.pk, band.key)),
        }
        for band in targets.scales.bands(worked_by=SALES)
    ]
    tag = etag_of([team.pk, bands])
    return Given({"team": team, "at_work": in_words(team), "bands": bands}, headers={"ETag": tag})


clocks = resource(get=show_clocks)
times = resource(get=show_response_times, patch=change_response_times)
