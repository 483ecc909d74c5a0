"""Values that come with a time of their own, kept in the history (`DatedValue`), and what holds now."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from leads.attributes import stored_fact
from leads.ingestion.records import ACCOUNT_COLUMNS, LEAD_COLUMNS, Record
from leads.ingestion.told import Told, json_value
from leads.models import Cause
from leads.stale import mark_accounts_stale, mark_stale

_COLUMNS: Mapping[str, Collection[str]] = {"lead": LEAD_COLUMNS, "account": ACCOUNT_COLUMNS}
# By these leads and accounts are found, and what finds them now is what came last.
_IDENTITY = frozenset({"email", "company", "company_domain"})


@dataclass(frozen=True, slots=True)
class Dated:
    """What a source tells of a lead or an account that holds since a moment.

    `told_as` is the absorbed lead by whose key it was told, where that is not the lead itself.
    """

    record: Record
    told: Told
    since: datetime
    told_as: int | None = None


def received(*, at: datetime, told_by: str = "") -> None:
    """Date what the rest of the transaction changes, and say by what it was told: a file, an API key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('leads.at', %s, true), set_config('leads.told_by', %s, true)",
            [at.isoformat(), told_by],
        )


def split(told: Told) -> tuple[Told, Told]:
    """What is told of the identity, which counts from receipt, and the rest."""
    parts = Told(), Told()
    for key in told.display:
        parts[key not in _IDENTITY].take(key, told)
    return parts


_KEEP = """
WITH told AS (
    SELECT DISTINCT ON (owner, key, since, message_id) *
      FROM unnest(%(ids)s::bigint[], %(keys)s::text[], %(values)s::jsonb[], %(words)s::text[],
                  %(given)s::text[], %(since)s::timestamptz[], %(message_ids)s::text[],
                  %(told_as)s::bigint[])
           AS t (owner, key, value, words, given, since, message_id, told_as)
), fresh AS MATERIALIZED (
    SELECT * FROM told t WHERE (
           SELECT TRUE FROM leads_datedvalue v
            WHERE (v.{entity}_id, v.key, v.since, v.message_id) = (t.owner, t.key, t.since, t.message_id)
            LIMIT 1) IS NULL
), beginning AS (
    INSERT INTO leads_datedvalue ({entity}_id, key, value, words, given, recorded_at)
    SELECT DISTINCT r.id, f.key,
           CASE WHEN f.key = ANY (%(columns)s::text[]) THEN NULLIF(to_jsonb(r) -> f.key, 'null')
                ELSE r.facts -> f.key END,
           r.words ->> f.key, r.attributes ->> f.key, r.recorded_at
      FROM fresh f JOIN leads_{entity} r ON r.id = f.owner
     WHERE (SELECT TRUE FROM leads_datedvalue v
             WHERE v.{entity}_id = r.id AND v.key = f.key LIMIT 1) IS NULL
)
INSERT INTO leads_datedvalue
       ({entity}_id, key, value, words, given, since, recorded_at, message_id, told_as_id)
SELECT owner, key, value, words, given, since, %(at)s, message_id, told_as FROM fresh
RETURNING {entity}_id
"""


def keep(entity: str, dated: Sequence[Dated], *, at: datetime) -> set[int]:
    """Add to the history what is told of leads ("lead") or accounts ("account"); the ids of whom it is news.

    Their rows must be written and locked; from here on these say what holds at `at`.
    """
    rows = [row for one in dated for row in _rows(one)]
    if not rows:
        return set()
    names = ("ids", "keys", "values", "words", "given", "since", "message_ids", "told_as")
    arrays: dict[str, list[Any]] = {
        name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)
    }
    with connection.cursor() as cursor:
        cursor.execute(_KEEP.format(entity=entity), {**arrays, "columns": list(_COLUMNS[entity]), "at": at})
        ids = {pk for (pk,) in cursor.fetchall()}
    settle(entity, ids, at=at)
    return ids


def begin_values(*, at: datetime) -> int:
    """Let the values hold whose time has come; of how many leads and accounts."""
    with transaction.atomic():
        leads, accounts = _begin("lead", at=at), _begin("account", at=at)
        if leads:
            mark_stale(leads, Cause.ATTRIBUTE)
        if accounts:
            mark_accounts_stale(accounts)
    return len(leads) + len(accounts)


def _begin(entity: str, *, at: datetime) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM leads_{entity} WHERE next_value_at <= %s ORDER BY id FOR UPDATE SKIP LOCKED",
            [at],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    if ids:
        received(at=at)
        settle(entity, ids, at=at)
    return ids


def settle(entity: str, ids: Collection[int], *, at: datetime) -> None:
    """Set rows, which the caller has locked, to what their history says of `at`."""
    names = (*_COLUMNS[entity], "attributes", "facts", "words")
    sets = ", ".join(f"{name} = was.{name}" for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE leads_{entity} r SET {sets}, next_value_at = (SELECT min(v.since)"
            f" FROM leads_datedvalue v WHERE v.{entity}_id = r.id AND v.since > %(at)s)"
            f" FROM leads_{entity} x CROSS JOIN LATERAL leads_{entity}_at(x, %(at)s, NULL) was"
            " WHERE x.id = ANY (%(ids)s) AND r.id = x.id",
            {"at": at, "ids": list(ids)},
        )


def _rows(dated: Dated) -> Iterator[tuple[object, ...]]:
    for key, given in dated.told.display.items():
        value = json_value(stored_fact(dated.told.fact(key)))
        told_as = () if dated.told_as is None else (dated.told_as,)
        said = json.dumps((key, dated.since.astimezone(UTC).isoformat(), value, *told_as))
        message_id = hashlib.sha256(said.encode()).hexdigest()
        words = dated.told.words[key]
        yield dated.record.id, key, value, words, given, dated.since, message_id, dated.told_as
