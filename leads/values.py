"""Values of a person, or of their company, set by hand: dated from now on, with a line in the log.

Whether somebody unsubscribed and how far they have come are values, too, beside the signals that say so: the
latest word counts.
"""

import json
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from leads import access
from leads.attributes import Value, definitions, read_value, stored_fact, word_form
from leads.ingestion.history import received, settle
from leads.ingestion.people import given_up
from leads.ingestion.records import ACCOUNT_COLUMNS, LEAD_COLUMNS
from leads.ingestion.told import json_value
from leads.models import Account, Activity, Attribute, DatedValue, Entity, Lead
from leads.models.score_change import Cause
from leads.stale import mark_accounts_stale, mark_stale
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role

EMAIL = "email"
# `facts`, `words` and `attributes` are JSON of one key, or null where nothing is left of it.
_SET = """
UPDATE leads_{entity} SET
       attributes = jsonb_strip_nulls(attributes || %(given)s::jsonb),
       facts = jsonb_strip_nulls(facts || %(fact)s::jsonb),
       words = NULLIF(jsonb_strip_nulls(COALESCE(words, '{{}}') || %(words)s::jsonb), '{{}}'){column}
 WHERE id = %(row)s
"""
# Of companies, whose values count for all who work there.
COMPANY_SETTERS = (Role.MARKETING, Role.ADMIN)


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
    _write("lead", lead.pk, attribute, value)
    kept = _kept(key, at, lead=lead)
    mark_stale([lead.pk], Cause.ATTRIBUTE)
    record(action="lead.value_set", target=lead, actor=actor, at=at, attribute=key, value=kept.pk)
    return _noted(lead, attribute, value, kept, actor=actor, at=at)


@transaction.atomic
def set_company_value(*, lead_id: int, key: str, raw: str, actor: User, at: datetime) -> Activity:
    """Say what an attribute of a lead's company is from now on; an empty text takes the value away.

    It counts for everybody who works there; the line is in the log of this lead. For marketing and admins.
    Raises DomainError: `lead.not_found`, `value.not_yours`, `value.unknown`, `value.no_company`,
    `attribute.value`, `value.same`, `value.taken` where another company goes by it.
    """
    lead = access.lock_to_see(actor, lead_id)
    if not may_set_company(actor):
        raise DomainError("value.not_yours", _("Marketing and Admins set what is known of companies."))
    attribute = definitions().get(key)
    if attribute is None or attribute.entity != Entity.ACCOUNT:
        raise DomainError("value.unknown", _("There is no such attribute of a company."))
    account = Account.objects.select_for_update().filter(pk=lead.account_id or 0).first()
    if account is None:
        raise DomainError("value.no_company", _("No company is known of this lead."))
    value = read_value(attribute, raw)
    received(at=at)
    try:
        with transaction.atomic():
            _write("account", account.pk, attribute, value)
    except IntegrityError:
        raise DomainError("value.taken", _("Another company goes by this already.")) from None
    kept = _kept(key, at, account=account)
    mark_accounts_stale([account.pk])
    record(action="account.value_set", target=account, actor=actor, at=at, attribute=key, value=kept.pk)
    return _noted(lead, attribute, value, kept, actor=actor, at=at)


def may_set_company(user: User) -> bool:
    return user.has_role(*COMPANY_SETTERS)


def undo_value(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    """Take a value of the lead or its company back, as if it had never been said.

    Raises DomainError `activity.over`, `value.taken` where another goes by what it was before.
    """
    value = DatedValue.objects.filter(pk=activity.dated_value_id or 0, retracted_at=None).first()
    if value is None:
        raise DomainError("activity.over", _("This value was taken back already."))
    value.retracted_at = at
    value.save(update_fields=("retracted_at",))
    received(at=at)
    if value.account_id is None:
        _settle("lead", lead.pk, at)
        mark_stale([lead.pk], Cause.ATTRIBUTE)
    else:
        Account.objects.select_for_update().get(pk=value.account_id)
        _settle("account", value.account_id, at)
        mark_accounts_stale([value.account_id])


def _settle(entity: str, row_id: int, at: datetime) -> None:
    try:
        with transaction.atomic():
            settle(entity, [row_id], at=at)
    except IntegrityError:
        raise DomainError("value.taken", _("Another one goes by what it was before.")) from None


def _write(entity: str, row_id: int, attribute: Attribute, value: Value | None) -> None:
    """Set the row; the trigger keeps the history of it."""
    key, is_column = attribute.key, attribute.key in (*LEAD_COLUMNS, *ACCOUNT_COLUMNS)
    form = word_form(value.fact) if value and isinstance(value.fact, str) else None
    fact = "null" if value is None or is_column else json_value(stored_fact(value.fact))
    with connection.cursor() as cursor:
        cursor.execute(
            _SET.format(entity=entity, column=f", {key} = %(column)s" if is_column else ""),
            {
                "row": row_id,
                "given": json.dumps({key: value.display if value else None}),
                "fact": f"{{{json.dumps(key)}:{fact}}}",
                "words": json.dumps({key: form}),
                "column": value.fact if value else None,
            },
        )


def _kept(key: str, at: datetime, *, lead: Lead | None = None, account: Account | None = None) -> DatedValue:
    """What the history has of it. Raises DomainError `value.same` where that is nothing new."""
    rows = DatedValue.objects.filter(key=key, recorded_at=at, since__isnull=False)
    kept = rows.filter(lead=lead, account=account).order_by("-pk").first()
    if kept is None:
        raise DomainError("value.same", _("That is what it says already."))
    return kept


def _noted(
    lead: Lead, attribute: Attribute, value: Value | None, kept: DatedValue, *, actor: User, at: datetime
) -> Activity:
    said = f"{attribute.label}: {value.display if value else '–'}"
    return Activity.objects.create(
        lead=lead, actor=actor, verb=Activity.Verb.VALUE, at=at, note=said, dated_value_id=kept.pk
    )


def _check_free(lead: Lead, value: Value | None) -> None:
    if value is None:
        return
    others = Lead.objects.filter(email=value.fact).exclude(pk=lead.pk)
    if others.exists() or given_up([str(value.fact)]):
        raise DomainError("value.taken", _("Another lead has this e-mail address. Merge the two instead."))
