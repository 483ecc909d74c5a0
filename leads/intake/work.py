"""Using what the inbox holds, a batch in one transaction: a worker that dies leaves everything as it was.

One worker does it at a time: the others are free to score what it wrote. It holds the lock of arrivals, under
which no lead comes or goes unseen. A batch that fails is tried again message by message; one that fails by
itself is set aside, so that none takes others down.
"""

import json
import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.alone import alone
from leads.ingestion.identity import LEAD_ID
from leads.ingestion.locks import in_one_transaction, lock_arrivals
from leads.ingestion.rows import SignalRow
from leads.ingestion.signals import save_signals
from leads.intake import belonging, hooks, names, segment, sent, telling
from leads.intake.belonging import Owners, Said
from leads.intake.mapping import Mappings
from leads.intake.reading import ANONYMOUS_ID, Name, Reading, Unusable
from leads.intake.telling import Message
from leads.models import IntakeMessage
from leadscoring.errors import DomainError

BATCH = 1_000
TRIES = 5
# Classes of the database's codes: the connection, resources, somebody stopping it, the system below it.
AWAY = ("08", "53", "57P", "58")
# Any number that nobody else uses: who holds this lock works on the inbox.
LOCK = 7_305_515
LEAD_SOURCE = "Website"
_COUNT = """
INSERT INTO leads_ignoredevents AS e (call, name, count, last_at)
SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::timestamptz[])
ON CONFLICT (call, name) DO UPDATE
   SET count = e.count + excluded.count, last_at = greatest(e.last_at, excluded.last_at)
"""
State = IntakeMessage.State
log = logging.getLogger(__name__)
READERS = {segment.FORM: segment.read, hooks.FORM: hooks.read}


def work(*, size: int = BATCH) -> int:
    """Use one batch of what waits; how many messages were taken (0: none, or another one is at it)."""
    try:
        return in_one_transaction(lambda: _work(_waiting()[:size]))
    except Exception as error:
        if _is_away(error):
            raise
        log.info("A batch of the inbox failed and is tried one by one: %s", error)
        return _one_by_one(size)


def _one_by_one(size: int) -> int:
    ids = list(_waiting().values_list("pk", flat=True)[:size])
    for pk in ids:
        try:
            in_one_transaction(partial(_work, _waiting().filter(pk=pk)))
        except Exception as error:
            if _is_away(error):
                raise
            _failed(pk, error)
    return len(ids)


def _is_away(error: Exception) -> bool:
    """Whether the database can't do anything for anybody just now. Else the message is to blame, also where
    Django calls it operational: a text that fits in no index would stop the inbox for ever.
    """
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(AWAY)


def _waiting() -> QuerySet[IntakeMessage]:
    return IntakeMessage.objects.filter(state=State.WAITING).order_by("pk")


def _work(waiting: QuerySet[IntakeMessage]) -> int:
    if not alone(LOCK):
        return 0
    lock_arrivals(alone=True)
    messages = list(waiting.select_for_update(skip_locked=True))
    if messages:
        _Batch(messages, now=timezone.now()).run()
    return len(messages)


def _failed(pk: int, error: Exception) -> None:
    """Note a message that can't be used, or let it try again later."""
    if isinstance(error, DomainError):
        said, tries = (error.code, error.sentence), TRIES
    else:
        log.exception("Message %s of the inbox failed", pk, exc_info=error)
        said, tries = ("failed", _("It could not be used; the log says why.")), 1
    with transaction.atomic():
        one = IntakeMessage.objects.select_for_update().filter(pk=pk, state=State.WAITING).first()
        if one is None:
            return
        one.tries = min(TRIES, one.tries + tries)
        if one.tries >= TRIES:
            one.state, one.code, one.reason = State.QUARANTINED, *said
        one.save(update_fields=("tries", "state", "code", "reason"))


