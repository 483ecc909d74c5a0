"""Whose an anonymous id is, and since when: several people may share a browser.

What was done without a name belongs to whoever signed in last before it, else to whom the id was first said
to be. Both follow the messages' own times, whenever they come: what had been given to somebody else is taken
back and given anew.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from leads.ingestion.signal_keys import key_of
from leads.ingestion.signals import retract_signal
from leads.intake import names
from leads.intake.reading import Name
from leads.models import IntakeAttached, IntakeBelonging, IntakeMessage

_SETTLE = """
DELETE FROM leads_intakebelonging b
 WHERE b.at < %s AND EXISTS (
    SELECT FROM leads_intakebelonging later
     WHERE later.name = b.name AND later.identifies AND later.at < %s
       AND (later.at, later.message_id) > (b.at, b.message_id))
"""
# A key is taken for ever, so what is given anew has another one, which no sender can give.
MOVED = "\x1f(moved)"


@dataclass(frozen=True, slots=True, order=True)
class Said:
    """Somebody said whose an anonymous id is; who signs in (`identifies`) says so for all that follows."""

    at: datetime
    message_id: str
    name: Name
    means: Name
    identifies: bool


class Owners:
    """What was said of some anonymous ids, in the order of its times."""

    def __init__(self, said: Iterable[Said]) -> None:
        self.said: dict[Name, list[Said]] = defaultdict(list)
        for each in sorted(said):
            self.said[each.name].append(each)

    @classmethod
    def load(cls, anonymous: Collection[Name]) -> "Owners":
        found = IntakeBelonging.objects.filter(name__in=list(map(str, anonymous)))
        return cls(
            Said(row.at, row.message_id, Name.read(row.name), Name.read(row.means), row.identifies)
            for row in found
        )

    def owner(self, name: Name, at: datetime) -> Name | None:
        """Whose the id was then; None where nobody ever said."""
        said = self.said.get(name, ())
        before = [each for each in said if each.identifies and each.at <= at]
        return before[-1].means if before else said[0].means if said else None

    def news(self, said: Iterable[Said]) -> list[Said]:
        """What of this can change an owner: all signing in, of the rest what is earlier than all before."""
        news = []
        for each in sorted(said):
            known = self.said[each.name]
            if each not in known and (each.identifies or not known or each < known[0]):
                news.append(each)
                known.append(each)
                known.sort()
        return news


def add(said: Sequence[Said], *, at: datetime) -> None:
    """Note what is said of anonymous ids, under the lock of arrivals; who waits for that goes on."""
    if not said:
        return
    owners = Owners.load({each.name for each in said})
    news = owners.news(said)
    if not news:
        return
    rows = [
        IntakeBelonging(
            name=str(each.name),
            means=str(each.means),
            at=each.at,
            message_id=each.message_id,
            identifies=each.identifies,
        )
        for each in news
    ]
    IntakeBelonging.objects.bulk_create(rows, ignore_conflicts=True)
    changed = {each.name for each in news}
    meant = {each.means for name in changed for each in owners.said[name]}
    names.release({str(name) for name in changed} | {str(end) for end in names.find(meant).ends.values()})
    _give_anew(owners, changed, at=at)


def _give_anew(owners: Owners, changed: Collection[Name], *, at: datetime) -> None:
    """Take back what other people have by these ids, and let its messages be read again."""
    given = list(IntakeAttached.objects.filter(name__in=list(map(str, changed))))
    now = {row.pk: owners.owner(Name.read(row.name), row.at) for row in given}
    found = names.find({Name.read(row.means) for row in given} | {owner for owner in now.values() if owner})
    wrong = [row for row in given if not _is_same(Name.read(row.means), now[row.pk], found)]
    for row in wrong:
        retract_signal(key=key_of(row.source, row.message_id), at=at)
    IntakeMessage.objects.bulk_create(
        IntakeMessage(
            form=row.form,
            source=row.source,
            message_id=row.message_id + MOVED,
            raw=row.raw,
            received_at=row.received_at,
        )
        for row in wrong
    )
    IntakeAttached.objects.filter(pk__in=[row.pk for row in wrong]).delete()


def _is_same(before: Name, now: Name | None, found: names.Found) -> bool:
    lead_id = found.leads.get(before)
    return now == before or (lead_id is not None and now is not None and found.leads.get(now) == lead_id)


def attached(given: Iterable[tuple[IntakeMessage, Name, Name, datetime]]) -> None:
    """Remember messages without a name that became signals: by which id, of whom, at which moment."""
    IntakeAttached.objects.bulk_create(
        IntakeAttached(
            name=str(name),
            means=str(owner),
            at=at,
            form=one.form,
            source=one.source,
            message_id=one.message_id,
            raw=one.raw,
            received_at=one.received_at,
        )
        for one, name, owner, at in given
    )


def forget(*, before: datetime) -> None:
    """What came before then is settled: of what was said by then only the last that counts stays."""
    IntakeAttached.objects.filter(received_at__lt=before).delete()
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [before, before])
