"""Values of a person set by hand: dated from now on, with a line in the lead's log, taken back within a day.

Whether somebody unsubscribed and how far they have come are values, too, beside the signals that say so: the
latest word counts.
"""

import json
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from leads import access
from leads.attributes import Value, definitions, read_value, stored_fact, word_form
from leads.ingestion.history import received, settle
from leads.ingestion.people import given_up
from leads.ingestion.records import LEAD_COLUMNS
from leads.ingestion.told import json_value
from leads.models import Activity, Attribute, DatedValue, Entity, Lead
from leads.models.score_change import Cause
from leads.stale import mark_stale
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User

EMAIL = "email"
# `facts`, `words` and `attributes` are JSON of one key, or null where nothing is left of it.
_SET = """
UPDATE leads_lead SET
       attributes = jsonb_strip_nulls(attributes || %(given)s::jsonb),
       facts = jsonb_strip_nulls(facts || %(fact)s::jsonb),
       words = NULLIF(jsonb_strip_nulls(COALESCE(words, '{{}}') || %(words)s::jsonb), '{{}}'){column}
 WHERE id = %(lead)s
"""


@transaction.atomic
def set_value(*, lead_id: int, key: str, raw: str, actor: User, at: datetime) -> Activity:
    """Say what an attribute of the person is from now on; an empty text takes the value away.

    Raises DomainError: `lead.not_found`, `lead.not_yours`, `value.unknown`, `attribute.value`, `value.same`,
    `value.taken` where another lead has the e-mail address.
    """
    lead = access.lock_to_work(actor, lead_id, now=at)
    attribute = definitions().get(key)
    if attribute is None or attribute.entity != Entity.LEAD:
        raise DomainError("value.unknown", _("There is no such attribute of a person."))
    value = read_value(attribute, raw)
    if key == EMAIL:
        _check_free(lead, value)
    received(at=at)
    _write(lead, attribute, value)
    kept = _kept(lead, key, at)
    if kept is None:
        raise DomainError("value.same", _("That is what it says already."))
    mark_stale([lead.pk], Cause.ATTRIBUTE)
    record(action="lead.value_set", target=lead, actor=actor, at=at, attribute=key, value=kept.pk)
    said = f"{attribute.label}: {value.display if value else '–'}"
    return Activity.objects.create(
        lead=lead, actor=actor, verb=Activity.Verb.VALUE, at=at, note=said, dated_value_id=kept.pk
    )


def undo_value(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    """Take a value back, as if it had never been said. Raises DomainError `activity.over`."""
    taken_back = DatedValue.objects.filter(pk=activity.dated_value_id or 0, retracted_at=None).update(
        retracted_at=at
    )
    if not taken_back:
        raise DomainError("activity.over", _("This value was taken back already."))
    received(at=at)
    settle("lead", [lead.pk], at=at)
    mark_stale([lead.pk], Cause.ATTRIBUTE)


def _write(lead: Lead, attribute: Attribute, value: Value | None) -> None:
    """Set the row; the trigger keeps the history of it."""
    key, is_column = attribute.key, attribute.key in LEAD_COLUMNS
    form = word_form(value.fact) if value and isinstance(value.fact, str) else None
    fact = "null" if value is None or is_column else json_value(stored_fact(value.fact))
    with connection.cursor() as cursor:
        cursor.execute(
            _SET.format(column=f", {key} = %(column)s" if is_column else ""),
            {
                "lead": lead.pk,
                "given": json.dumps({key: value.display if value else None}),
                "fact": f"{{{json.dumps(key)}:{fact}}}",
                "words": json.dumps({key: form}),
                "column": value.fact if value else None,
            },
        )


def _kept(lead: Lead, key: str, at: datetime) -> DatedValue | None:
    """What the history has of it."""
    rows = DatedValue.objects.filter(lead=lead, key=key, recorded_at=at, since__isnull=False)
    return rows.order_by("-pk").first()


def _check_free(lead: Lead, value: Value | None) -> None:
    if value is None:
        return
    others = Lead.objects.filter(email=value.fact).exclude(pk=lead.pk)
    if others.exists() or given_up([str(value.fact)]):
        raise DomainError("value.taken", _("Another lead has this e-mail address. Merge the two instead."))
