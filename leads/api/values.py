"""Values of a lead: since when each holds and from where, and those that people set by hand."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import serializers

from leads import access
from leads.api.attributes import Value
from leads.attributes import definitions
from leads.models import Entity, Lead
from leads.numbers import plain
from leads.standing import Word, consent_of, stage_of
from leads.value_history import Step, history_of
from leads.values import set_value
from leadscoring.api.operations import Call, operation
from leadscoring.api.problems import Fault, Problem
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError


class ValueStepShown(serializers.Serializer[Any]):
    """A value that an attribute had, has or will have."""

    value = serializers.CharField(source="given", allow_null=True, help_text="Null: it was taken away.")
    since = serializers.DateTimeField(source="origin.since", allow_null=True, help_text="Null: always.")
    recorded_at = serializers.DateTimeField(source="origin.recorded_at")
    said_by = serializers.CharField(source="origin.source", help_text="A person, or what it came with.")
    taken_back = serializers.BooleanField()


class ValueShown(serializers.Serializer[Any]):
    key = serializers.CharField()
    steps = ValueStepShown(many=True, help_text="The latest first.")


class WordShown(serializers.Serializer[Any]):
    value = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    by_hand = serializers.BooleanField(help_text="Whether a person said it, not a signal.")


class SituationShown(serializers.Serializer[Any]):
    """What signals and people say together: the latest word counts. Null where nobody said any."""

    contact = WordShown(allow_null=True, help_text="unsubscribed, resubscribed, disconnected or reconnected.")
    journey_stage = WordShown(allow_null=True)
    objected_at = serializers.DateTimeField(allow_null=True, help_text="To being scored.")


@operation(scope=Scope.READ, gives=ValueShown)
def show_value_history(call: Call, lead_id: int, key: str) -> Mapping[str, Any]:
    """What an attribute of a person was since when, and from where we know."""
    lead = access.get_lead(call.user, lead_id)
    attribute = definitions().get(key)
    if attribute is None or attribute.entity != Entity.LEAD:
        raise DomainError("value.not_found", _("There is no such attribute of a person."))
    steps: list[Step] = list(history_of(lead, key))
    return {"key": key, "steps": steps}


@operation(scope=Scope.READ, gives=SituationShown)
def show_situation(call: Call, lead_id: int) -> Mapping[str, Any]:
    """Whether a person may be contacted and scored, and how far they have come."""
    lead = access.get_lead(call.user, lead_id)
    contact: Word | None = consent_of(lead, now=call.at)
    return {
        "contact": contact,
        "journey_stage": stage_of(lead, now=call.at),
        "objected_at": lead.objected_at,
    }


def set_by_hand(call: Call, lead: Lead, given: Mapping[str, Value]) -> None:
    """Set values of a person from now on, as on the lead's page; all or none.

    Each has a line in the lead's log and can be taken back for a day. Raises Problem, naming the attribute.
    """
    with transaction.atomic():
        for key, value in given.items():
            try:
                set_value(lead_id=lead.pk, key=key, raw=_as_text(value), actor=call.user, at=call.at)
            except DomainError as refusal:
                if refusal.code == "value.same":
                    continue
                if refusal.code.startswith("lead."):
                    raise
                raise _refused(key, refusal) from refusal


def _refused(key: str, refusal: DomainError) -> Problem:
    status = 409 if refusal.code == "value.taken" else 422
    return Problem(status, refusal.code, refusal.sentence, (Fault(f"/attributes/{key}", refusal.sentence),))


def _as_text(value: Value) -> str:
    """As a person would write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(value) if isinstance(value, Decimal) else str(value)


history = resource(get=show_value_history)
situation = resource(get=show_situation)
