"""Puts the oracle's leads into the database, as ingestion would."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from django.db.models import JSONField, TextField, Value
from django.db.models.functions import Cast

from leads.ingestion.property_facts import facts_of
from leads.models import (
    Account,
    Attribute,
    DatedValue,
    Entity,
    Lead,
    Merge,
    Signal,
    SignalDetail,
    SignalType,
)
from leads.models.dated_value import MEMBERSHIP
from leads.text import normalise, words
from leadscoring.people.models import User
from tests.oracle import Fact, Later, LeadFacts
from tests.strategies import ACCOUNT, PERSON, SET_BY_PEOPLE

_keys = count(1)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def define_attributes() -> None:
    """The attributes of tests/strategies.py that no installation has from the start."""
    Attribute.objects.bulk_create(
        Attribute(key=key, label=key.replace("_", " ").capitalize(), kind=kind, entity=entity)
        for fields, entity in ((PERSON, Entity.LEAD), (ACCOUNT, Entity.ACCOUNT))
        for kind, keys in fields.items()
        for key in keys
        if key.startswith("own_")
    )


def plant(leads: Sequence[LeadFacts]) -> list[int]:
    """Write leads with their accounts and signals; their ids, in order."""
    accounts = Account.objects.bulk_create(
        Account(recorded_at=lead.recorded_at or LONG_AGO, **columns(lead.account))
        for lead in leads
        if lead.account is not None
    )
    unused = iter(accounts)
    rows = Lead.objects.bulk_create(
        Lead(
            created_at=lead.created_at,
            recorded_at=lead.recorded_at or LONG_AGO,
            account=None if lead.account is None else next(unused),
            **columns(lead.person),
        )
        for lead in leads
    )
    for row, lead in zip(rows, leads, strict=True):
        plant_history(lead.person, lead.later, lead.recorded_at, lead=row)
        plant_history(lead.account or {}, lead.account_later, lead.recorded_at, account=row.account)
        plant_moves(row, lead)
    plant_signals(zip((row.pk for row in rows), leads, strict=True))
    plant_colleagues(rows, leads)
    plant_absorbed(zip(rows, leads, strict=True))
    return [row.pk for row in rows]


def plant_history(
    first: Mapping[str, Fact], later: Sequence[Later], recorded_at: datetime | None, **of: Any
) -> None:
    """Write what values became, after what they were."""
    beginnings = {one.key: first.get(one.key) for one in later}
    rows = [Later(key, value, LONG_AGO, recorded_at or LONG_AGO, "") for key, value in beginnings.items()]
    rows += later
    DatedValue.objects.bulk_create(
        DatedValue(
            **of,
            **fact_columns(None if one.value is None else stored(one.value)),
            key=one.key,
            since=one.since if one.message_id else None,
            recorded_at=one.recorded_at,
            message_id=one.message_id or None,
            retracted_at=one.retracted_at,
        )
        for one in rows
    )


def plant_moves(row: Lead, lead: LeadFacts) -> None:
    """Write to which accounts a lead came to belong, which were there before."""
    to = [None if move.account is None else Account(**columns(move.account)) for move in lead.moves]
    for account in to:
        if account is not None:
            account.recorded_at = LONG_AGO
            account.save()
    rows: list[tuple[int | None, datetime | None, datetime]] = []
    if to:
        rows.append((row.account_id, None, lead.recorded_at or LONG_AGO))
    for account, move in zip(to, lead.moves, strict=True):
        rows.append((None if account is None else account.pk, move.since, move.recorded_at))
    DatedValue.objects.bulk_create(
        DatedValue(lead=row, key=MEMBERSHIP, value=account_id, since=since, recorded_at=recorded_at)
        for account_id, since, recorded_at in rows
    )


def fact_columns(fact: Fact | None) -> dict[str, Any]:
    """The columns of a dated value for a fact; nothing counts as given that has no normal form."""
    if fact is None:
        return {"value": None, "words": None, "given": None}
    form = words(fact) if isinstance(fact, str) else None
    return {
        "value": Cast(Value(json_value(fact), output_field=TextField()), JSONField()),
        "words": None if form == fact else form,
        "given": str(fact),
    }


def plant_colleagues(rows: Sequence[Lead], leads: Sequence[LeadFacts]) -> None:
    """The other leads of each lead's account. Their ids come after those of all leads."""
    others = [
        (other, row.account_id) for row, lead in zip(rows, leads, strict=True) for other in lead.colleagues
    ]
    planted = Lead.objects.bulk_create(
        Lead(
            created_at=other.created_at, recorded_at=LONG_AGO, account_id=account_id, **columns(other.person)
        )
        for other, account_id in others
    )
    plant_signals((row.pk, other) for row, (other, _) in zip(planted, others, strict=True))
    plant_absorbed(zip(planted, (other for other, _ in others), strict=True))


