"""A lead's score with every point accounted for, now or at any moment."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from leads import access
from leads.scorer import Explanation, Status
from leadscoring.api.bodies import Body
from leadscoring.api.fields import Moment
from leadscoring.api.operations import Call, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError
from scoring_models.explanation import explain_by_turn


class MomentsQuery(Body):
    as_of = Moment(required=False, help_text="The moment; else now.")
    known_at = Moment(required=False, help_text="By what was known then; else by all that is known now.")


class LineShown(serializers.Serializer[Any]):
    """What one rule, cap, floor or ceiling gave. The points of all lines add up to the total."""

    key = serializers.CharField()
    dimension = serializers.CharField()
    sentence = serializers.CharField()
    status = serializers.ChoiceField(choices=[each.value for each in Status])
    points = serializers.IntegerField()
    would_give = serializers.IntegerField()
    evidence = serializers.CharField(allow_blank=True)
    until = serializers.DateTimeField(allow_null=True)


class ExplanationShown(serializers.Serializer[Any]):
    lead = serializers.IntegerField(source="lead_id")
    as_of = serializers.DateTimeField()
    version = serializers.IntegerField(source="version_id")
    version_label = serializers.CharField()
    engagement = serializers.IntegerField()
    fit = serializers.IntegerField()
    total = serializers.IntegerField()
    band = serializers.CharField(source="band.key")
    due_at = serializers.DateTimeField(allow_null=True)
    lowest = serializers.IntegerField(help_text="If every missing value spoke against the lead.")
    highest = serializers.IntegerField(help_text="If every missing value spoke for the lead.")
    question = serializers.CharField(allow_null=True, help_text="The missing attribute that tells most.")
    lines = LineShown(many=True)


@operation(scope=Scope.READ, query=MomentsQuery, gives=ExplanationShown, refusals=(409, 422))
def explain_lead(call: Call, lead_id: int) -> Explanation:
    """Why a lead has its score, point by point, at any moment and by what was known at any."""
    lead = access.get_lead(call.user, lead_id)
    as_of = call.query.get("as_of", call.at)
    found = explain_by_turn(lead.pk, as_of=as_of, known_at=call.query.get("known_at"))
    if found is None:
        raise DomainError("not_scored", _("No model scored this lead at that moment."))
    return found


explanation = resource(get=explain_lead)
