"""What a lead's score was: every change with its causes, and two moments compared."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from leads import access
from leads.models import Cause, Lead
from leads.queue.cursor import instant
from leads.score_history import Judged, Shown, history
from leads.score_steps import Comparison, Moment, StepKind
from leads.scorer import scorer
from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.fields import Moment as MomentField
from leadscoring.api.lists import Listed, page_of
from leadscoring.api.operations import Call, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError

CURSOR = "%Y-%m-%dT%H:%M:%S.%fZ"
KINDS = ("score", "override_began", "override_ended")
CAUSES = tuple(str(cause.name).lower() for cause in Cause)


class HistoryQuery(PageQuery):
    as_of = MomentField(required=False, help_text="Up to this moment; else up to now.")


class CompareQuery(Body):
    since = MomentField(help_text="The earlier moment, by what was known then.")
    until = MomentField(required=False, help_text="The later one, by what was known then; else now.")


class ChangeShown(serializers.Serializer[Any]):
    """A line of the score that gave `before` points and gives `after`."""

    key = serializers.CharField()
    sentence = serializers.CharField()
    before = serializers.IntegerField()
    after = serializers.IntegerField()
    points = serializers.IntegerField()


class EntryShown(serializers.Serializer[Any]):
    """What changed at a moment. Of an override only `at`, `kind` and `override` say something."""

    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=KINDS)
    total = serializers.IntegerField(allow_null=True, help_text="The model's, from then on.")
    points = serializers.IntegerField(allow_null=True, help_text="More than before; null at the first.")
    band = serializers.CharField(allow_null=True)
    band_before = serializers.CharField(allow_null=True, help_text="Where it was another one.")
    causes = serializers.ListField(
        child=serializers.ChoiceField(choices=CAUSES), help_text="Empty where nobody said why."
    )
    version_label = serializers.CharField(allow_blank=True, help_text="Where it brought the change.")
    changes = ChangeShown(many=True, help_text="With what limits took they add up to the points.")
    override = serializers.IntegerField(allow_null=True)


class StandingShown(serializers.Serializer[Any]):
    as_of = serializers.DateTimeField(source="moment.as_of")
    version = serializers.IntegerField(source="version_id")
    version_label = serializers.CharField()
    total = serializers.IntegerField(help_text="The model's.")
    effective_total = serializers.IntegerField(source="effective", help_text="With an override.")
    band = serializers.CharField(help_text="What the effective one is called.")
    override = serializers.IntegerField(source="override.pk", default=None, allow_null=True)


class StepShown(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=StepKind.values)
    points = serializers.IntegerField()
    changes = ChangeShown(many=True)


class ComparisonShown(serializers.Serializer[Any]):
    """Two moments of a lead. The steps add up to `points`, the difference of the effective totals."""

    before = StandingShown()
    after = StandingShown()
    points = serializers.IntegerField()
    steps = StepShown(many=True, help_text="What changed, in this order; without those that changed nothing.")


@operation(scope=Scope.READ, query=HistoryQuery, gives=page_of(EntryShown))
def list_history(call: Call, lead_id: int) -> Listed:
    """Every change of a lead's score with its causes, and of its overrides, the latest first."""
    lead = access.get_lead(call.user, lead_id)
    before, as_of = _before(call.query.get("cursor")), call.query.get("as_of", call.at)
    found = history(lead, now=as_of, before=before, size=call.query["limit"])
    entries = [_judged(one) if isinstance(one, Judged) else _scored(one) for one in found.entries]
    return Listed(entries, found.next.strftime(CURSOR) if found.next else None)


@operation(scope=Scope.READ, query=CompareQuery, gives=ComparisonShown, refusals=(409, 422))
def compare_moments(call: Call, lead_id: int) -> Comparison:
    """How a lead's score came from what it was at one moment to what it was at another."""
    lead = access.get_lead(call.user, lead_id)
    since, until = call.query["since"], call.query.get("until", call.at)
    try:
        found = scorer().compare(lead.pk, before=Moment(since, since), after=Moment(until, until))
    except Lead.DoesNotExist:  # another one had absorbed it then
        found = None
    if found is None:
        raise DomainError("not_scored", _("No model scored this lead at one of these moments."))
    return found


def _scored(one: Shown) -> Mapping[str, Any]:
    return {
        "at": one.at,
        "kind": "score",
        "total": one.total,
        "points": one.points,
        "band": one.band.key,
        "band_before": one.before.key if one.before else None,
        "causes": [str(cause.name).lower() for cause in one.causes],
        "version_label": one.version,
        "changes": one.changes,
        "override": None,
    }


def _judged(one: Judged) -> Mapping[str, Any]:
    return {
        "at": one.at,
        "kind": "override_ended" if one.has_ended else "override_began",
        **dict.fromkeys(("total", "points", "band", "band_before")),
        "causes": [],
        "version_label": "",
        "changes": [],
        "override": one.override.pk,
    }


def _before(cursor: str | None) -> datetime | None:
    try:
        return instant(cursor) if cursor else None
    except ValueError:
        said = _("This link into the list no longer works. Start from the top.")
        raise DomainError("cursor.invalid", said) from None


of_lead = resource(get=list_history)
comparison = resource(get=compare_moments)
