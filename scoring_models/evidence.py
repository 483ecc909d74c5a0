"""What a rule's result rests on, in plain words: "4 times in 30 days, newest 3 Nov, counts until 3 Dec"."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads.numbers import shortest
from leads.scorer import Status
from scoring_models.engine.attributes import STAGE_DAYS
from scoring_models.evaluation import RuleResult
from scoring_models.sentences import conditions_sentence
from scoring_models.spec import AccountActivity, AttributeCondition, Inactivity, SignalAtLeast, SignalEach
from scoring_models.vocabulary import Vocabulary

DAY = timedelta(days=1)
# Each pair: what they do to leave, and what takes that back.
LEAVING = (("unsubscribed", "resubscribed"), ("disconnected", "reconnected"))
STATE_TYPES = tuple(key for pair in LEAVING for key in pair)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about a lead at `as_of`.

    `values` are attributes of the person and the account as people gave them. `signals` are the moments of
    the signals that count, by type, oldest first; those after `as_of` are among them. `is_past`: who reads
    what is said of it does so on another day than that of `as_of`.
    """

    as_of: datetime
    created_at: datetime
    values: Mapping[str, object]
    signals: Mapping[str, Sequence[datetime]]
    is_past: bool = False

    def moments(self, types: Sequence[str]) -> list[datetime]:
        """When signals of any of these types occur, oldest first."""
        return sorted(moment for key in types for moment in self.signals.get(key, ()))


def evidence(result: RuleResult, known: Known, vocabulary: Vocabulary) -> str:
    """Why a rule gave a lead what it gave, and what it would give where it gave nothing."""
    met = result.status is Status.MET
    match result.rule.condition:
        case AttributeCondition(field="journey_stage"):
            text = result.value or _("no stage in %(days)d days") % {"days": STAGE_DAYS}
        case AttributeCondition() as condition:
            text = _of_attribute(condition, met, known, vocabulary)
        case SignalAtLeast() | SignalEach() as condition:
            text = _of_signals(condition, result, known)
        case Inactivity() as condition:
            text = _of_inactivity(condition, result, known)
        case AccountActivity() as condition:
            text = _of_colleagues(condition, result)
    if not met:
        return ", ".join(
            filter(None, (text, _held_back(result, known, vocabulary), _would_change(result.rule.points)))
        )
    until = counts_until(result)
    return f"{text}, {_until(result, until, known)}" if until else text


def _held_back(result: RuleResult, known: Known, vocabulary: Vocabulary) -> str:
    """Which of the conditions that a rule holds only for isn't met, or can't be told."""
    guards = result.conditions[: len(result.rule.only_when)]
    open_ones = sorted((guard for guard in guards if not guard[1]), key=lambda guard: guard[1] is None)
    if not open_ones:
        return ""
    condition, _met = open_ones[0]
    return _("only when %(condition)s: %(value)s") % {
        "condition": conditions_sentence((condition,), vocabulary),
        "value": _of_attribute(condition, False, known, vocabulary),
    }


def counts_until(result: RuleResult) -> datetime | None:
    """When a rule that gives points gives fewer if nothing happens. Time alone ends no inactivity."""
    ends = result.status is Status.MET and not isinstance(result.rule.condition, Inactivity)
    return result.changes_at if ends else None


def _would_change(points: int) -> str:
    sentence = _("would add %(points)d") if points > 0 else _("would take %(points)d")
    return sentence % {"points": abs(points)}


# Attributes.


def _of_attribute(condition: AttributeCondition, met: bool, known: Known, vocabulary: Vocabulary) -> str:
    if condition.field == "unsubscribed":
        return _left(known) if met else _("no")
    if condition.list_name is not None and not condition.values:
        return _("the list “%(list)s” is empty") % {"list": condition.list_name}
    value = known.values.get(condition.field)
    if value is None:
        return _("%(attribute)s is missing") % {"attribute": vocabulary.attribute_label(condition.field)}
    return _shown(value)


def _left(known: Known) -> str:
    """Since when somebody does not want to hear from us."""
    since = [
        off[-1]
        for pair in LEAVING
        for off, on in [[_before(known.moments([key]), known.as_of) for key in pair]]
        if off and not (on and on[-1] > off[-1])
    ]
    return _("since %(day)s") % {"day": _said(max(since), known)} if since else _("yes")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "j M Y, H:i")
    return shortest(value) if isinstance(value, Decimal) else str(value)


