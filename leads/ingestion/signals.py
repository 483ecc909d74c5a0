"""The one way in for signals, one or a million: dedupe, write, mark stale, in one transaction a chunk."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from leads.ingestion.chunks import chunks
from leads.ingestion.identity import LEAD_ID
from leads.ingestion.journal import Journal
from leads.ingestion.locks import in_one_transaction, lock_arrivals
from leads.ingestion.people import find_named
from leads.ingestion.rows import Refusal, SignalRow
from leads.ingestion.signal_keys import RETRACTED_UNSEEN
from leads.ingestion.signal_store import Arrival, arrival, store, store_one
from leads.models import Cause, Lead, Retraction, SignalKey, SignalType, WaitingSignal
from leads.stale import mark_stale
from leadscoring.errors import DomainError

CHUNK = 5_000


@dataclass(slots=True)
class SignalsResult:
    """What became of rows. Each counts once: created, waiting, duplicate or refused.

    `conflicting` are those duplicates whose content differs from what came first, which stays.
    """

    read: int = 0
    created: int = 0
    waiting: int = 0
    duplicates: int = 0
    conflicting: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    def add(self, other: "SignalsResult") -> None:
        self.read += other.read
        self.created += other.created
        self.waiting += other.waiting
        self.duplicates += other.duplicates
        self.conflicting += other.conflicting
        self.refusals += other.refusals


class Became(StrEnum):
    """What became of one row. One that conflicts is a duplicate with other content; the first stays."""

    CREATED = "created"
    WAITING = "waiting"
    DUPLICATE = "duplicate"
    CONFLICTING = "conflicting"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A saved chunk: its sums, and what became of each row that wasn't refused, with its number."""

    result: SignalsResult
    became: Sequence[tuple[int, Became]]


def add_signal(
    *,
    lead_id: int,
    type_key: str,
    occurred_at: datetime,
    received_at: datetime,
    source: str,
    message_id: str | None = None,
    properties: Mapping[str, Any] | None = None,
) -> UUID | None:
    """Add one signal of a known lead and mark the lead stale; its key, or None where it is a repeat.

    Without a message id, one is made of all that the signal says. Raises DomainError: `lead.not_found`,
    `signal.type`.
    """
    row = SignalRow(0, LEAD_ID, str(lead_id), type_key, occurred_at, message_id, properties or {})
    key = store_one(row, lead_id=lead_id, source=source, received_at=received_at)
    if key is None:
        _check_known(lead_id, type_key)
    return key


def _check_known(lead_id: int, type_key: str) -> None:
    if not Lead.objects.filter(pk=lead_id).exists():
        raise DomainError("lead.not_found", f"There is no lead {lead_id}.")
    if not SignalType.objects.filter(key=type_key).exists():
        raise DomainError("signal.type", f"There is no signal type “{type_key}”: add it first.")


def save_signals(
    rows: Iterable[SignalRow],
    *,
    source: str,
    received_at: datetime,
    progress: Callable[[SignalsResult], None] | None = None,
    each: Callable[[Sequence[tuple[int, Became]]], None] | None = None,
    journal: Journal | None = None,
) -> SignalsResult:
    """Add signals in bulk, a transaction a chunk. After each, `progress` hears the sums so far, and `each`
    what became of the rows of the chunk that weren't refused, with their numbers.

    A signal whose lead isn't known is kept and waits for it. A row of an unknown type is refused.
    With a `journal` that has chunks already, these are passed over, and the result is that of the others.
    """
    journal = journal or Journal()
    total = SignalsResult()
    for number, chunk in enumerate(chunks(rows, CHUNK)):
        if number < journal.done:
            journal.passed(number)
            continue
        save = partial(_save_chunk, chunk, source=source, received_at=received_at)
        piece = in_one_transaction(partial(_save_and_note, save, journal, number))
        journal.passed(number)
        total.add(piece.result)
        if progress is not None:
            progress(total)
        if each is not None:
            each(piece.became)
    return total


