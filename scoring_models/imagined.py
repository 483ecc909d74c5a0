"""Scoring leads that aren't there: golden leads, and what somebody types in to try a version.

The engine's statement is run as it is, over rows that exist in it alone: common table expressions take the
names of the tables of leads, accounts and signals, and PostgreSQL looks there first. So there is still one
evaluator, and nothing can leak: nothing is written, locked, numbered or marked stale, not even for the length
of a transaction that is rolled back. Ids are negative, which no row of another table has.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import connection

from leads.attributes import definitions, stored_fact
from leads.ingestion.property_facts import facts_of
from leads.ingestion.rows import RowRefused
from leads.ingestion.told import Told, read_values
from leads.models import Attribute
from leads.numbers import plain
from leadscoring.errors import DomainError
from scoring_models.catalogue import load_catalogue
from scoring_models.engine.catalogue import CannotCompile, Catalogue
from scoring_models.engine.detail import compile_detail
from scoring_models.evaluation import Detail, detail_of
from scoring_models.evidence import Known
from scoring_models.spec import Audiences, GoldenSignal, Spec, Value

MICROSECONDS_A_DAY = 86_400_000_000
_TABLES = ("leads_lead", "leads_account", "leads_signal", "leads_signaldetail")
_SHADOWS = ", ".join(
    f"{table} AS (SELECT * FROM jsonb_populate_recordset(NULL::{table}, %({table})s::jsonb))"
    for table in _TABLES
)


@dataclass(frozen=True)
class Imagined:
    """A lead that came at the moment at which it is scored, and what it did so many days before."""

    attributes: tuple[tuple[str, Value | bool], ...]
    signals: tuple[GoldenSignal, ...] = ()

    def moments(self, as_of: datetime) -> Iterator[tuple[GoldenSignal, datetime]]:
        """Each signal with when it occurred."""
        for signal in self.signals:
            microseconds = (signal.days_ago * MICROSECONDS_A_DAY).to_integral_value()
            yield signal, as_of - timedelta(microseconds=int(microseconds))


def details(
    spec: Spec, leads: Sequence[Imagined], *, as_of: datetime, earlier: Audiences = ()
) -> list[Detail]:
    """What a version says of each lead, rule by rule, whether or not it scores it (`is_scored`).

    Raises DomainError: `cannot_compute`, and `cannot_read` for an attribute or signal that there is not.
    """
    try:
        catalogue = load_catalogue()
        statement = compile_detail(spec, catalogue, earlier=earlier)
    except CannotCompile as error:
        raise DomainError("cannot_compute", str(error)) from error
    rows = _rows(leads, as_of, catalogue)
    clocks = {
        "lead_ids": [-place for place, _ in enumerate(leads, start=1)],
        "as_of": as_of,
        "known_at": None,
    }
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {_SHADOWS} {statement.sql}", statement.parameters | rows | clocks)
        found = {row[0]: detail_of(spec, row) for row in cursor.fetchall()}
    return [found[-place] for place, _ in enumerate(leads, start=1)]


def known(lead: Imagined, as_of: datetime) -> Known:
    """What is known of such a lead, for the words beside its points."""
    signals: dict[str, list[datetime]] = {}
    for signal, moment in lead.moments(as_of):
        signals.setdefault(signal.type, []).append(moment)
    person, company = _told(lead, definitions())
    values = company.display | person.display
    return Known(as_of, as_of, values, {key: sorted(when) for key, when in signals.items()})


def check_readable(lead: Imagined) -> None:
    """Raises DomainError("cannot_read"), whose sentence names every value that is none."""
    _told(lead, definitions())


def _told(lead: Imagined, attributes: Mapping[str, Attribute]) -> tuple[Told, Told]:
    try:
        return read_values(dict(lead.attributes), attributes)
    except RowRefused as refusal:
        raise DomainError("cannot_read", refusal.reason) from None


Row = dict[str, object]


def _rows(leads: Sequence[Imagined], as_of: datetime, catalogue: Catalogue) -> dict[str, str]:
    """The rows of each table as JSON, under its name."""
    attributes = definitions()
    rows: dict[str, list[Row]] = {table: [] for table in _TABLES}
    for place, lead in enumerate(leads, start=1):
        person, company = _told(lead, attributes)
        rows["leads_account"].append(_entity(company, -place))
        rows["leads_lead"].append(
            _entity(person, -place) | {"account_id": -place, "created_at": as_of.isoformat(), "is_open": True}
        )
        for signal, moment in lead.moments(as_of):
            key = str(UUID(int=len(rows["leads_signal"])))
            rows["leads_signal"].append(_signal(signal, moment, -place, key, catalogue))
            said = dict(signal.properties)
            rows["leads_signaldetail"].append({"key": key, "lead_id": -place, "facts": facts_of(said)})
    return {table: _json(each) for table, each in rows.items()}


def _entity(told: Told, pk: int) -> Row:
    """A lead or an account."""
    words = {key: form for key, form in told.words.items() if form is not None}
    columns = {key: stored_fact(fact) for key, fact in told.columns.items()}
    return {"id": pk, "attributes": told.display, "facts": told.facts, "words": words or None, **columns}


def _signal(signal: GoldenSignal, moment: datetime, lead_id: int, key: str, catalogue: Catalogue) -> Row:
    try:
        [type_id] = catalogue.type_ids((signal.type,))
    except CannotCompile as error:
        raise DomainError("cannot_read", str(error)) from None
    when = moment.isoformat()
    # Of two at one moment the later one in the list has the greater id.
    return {
        **{"id": UUID(key).int, "lead_id": lead_id, "type_id": type_id, "key": key},
        **{"occurred_at": when, "received_at": when},
    }


def _json(value: object) -> str:
    """JSON whose numbers are exact, which json.dumps can't write."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(key)}:{_json(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return f"[{','.join(map(_json, value))}]"
    return json.dumps(value)