# Signals.


def _of_colleagues(condition: AccountActivity, result: RuleResult) -> str:
    people = int(result.value or 0)
    if not people:
        return _("nobody else at the company")
    if condition.window_days is None:
        sentence = ngettext("%(count)d other person", "%(count)d other people", people)
    else:
        sentence = ngettext(
            "%(count)d other person in %(days)d days", "%(count)d other people in %(days)d days", people
        )
    return sentence % {"count": people, "days": condition.window_days}


def _of_signals(condition: SignalAtLeast | SignalEach, result: RuleResult, known: Known) -> str:
    past = _before(known.moments(condition.types), known.as_of)
    if condition.where:
        past = list(result.moments or ())
    if not past:
        return _("none that match") if condition.where else _("not yet")
    newest = _said(past[-1], known)
    counted = _in_window(past, known.as_of, condition.window_days)
    if not counted:
        return _("last %(day)s") % {"day": newest}
    just_one = isinstance(condition, SignalEach) or condition.at_least == 1
    return newest if just_one and len(counted) == 1 else _times(condition, len(counted), newest)


def _times(condition: SignalAtLeast | SignalEach, count: int, newest: str) -> str:
    if condition.window_days is None:
        sentence = ngettext("%(count)d time, newest %(day)s", "%(count)d times, newest %(day)s", count)
    else:
        sentence = ngettext(
            "%(count)d time in %(days)d days, newest %(day)s",
            "%(count)d times in %(days)d days, newest %(day)s",
            count,
        )
    return sentence % {"count": count, "days": condition.window_days, "day": newest}


def _until(result: RuleResult, until: datetime, known: Known) -> str:
    said = {"day": _said(until, known), "points": f"{result.points:+d}"}
    if result.rule.decays:
        return _("%(points)s until %(day)s, then less") % said
    return (_("one of them counts until %(day)s") if result.units > 1 else _("counts until %(day)s")) % said


def _of_inactivity(condition: Inactivity, result: RuleResult, known: Known) -> str:
    past = _before(known.moments(condition.types), known.as_of)
    since = past[-1] if past else known.created_at
    day = _said(since, known)
    if result.if_met:
        sentence = _("nothing since %(day)s") if past else _("nothing since they came, %(day)s")
        return f"{sentence % {'day': day}}{_so_far(result, known)}"
    from_day = _said(since + timedelta(days=condition.days), known)
    sentence = _("newest %(day)s, holds from %(from)s") if past else _("came %(day)s, holds from %(from)s")
    return sentence % {"day": day, "from": from_day}


def _so_far(result: RuleResult, known: Known) -> str:
    """How often an inactivity that counts again did, and when it will next."""
    if not result.rule.repeats or result.status is not Status.MET:
        return ""
    counted = ngettext(", counted %(count)d time", ", counted %(count)d times", int(result.units))
    again = _(", again from %(day)s")
    next_one = again % {"day": _said(result.changes_at, known)} if result.changes_at else ""
    return counted % {"count": result.units} + next_one


def _before(moments: list[datetime], as_of: datetime) -> list[datetime]:
    return moments[: bisect_right(moments, as_of)]


def _in_window(past: list[datetime], as_of: datetime, window_days: int | None) -> list[datetime]:
    if window_days is None:
        return past
    return past[bisect_right(past, as_of - timedelta(days=window_days)) :]


def _said(moment: datetime, known: Known) -> str:
    """A moment as people say it on the day of `as_of`: "today 09:12", "tomorrow 17:00", "3 Nov".

    Of a past day its date and time take the place of "today" and the days around it.
    """
    here, today = timezone.localtime(moment), timezone.localtime(known.as_of)
    date = date_format(here, "j M" if here.year == today.year else "j M Y")
    near = {
        timedelta(0): _("today %(time)s"),
        DAY: _("tomorrow %(time)s"),
        -DAY: _("yesterday %(time)s"),
    }.get(here.date() - today.date())
    if near is None:
        return date
    time = date_format(here, "H:i")
    return f"{date} {time}" if known.is_past else near % {"time": time}