def plant_absorbed(leads: Iterable[tuple[Lead, LeadFacts]]) -> None:
    """The leads that became one with these, and since when."""
    merged = [(row, absorbed) for row, lead in leads for absorbed in lead.absorbed]
    planted = Lead.objects.bulk_create(
        Lead(
            created_at=absorbed.lead.created_at,
            recorded_at=LONG_AGO,
            account_id=row.account_id if absorbed.is_colleague else None,
        )
        for row, absorbed in merged
    )
    plant_signals((row.pk, absorbed.lead) for row, (_, absorbed) in zip(planted, merged, strict=True))
    somebody = User.objects.order_by("pk").first()
    Merge.objects.bulk_create(
        Merge(
            kept=kept,
            absorbed=row,
            merged_at=absorbed.merged_at,
            merged_by=somebody,
            undone_at=absorbed.undone_at,
        )
        for row, (kept, absorbed) in zip(planted, merged, strict=True)
    )


def plant_signals(leads: Iterable[tuple[int, LeadFacts]]) -> None:
    types = dict(SignalType.objects.values_list("key", "id"))
    keyed = [(UUID(int=next(_keys)), lead_id, signal) for lead_id, lead in leads for signal in lead.signals]
    Signal.objects.bulk_create(
        Signal(
            lead_id=lead_id,
            type_id=types[signal.type],
            occurred_at=signal.occurred_at,
            received_at=signal.received_at or signal.occurred_at,
            retracted_at=signal.retracted_at,
            key=key,
        )
        for key, lead_id, signal in keyed
    )
    SignalDetail.objects.bulk_create(
        SignalDetail(key=key, lead_id=lead_id, facts=facts_of(signal.properties))
        for key, lead_id, signal in keyed
        if signal.properties
    )


def columns(given: Mapping[str, Fact]) -> dict[str, Any]:
    """The columns of a lead or an account for attributes as they were given."""
    facts = {key: fact for key, value in given.items() if (fact := stored(value)) is not None}
    in_facts = {key for key in facts if key.startswith("own_") or key in SET_BY_PEOPLE}
    standard = {key: fact for key, fact in facts.items() if key not in in_facts}
    own = {key: fact for key, fact in facts.items() if key in in_facts}
    forms = {key: words(fact) for key, fact in facts.items() if isinstance(fact, str)}
    different = {key: form for key, form in forms.items() if form != facts[key]}
    return {
        **standard,
        "facts": Cast(Value(as_json(own), output_field=TextField()), JSONField()),
        "words": different or None,
    }


def stored(value: Fact) -> Fact | None:
    return normalise(value) if isinstance(value, str) else value


def as_json(facts: Mapping[str, Fact]) -> str:
    """JSON with exact numbers, which json.dumps can't write."""
    return "{" + ",".join(f"{json.dumps(key)}:{json_value(value)}" for key, value in facts.items()) + "}"


def json_value(value: Fact) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        value = value.astimezone(UTC).isoformat(timespec="microseconds")
    return json.dumps(value)
