"""What a lead did, the latest first, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from leads.learned import in_words
from leads.merging.members import members_of
from leads.models import Lead, Signal, SignalDetail, SignalType
from leads.queue.cursor import BIG_INTEGER, instant
from leadscoring.errors import DomainError

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Event:
    """A signal with what else is known of it. A retracted one no longer counts.

    `said` are its properties, as they were given.
    """

    signal: Signal
    source: str
    said: dict[str, Any]

    @property
    def properties(self) -> dict[str, Any]:
        """What it said, in words."""
        return in_words(self.said)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Some events. `next` is the cursor for `before`, None at the end."""

    events: Sequence[Event]
    next: str | None


def timeline(lead: Lead, *, before: str | None = None, type_key: str = "", size: int = PAGE_SIZE) -> Timeline:
    """A page of a lead's signals, retracted ones included, perhaps of one type only.

    Raises DomainError `cursor.invalid`.
    """
    signals = Signal.objects.filter(lead__in=members_of(lead)).select_related("type")
    if type_key:
        signals = signals.filter(type__key=type_key)
    if before:
        moment, signal_id = _decode(before)
        signals = signals.filter(Q(occurred_at__lt=moment) | Q(occurred_at=moment, pk__lt=signal_id))
    found = list(signals.order_by("-occurred_at", "-pk")[: size + 1])
    shown = found[:size]
    return Timeline(_events(shown), next=_encode(shown[-1]) if len(found) > size else None)


def types_of(lead: Lead) -> Sequence[SignalType]:
    """The types of a lead's signals, by their names."""
    seen = Signal.objects.filter(lead__in=members_of(lead)).values_list("type_id", flat=True).distinct()
    return list(SignalType.objects.filter(pk__in=list(seen)).order_by("label", "pk"))


def _events(signals: Sequence[Signal]) -> list[Event]:
    details = SignalDetail.objects.in_bulk([signal.key for signal in signals])
    return [
        Event(signal, detail.source if detail else "", detail.properties if detail else {})
        for signal in signals
        for detail in (details.get(signal.key),)
    ]


def _encode(signal: Signal) -> str:
    return f"{signal.occurred_at.isoformat()}_{signal.pk}"


def _decode(word: str) -> tuple[datetime, int]:
    moment, _separator, signal_id = word.partition("_")
    try:
        at = instant(moment)
        if int(signal_id) not in BIG_INTEGER:
            raise ValueError(word)
    except ValueError:
        sentence = _("This link into the list no longer works. Start from the top.")
        raise DomainError("cursor.invalid", sentence) from None
    return at, int(signal_id)
