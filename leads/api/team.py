"""/api/v1/teams/figures/: what a manager sees of their teams."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from rest_framework import serializers

from leads.team import answers, fairness
from leads.team.given import Given
from leads.team.picture import Picture, picture
from leads.team.queues import NOBODY
from leadscoring.api.operations import Call, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.people.roles import Role


class OwnerShown(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class OpenShown(serializers.Serializer[Any]):
    """Open leads in bands of sales; those that somebody snoozed count, those that are held back don't."""

    owner = OwnerShown(allow_null=True, help_text="Null: nobody's.")
    open = serializers.DictField(child=serializers.IntegerField(), help_text="By the key of the band.")
    waiting = serializers.IntegerField(help_text="For an answer.")
    overdue = serializers.IntegerField(help_text="Of those.")


class GivenShareShown(serializers.Serializer[Any]):
    owner = OwnerShown()
    band = serializers.CharField()
    leads = serializers.IntegerField()
    share = serializers.FloatField(help_text="Of all leads of the band that were given.")
    interval = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="Its 95 % interval."
    )


class AnswersShown(serializers.Serializer[Any]):
    """Either of one who was given leads, or of a band. Times in business hours."""

    owner = OwnerShown(allow_null=True)
    band = serializers.CharField(allow_null=True)
    given = serializers.IntegerField()
    answered = serializers.IntegerField(help_text="By who was given them.")
    median_seconds = serializers.FloatField(allow_null=True)
    p90_seconds = serializers.FloatField(allow_null=True)


class LoadShown(serializers.Serializer[Any]):
    team = OwnerShown()
    reps = serializers.IntegerField()
    a_day = serializers.IntegerField(help_text="Leads that they can work in a day.")
    came_a_day = serializers.FloatField(help_text="Leads of sales' bands given a working day, in 30 days.")


class FiguresShown(serializers.Serializer[Any]):
    open = OpenShown(many=True)
    given = GivenShareShown(many=True, help_text="In the last 30 days.")
    chance = serializers.FloatField(
        allow_null=True,
        help_text="How likely chance alone mixes bands so unevenly (chi-square); null: too few to tell.",
    )
    answers = AnswersShown(many=True)
    load = LoadShown(many=True)


@operation(scope=Scope.READ, roles=(Role.MANAGER,), gives=FiguresShown)
def show_team_figures(call: Call) -> dict[str, Any]:
    """Open leads, who was given which, response times and capacity of one's teams.

    How much of what marketing hands over is accepted, `/handoffs/rates/` tells.
    """
    seen = picture(call.user, now=call.at)
    return {
        "open": list(_open(seen)),
        "given": list(_shares(seen)),
        "chance": fairness.chance(fairness.counts(seen.given)),
        "answers": list(_answers(seen)),
        "load": [
            {
                "team": {"id": one.team.pk, "name": one.team.name},
                "reps": one.reps,
                "a_day": one.a_day,
                "came_a_day": one.came_a_day,
            }
            for one in seen.loads
        ],
    }


def _person(seen: Picture, owner_id: int) -> dict[str, Any] | None:
    return None if owner_id == NOBODY else {"id": owner_id, "name": seen.names.get(owner_id, "")}


def _open(seen: Picture) -> Iterator[dict[str, Any]]:
    keys = [band.key for band in seen.bands]
    for queue in sorted(seen.queues, key=lambda one: one.owner_id):
        yield {
            "owner": _person(seen, queue.owner_id),
            "open": {key: queue.open[key] for key in keys},
            "waiting": sum(queue.waiting[key] for key in keys),
            "overdue": sum(queue.overdue[key] for key in keys),
        }


def _shares(seen: Picture) -> Iterator[dict[str, Any]]:
    for owner_id, bands in sorted(fairness.shares(seen.given).items()):
        for key, share in sorted(bands.items()):
            yield {
                "owner": _person(seen, owner_id),
                "band": key,
                "leads": share.leads,
                "share": share.share,
                "interval": share.interval,
            }


def _answers(seen: Picture) -> Iterator[dict[str, Any]]:
    for owner_id in sorted({one.owner_id for one in seen.given}):
        mine = (one for one in seen.given if one.owner_id == owner_id)
        yield {"owner": _person(seen, owner_id), "band": None, **_answered(mine)}
    for band in seen.bands:
        of_band = (one for one in seen.given if one.band == band.key)
        yield {"owner": None, "band": band.key, **_answered(of_band)}


def _answered(leads: Iterable[Given]) -> dict[str, Any]:
    found = answers.answers(leads)
    return {
        "given": found.given,
        "answered": found.answered,
        "median_seconds": _seconds(found.median),
        "p90_seconds": _seconds(found.p90),
    }


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


figures = resource(get=show_team_figures)