def _save_and_note(save: Callable[[], _Piece], journal: Journal, number: int) -> _Piece:
    piece = save()
    journal.note(number, piece.result, {})
    return piece


def retract_signal(*, key: UUID, at: datetime) -> bool:
    """Take a signal back, as of `at`; whether anything changed. Its key stays taken for ever.

    A retraction may come before its signal, which then never counts.
    """
    with transaction.atomic():
        _, is_new = Retraction.objects.get_or_create(pk=key, defaults={"received_at": at})
        if is_new:
            _take_key(key)
            # A signal that stops waiting meanwhile is found by the second update.
            _ = _retract_stored(key, at) or _retract_waiting(key) or _retract_stored(key, at)
        return is_new


def _take_key(key: UUID) -> None:
    """Let no signal take this key any more; one that takes it just now is waited for."""
    SignalKey.objects.bulk_create([SignalKey(key=key, content=RETRACTED_UNSEEN)], ignore_conflicts=True)


def _retract_stored(key: UUID, at: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE leads_signal SET retracted_at = %s WHERE key = %s AND retracted_at IS NULL"
            " RETURNING lead_id",
            [at, key],
        )
        lead_ids = [lead_id for (lead_id,) in cursor.fetchall()]
    if lead_ids:
        mark_stale(lead_ids, Cause.RETRACTION)
    return bool(lead_ids)


def _retract_waiting(key: UUID) -> bool:
    deleted, _ = WaitingSignal.objects.filter(key=key).delete()
    return deleted > 0


def _save_chunk(rows: Sequence[SignalRow], *, source: str, received_at: datetime) -> _Piece:
    result = SignalsResult(read=len(rows))
    type_ids = _type_ids()
    known = [row for row in rows if row.type_key in type_ids]
    result.refusals = [
        Refusal(row.number, "", f"There is no signal type “{row.type_key}”: add it first.")
        for row in rows
        if row.type_key not in type_ids
    ]
    wanted = {_named(row) for row in known}
    lead_ids = find_named(wanted)
    if not wanted <= lead_ids.keys():
        lock_arrivals(alone=True)
        lead_ids = find_named(wanted)  # Some may have come while we waited for the lock.
    arrivals = [
        arrival(row, source=source, lead_id=lead_ids.get(_named(row)), type_ids=type_ids) for row in known
    ]
    first = {one.key: one for one in reversed(arrivals)}
    fresh = store(list(first.values()), received_at=received_at)
    became = _became(arrivals, first, fresh)
    sums = Counter(each for _number, each in became)
    result.created, result.waiting = sums[Became.CREATED], sums[Became.WAITING]
    result.conflicting = sums[Became.CONFLICTING]
    result.duplicates = sums[Became.DUPLICATE] + result.conflicting
    return _Piece(result, became)


def _became(
    arrivals: Sequence[Arrival], first: Mapping[UUID, Arrival], fresh: Collection[UUID]
) -> list[tuple[int, Became]]:
    repeated = first.keys() - set(fresh)
    contents = dict(SignalKey.objects.filter(pk__in=repeated).values_list("key", "content"))
    contents |= {key: first[key].content for key in fresh}
    return [(one.row.number, _became_of(one, first, fresh, contents[one.key])) for one in arrivals]


def _became_of(one: Arrival, first: Mapping[UUID, Arrival], fresh: Collection[UUID], content: int) -> Became:
    if one.key in fresh and first[one.key] is one:
        return Became.WAITING if one.lead_id is None else Became.CREATED
    return Became.DUPLICATE if content in (one.content, RETRACTED_UNSEEN) else Became.CONFLICTING


def _type_ids() -> dict[str, int]:
    return dict(SignalType.objects.values_list("key", "id"))


def _named(row: SignalRow) -> tuple[str, str]:
    return row.lead_key, row.lead_value
