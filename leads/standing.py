"""What signals and people say of a lead together: whether it unsubscribed, and how far it has come.

As rules see it (docs/scoring.md, section 6): the latest word counts, a signal's or a person's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max

from leads.contact_sql import LATEST_WORDS, TOLD_AT
from leads.merging.members import members_of
from leads.models import DatedValue, Lead, Signal, Stage
from leadscoring.prepared import prepared_cursor

STAGE_DAYS = timedelta(days=90)
FURTHEST_FIRST = (Stage.DECISION, Stage.CONSIDERATION, Stage.AWARENESS)
PAIRS = (("unsubscribed", "resubscribed"), ("disconnected", "reconnected"))
# Of each pair the latest signal: whether it is the first of them, and when. Then since when a person says so.
_WORDS = f"""
SELECT links.off, links.at, bonds.off, bonds.at, {TOLD_AT}
  FROM leads_lead l {LATEST_WORDS}
 WHERE l.id = %(lead)s::bigint
"""


@dataclass(frozen=True, slots=True)
class Word:
    """What was said last, since when (None: since the lead came), and whether a person said it."""

    value: str
    since: datetime | None
    by_hand: bool


def consent_of(lead: Lead, *, now: datetime) -> Word | None:
    """The word that keeps us from writing to a lead, or that allows it again; None where nobody said any."""
    with prepared_cursor() as cursor:
        cursor.execute(_WORDS, {"lead": lead.pk, "now": now})
        [(*of_signals, told_at)] = cursor.fetchall()
    said = zip(PAIRS, of_signals[::2], of_signals[1::2], strict=True)
    words = [Word(on if is_on else off, at, False) for (on, off), is_on, at in said if at is not None]
    told = lead.facts.get("unsubscribed")
    if told is not None:
        words.append(Word("unsubscribed" if told else "resubscribed", told_at, True))
    standing = _latest_of_each(words)
    against = [word for word in standing if word.value in ("unsubscribed", "disconnected")]
    return max(against or standing, key=_when, default=None)


def stage_of(lead: Lead, *, now: datetime) -> Word | None:
    """How far a lead has come: what a person set last, else the furthest stage of the last 90 days."""
    recent = Signal.objects.filter(
        lead__in=members_of(lead), retracted_at=None, occurred_at__lte=now, occurred_at__gt=now - STAGE_DAYS
    )
    staged = recent.exclude(type__stage="").values("type__stage").annotate(Max("occurred_at"))
    latest = dict(staged.values_list("type__stage", "occurred_at__max"))
    told = lead.facts.get("journey_stage")
    if told is not None:
        since = _set_at(lead, "journey_stage", now)
        if not latest or (since is not None and since > max(latest.values())):
            return Word(str(told), since, True)
    return next((Word(stage, latest[stage], False) for stage in FURTHEST_FIRST if stage in latest), None)


def _set_at(lead: Lead, key: str, now: datetime) -> datetime | None:
    values = DatedValue.objects.filter(lead=lead, key=key, retracted_at=None, since__lte=now)
    since: datetime | None = values.aggregate(Max("since"))["since__max"]
    return since


def _latest_of_each(words: list[Word]) -> list[Word]:
    """Of signals and of what a person set, those words that nothing later takes back."""
    by_hand = next((word for word in words if word.by_hand), None)
    if by_hand is None:
        return words
    signals = [word for word in words if not word.by_hand]
    if by_hand.value == "resubscribed":  # takes back both
        return [by_hand, *(word for word in signals if _when(word) > _when(by_hand))]
    left = [word for word in signals if word.value in PAIRS[0] and _when(word) > _when(by_hand)]
    broken = [word for word in signals if word.value in PAIRS[1]]
    return [*(left or [by_hand]), *broken]


def _when(word: Word) -> tuple[bool, datetime | None]:
    return (False, None) if word.since is None else (True, word.since)