class _Batch:
    """One batch on its way: each message is used, held for its person, or set aside with the reason."""

    def __init__(self, messages: Sequence[IntakeMessage], *, now: datetime) -> None:
        self.messages = messages
        self.now = now
        self.unusable: dict[int, Unusable] = {}
        self.held: dict[int, str] = {}
        self.signals = defaultdict[str, list[SignalRow]](list)
        self.owned: dict[int, tuple[Name, Name, datetime]] = {}

    def run(self) -> None:
        read = self._read()
        self._learn_names(read)
        self._count([one.reading for one in read])
        read = [one for one in read if one.reading.ignored is None]
        telling.make_people(read, at=self.now, lead_source=LEAD_SOURCE, refuse=self._refuse)
        known = self._known(read)
        telling.tell(known, at=self.now, refuse=self._refuse)
        self._signals(known)
        self._put_away()

    def _learn_names(self, read: Sequence[Message]) -> None:
        said, aliases = [], []
        for one in sorted(read, key=lambda one: one.order):
            for name, better in one.reading.aliases:
                if name.kind == ANONYMOUS_ID:
                    said.append(Said(*one.order, name, better, one.reading.identifies))
                else:
                    aliases.append((name, better))
        names.add_aliases(aliases)
        belonging.add(said, at=self.now)

    def _read(self) -> list[Message]:
        mappings, read = Mappings.load(), []
        for number, one in enumerate(self.messages):
            try:
                said = json.loads(one.raw)
                if one.form == sent.FORM:
                    self.signals[one.source].append(sent.read(one, said, number=number, now=self.now))
                    continue
                reading = READERS[one.form](
                    said, received_at=one.received_at, now=self.now, mappings=mappings
                )
                read.append(Message(number, one.message_id, one.source, reading))
            except Unusable as unusable:
                self.unusable[number] = unusable
        return read

    def _refuse(self, number: int, reason: str) -> None:
        if number >= 0:
            self.unusable[number] = Unusable("refused", reason)

    def _known(self, read: Sequence[Message]) -> list[tuple[Message, int]]:
        """Those about known leads; of the others, each is held for its best name."""
        usable = [one for one in read if one.number not in self.unusable]
        owners = Owners.load({name for one in usable if (name := one.reading.anonymous)})
        whom = {one.number: _whom(one.reading, owners) for one in usable}
        found = names.find({name for them in whom.values() for name in them})
        known = []
        for one in usable:
            lead_id = found.lead(whom[one.number])
            if lead_id is not None:
                known.append((one, lead_id))
            elif one.reading.values or one.reading.happened:
                self.held[one.number] = str(found.ends[whom[one.number][0]])
        self.owned = {
            one.number: (one.reading.anonymous, whom[one.number][0], one.reading.at)
            for one, _lead_id in known
            if one.reading.anonymous and one.reading.happened
        }
        return known

    def _signals(self, known: Sequence[tuple[Message, int]]) -> None:
        for one, lead_id in known:
            happened = one.reading.happened
            if happened is not None and one.number not in self.unusable:
                self.signals[one.source].append(
                    SignalRow(
                        *(one.number, LEAD_ID, str(lead_id), happened.type_key, one.reading.at),
                        message_id=one.message_id,
                        properties=happened.properties,
                    )
                )
        for source, rows in self.signals.items():
            for refusal in save_signals(rows, source=source, received_at=self.now).refusals:
                self._refuse(refusal.number, refusal.reason)

    def _count(self, readings: Sequence[Reading]) -> None:
        counts = Counter(one.ignored for one in readings if one.ignored)
        if counts:
            last = dict.fromkeys(counts, self.now)
            with connection.cursor() as cursor:
                rows = sorted((*event, count, last[event]) for event, count in counts.items())
                cursor.execute(_COUNT, [list(column) for column in zip(*rows, strict=True)])

    def _put_away(self) -> None:
        kept = []
        for number, one in enumerate(self.messages):
            if number in self.unusable:
                one.state, one.code = State.QUARANTINED, self.unusable[number].code
                one.reason = self.unusable[number].reason
                kept.append(one)
            elif number in self.held:
                one.state, one.waits_for = State.HELD, self.held[number]
                kept.append(one)
        belonging.attached(
            (self.messages[number], *owned)
            for number, owned in self.owned.items()
            if number not in self.unusable
        )
        IntakeMessage.objects.bulk_update(kept, ("state", "code", "reason", "waits_for"), batch_size=500)
        done = {one.pk for one in self.messages} - {one.pk for one in kept}
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM leads_intakemessage WHERE id = ANY (%s)", [list(done)])


def _whom(reading: Reading, owners: Owners) -> tuple[Name, ...]:
    """Whom a message is about: whoever it names, else whose its anonymous id was then."""
    if (anonymous := reading.anonymous) is None:
        return tuple(name for name in reading.names if name.kind != ANONYMOUS_ID)
    return (owners.owner(anonymous, reading.at) or anonymous,)
