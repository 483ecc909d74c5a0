"""The naive evaluator: one lead, one moment, plain Python, written from docs/scoring.md and nothing else.

It shares no code with the engine but the spec's dataclasses: where both agree, both read the page alike.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import product

from scoring_models.spec import (
    AccountActivity,
    AttributeCondition,
    Condition,
    Dimension,
    HalfLife,
    Inactivity,
    Linear,
    Op,
    PropertyCondition,
    RuleSpec,
    SignalAtLeast,
    SignalEach,
    Spec,
    Value,
)

Fact = str | Decimal | bool | datetime
BEGINNING = datetime.min.replace(tzinfo=UTC)
TICK = timedelta(microseconds=1)
LONG_ENOUGH = timedelta(days=7_300)  # the points of any generated version have decayed by then


@dataclass(frozen=True)
class SignalFact:
    """A signal as it came; of two at the same moment the later in the lead's tuple has the greater id.

    It was learned of at `received_at` (None: as it occurred), and taken back at `retracted_at`, as we learned
    then.
    """

    type: str
    occurred_at: datetime
    retracted_at: datetime | None = None
    received_at: datetime | None = None
    properties: Mapping[str, str | bool | int | Decimal] = field(default_factory=dict)

    def counts(self, known_at: datetime | None) -> bool:
        """Whether it had come and was not taken back, by what was known (None: is known now)."""
        if known_at is None:
            return self.retracted_at is None
        came = self.received_at or self.occurred_at
        return came <= known_at and (self.retracted_at is None or self.retracted_at > known_at)


@dataclass(frozen=True)
class Later:
    """A value that came after its lead or account was inserted; None where it was taken away.

    It holds from `since` on, and was learned of at `recorded_at`; at `retracted_at` we learned that it never
    was so.
    """

    key: str
    value: Fact | None
    since: datetime
    recorded_at: datetime
    message_id: str
    retracted_at: datetime | None = None

    def counts(self, as_of: datetime, known_at: datetime | None) -> bool:
        """Whether it had begun, and was known and not taken back (known_at None: by what is known now)."""
        if known_at is None:
            return self.since <= as_of and self.retracted_at is None
        taken_back = self.retracted_at is not None and self.retracted_at <= known_at
        return self.since <= as_of and self.recorded_at <= known_at and not taken_back


@dataclass(frozen=True)
class Move:
    """The lead belongs to another account (None: to none) since a moment, as we learned at another."""

    account: Mapping[str, Fact] | None
    since: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class Absorbed:
    """A lead that is one with another since `merged_at`. At `undone_at` we learned that it never was.

    `is_colleague` says that it belongs to the other's account; else it has none.
    """

    lead: "LeadFacts"
    merged_at: datetime
    undone_at: datetime | None = None
    is_colleague: bool = False

    def holds(self, as_of: datetime, known_at: datetime | None) -> bool:
        """Whether the two are one at a moment, by what was known at another."""
        if known_at is None:
            return self.merged_at <= as_of and self.undone_at is None
        undone = self.undone_at is not None and self.undone_at <= known_at
        return self.merged_at <= as_of and self.merged_at <= known_at and not undone


@dataclass(frozen=True)
class LeadFacts:
    """What is known about a lead: values as given, not yet normalised. No account: `account` is None.

    `person` and `account` are what came when the two were inserted, at `recorded_at` (None: before anybody
    asked); `later` and `account_later` what came after that. `colleagues` are the other leads of `account`,
    which none of them ever left; the accounts of `moves` have no others.
    """

    created_at: datetime
    person: Mapping[str, Fact]
    account: Mapping[str, Fact] | None = None
    signals: tuple[SignalFact, ...] = ()
    recorded_at: datetime | None = None
    later: tuple[Later, ...] = ()
    account_later: tuple[Later, ...] = ()
    moves: tuple[Move, ...] = ()
    colleagues: "tuple[LeadFacts, ...]" = ()
    absorbed: tuple[Absorbed, ...] = ()
    stages: tuple[tuple[str, str], ...] = ()  # of the version that is asked
    set_at: Mapping[str, datetime] = field(default_factory=dict)

    def happened(self, types: tuple[str, ...], as_of: datetime) -> list[datetime]:
        """When signals of these types occurred that count at `as_of`, oldest first."""
        return sorted(
            signal.occurred_at
            for signal in self.signals
            if signal.type in types and signal.occurred_at <= as_of
        )

    def as_known(self, as_of: datetime, known_at: datetime | None) -> "LeadFacts":
        """The lead at a moment, by what had been learned of it, and not been taken back, by another."""
        seen = known_at is None or self.recorded_at is None or self.recorded_at <= known_at
        account = None if self.account is None or not seen else self.account
        if account is not None:
            account = held(account, self.account_later, as_of, known_at)
        colleagues = self.others_there(as_of, known_at) if account is not None else ()
        for move in sorted(self.moves, key=lambda move: move.since):  # of two at once the later one holds
            if move.since <= as_of and (known_at is None or move.recorded_at <= known_at):
                account, colleagues = move.account, ()
        joined = [one.lead for one in self.absorbed if one.holds(as_of, known_at)]
        return replace(
            self,
            signals=tuple(one for lead in (self, *joined) for one in lead.signals if one.counts(known_at)),
            set_at={
                one.key: one.since
                for one in sorted(self.later, key=lambda one: one.since)
                if one.counts(as_of, known_at)
            },
            person=held(self.person if seen else {}, self.later, as_of, known_at),
            account=account,
            colleagues=tuple(other.as_known(as_of, known_at) for other in colleagues),
        )

    def others_there(self, as_of: datetime, known_at: datetime | None) -> "tuple[LeadFacts, ...]":
        """The other people of its account: who became one with somebody is nobody apart."""
        everybody = (self, *self.colleagues)
        apart = (one for each in everybody for one in each.still_apart(as_of, known_at))
        return (*self.colleagues, *apart)

    def still_apart(self, as_of: datetime, known_at: datetime | None) -> "tuple[LeadFacts, ...]":
        """Those of its account that it will absorb, or that were never one with it."""
        return tuple(one.lead for one in self.absorbed if one.is_colleague and not one.holds(as_of, known_at))

    def everybody(self) -> "tuple[LeadFacts, ...]":
        """The lead and all whose signals may count for it, ever."""
        mine = (self, *self.colleagues)
        return (*mine, *(one.lead for each in mine for one in each.absorbed))


def held(
    first: Mapping[str, Fact], later: tuple[Later, ...], as_of: datetime, known_at: datetime | None
) -> dict[str, Fact]:
    """The values that hold at a moment: the last to begin, of two at once that of the greater message id."""
    values: dict[str, Fact | None] = dict(first)
    for one in sorted(later, key=lambda one: (one.since, one.message_id)):
        if one.counts(as_of, known_at):
            values[one.key] = one.value
    return {key: value for key, value in values.items() if value is not None}


class Status(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class RuleResult:
    """What a rule gives, and would give if all were met that can't be told. `count` is how often it counts.

    Units that decay shrink all the time; a result is another one when its points are.
    """

    key: str
    status: Status
    points: int
    points_if_met: int
    count: int
    units: float = field(compare=False)


@dataclass(frozen=True)
class Result:
    """All that a score says. `clips` are (key, points) of those limits that took or gave something."""

    rules: tuple[RuleResult, ...]
    clips: tuple[tuple[str, int], ...]
    engagement: int
    fit: int
    total: int
    band: int
    last_intent_at: datetime | None


def score(spec: Spec, lead: LeadFacts, as_of: datetime, known_at: datetime | None = None) -> Result:
    """The score of a lead at a moment, by what was known at another (None: by all that is known now)."""
    lead = replace(lead.as_known(as_of, known_at), stages=spec.stages)
    rules = tuple(rule_result(rule, lead, as_of) for rule in spec.enabled_rules)
    clips: list[tuple[str, int]] = []
    engagement = dimension_total(spec, Dimension.ENGAGEMENT, rules, clips)
    fit = dimension_total(spec, Dimension.FIT, rules, clips)
    total = engagement + fit
    if spec.floor is not None and total < spec.floor:
        clips.append(("floor", spec.floor - total))
        total = spec.floor
    if spec.ceiling is not None and total > spec.ceiling:
        clips.append(("ceiling", spec.ceiling - total))
        total = spec.ceiling
    intents = lead.happened(spec.intent_types, as_of)
    return Result(
        rules=rules,
        clips=tuple(clips),
        engagement=engagement,
        fit=fit,
        total=total,
        band=band_rank(spec, total),
        last_intent_at=intents[-1] if intents else None,
    )


def in_audience(spec: Spec, lead: LeadFacts, as_of: datetime, known_at: datetime | None = None) -> bool:
    """Whether all conditions of the audience are met; what can't be told is no match."""
    lead = replace(lead.as_known(as_of, known_at), stages=spec.stages)
    return all(attribute_status(condition, lead, as_of) is Status.MET for condition in spec.audience)


def scored_by(
    models: Sequence[Spec], lead: LeadFacts, as_of: datetime, known_at: datetime | None = None
) -> int | None:
    """The place of the first model, by its live version, whose audience the lead matches."""
    matching = (place for place, spec in enumerate(models) if in_audience(spec, lead, as_of, known_at))
    return next(matching, None)


def dimension_total(
    spec: Spec, dimension: Dimension, results: tuple[RuleResult, ...], clips: list[tuple[str, int]]
) -> int:
    """Positive points cut at the cap, then the negative ones, then the floor."""
    limits = spec.limits(dimension)
    positive = negative = 0
    for rule, result in zip(spec.enabled_rules, results, strict=True):
        if rule.dimension is dimension:
            positive += max(result.points, 0)
            negative += min(result.points, 0)
    if limits.cap is not None and positive > limits.cap:
        clips.append((f"cap:{dimension}", limits.cap - positive))
        positive = limits.cap
    total = positive + negative
    if limits.floor is not None and total < limits.floor:
        clips.append((f"floor:{dimension}", limits.floor - total))
        total = limits.floor
    return total


def band_rank(spec: Spec, total: int) -> int:
    """The highest band whose lower edge the total reaches."""
    reached = [
        rank for rank, band in enumerate(spec.bands) if band.lower_edge is None or band.lower_edge <= total
    ]
    return max(reached)


def rule_result(rule: RuleSpec, lead: LeadFacts, as_of: datetime) -> RuleResult:
    """A rule is one AND: any "not met" makes it not met, else any "cannot tell" makes it unknown."""
    statuses = [attribute_status(condition, lead, as_of) for condition in rule.only_when]
    if isinstance(rule.condition, AttributeCondition):
        statuses.append(attribute_status(rule.condition, lead, as_of))
        count, units_if_met = 1, 1.0
    else:
        count, units_if_met = counted(rule.condition, lead, as_of)
        statuses.append(Status.MET if count else Status.NOT_MET)
    status = all_of(statuses)
    met = status is Status.MET
    points_if_met = rounded(rule.points * units_if_met)
    return RuleResult(
        key=rule.key,
        status=status,
        points=points_if_met if met else 0,
        points_if_met=points_if_met,
        count=count if met else 0,
        units=units_if_met if met else 0,
    )


def all_of(statuses: list[Status]) -> Status:
    if Status.NOT_MET in statuses:
        return Status.NOT_MET
    return Status.UNKNOWN if Status.UNKNOWN in statuses else Status.MET


def rounded(product: float) -> int:
    """Half away from zero to 9 decimals, then half away from zero to an integer."""
    nine = Decimal(product).quantize(Decimal("1e-9"), ROUND_HALF_UP)
    return int(nine.quantize(Decimal(1), ROUND_HALF_UP))


def counted(
    condition: SignalAtLeast | SignalEach | Inactivity | AccountActivity, lead: LeadFacts, as_of: datetime
) -> tuple[int, float]:
    """How often a condition on signals counts (0: not met), and its units."""
    match condition:
        case SignalAtLeast():
            moments = in_window(condition, lead, as_of)
            if len(moments) < condition.at_least:
                return 0, 0
            return 1, left_of(condition, as_of - moments[-1])
        case SignalEach():
            newest = in_window(condition, lead, as_of)[-condition.at_most :]
            return len(newest), sum(left_of(condition, as_of - moment) for moment in newest)
        case Inactivity():
            times = idle_times(condition, lead, as_of)
            return times, times
        case AccountActivity():
            active = [other for other in lead.colleagues if in_window(condition, other, as_of)]
            met = int(len(active) >= condition.people)
            return met, met


def left_of(condition: SignalAtLeast | SignalEach, age: timedelta) -> float:
    """The decay of a signal of that age."""
    age_in_days = age / timedelta(days=1)
    match condition.decay:
        case Linear():
            assert condition.window_days is not None
            return 1 - age_in_days / condition.window_days
        case HalfLife(days):
            return float(0.5 ** (age_in_days / days))
        case None:
            return 1


def idle_times(condition: Inactivity, lead: LeadFacts, as_of: datetime) -> int:
    before = lead.happened(condition.types, as_of)
    idle = as_of - (before[-1] if before else lead.created_at)
    if idle < timedelta(days=condition.days):
        return 0
    if condition.again_every_days is None:
        return 1
    assert condition.at_most is not None
    further = (idle - timedelta(days=condition.days)) // timedelta(days=condition.again_every_days)
    return min(condition.at_most, 1 + further)


def in_window(
    condition: SignalAtLeast | SignalEach | AccountActivity, lead: LeadFacts, as_of: datetime
) -> list[datetime]:
    """When signals occurred that match and are in the window, oldest first."""
    matching = replace(lead, signals=tuple(one for one in lead.signals if says(one, condition.where)))
    happened = matching.happened(condition.types, as_of)
    if condition.window_days is None:
        return happened
    return [moment for moment in happened if as_of - timedelta(days=condition.window_days) < moment]


def says(signal: SignalFact, where: tuple[PropertyCondition, ...]) -> bool:
    """A signal matches only when every condition on its properties is met."""
    return all(property_status(condition, signal) is Status.MET for condition in where)


def property_status(condition: PropertyCondition, signal: SignalFact) -> Status:
    text = property_text(signal.properties.get(condition.property))
    if condition.op is Op.IS_SET:
        return Status.NOT_MET if text is None else Status.MET
    if condition.op is Op.IS_NOT_SET:
        return Status.MET if text is None else Status.NOT_MET
    value = property_value(text, condition.op)
    if value is None or (condition.list_name is not None and not condition.values):
        return Status.UNKNOWN
    return (
        Status.MET if satisfies(value, condition.op, condition.values, signal.occurred_at) else Status.NOT_MET
    )


def property_text(value: str | bool | int | Decimal | None) -> str | None:
    """What is compared of a property: a text. Numbers as plain decimals without idle zeros."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case str():
            return normal_form(value)
        case _:
            text = f"{Decimal(value):f}"
            text = text.rstrip("0").rstrip(".") if "." in text else text
            return "0" if Decimal(value) == 0 else text


def property_value(text: str | None, op: Op) -> Fact | None:
    """Ordered operators need a plain decimal, yes and no need one of the two; else it can't be told."""
    if text is None:
        return None
    if op in (Op.AT_LEAST, Op.AT_MOST, Op.BETWEEN):
        return Decimal(text) if re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)", text) else None
    if op in (Op.IS_TRUE, Op.IS_FALSE):
        return {"true": True, "false": False}.get(text)
    return text


def attribute_status(condition: AttributeCondition, lead: LeadFacts, as_of: datetime) -> Status:
    value = known_value(condition.field, lead, as_of)
    if condition.op is Op.IS_SET:
        return Status.NOT_MET if value is None else Status.MET
    if condition.op is Op.IS_NOT_SET:
        return Status.MET if value is None else Status.NOT_MET
    list_is_empty = condition.list_name is not None and not condition.values
    if value is None or list_is_empty:
        return Status.UNKNOWN
    return Status.MET if satisfies(value, condition.op, condition.values, as_of) else Status.NOT_MET


def known_value(field: str, lead: LeadFacts, as_of: datetime) -> Fact | None:
    """A value in the form in which it is compared; None where it is missing."""
    if field == "unsubscribed":
        return is_unsubscribed(lead, as_of)
    if field == "journey_stage":
        return journey_stage(lead, as_of)
    value = lead.person.get(field, (lead.account or {}).get(field))
    return normal_form(value) if isinstance(value, str) else value


def is_unsubscribed(lead: LeadFacts, as_of: datetime) -> bool:
    """Whether they unsubscribed or disconnected and did not take it back. Always known.

    What somebody set counts from then: a yes as a signal of unsubscribing, a no as taking back both.
    """
    word = lead.person.get("unsubscribed")
    said_at = lead.set_at.get("unsubscribed", BEGINNING)
    left = latest_of(lead, "unsubscribed", "resubscribed", as_of)
    broken = latest_of(lead, "disconnected", "reconnected", as_of)
    if word is not None and (left is None or left.occurred_at <= said_at):
        has_left = word is True
    else:
        has_left = left is not None and left.type == "unsubscribed"
    if broken is not None and word is False and broken.occurred_at <= said_at:
        broken = None
    return has_left or (broken is not None and broken.type == "disconnected")


def journey_stage(lead: LeadFacts, as_of: datetime) -> str | None:
    """The furthest stage among the signals of the last 90 days, unless a person set one later."""
    stages = dict(lead.stages)
    staged = [
        (one.occurred_at, stages[one.type])
        for one in lead.signals
        if one.type in stages and as_of - timedelta(days=90) < one.occurred_at <= as_of
    ]
    told = lead.person.get("journey_stage")
    if told is not None and all(at < lead.set_at.get("journey_stage", BEGINNING) for at, _ in staged):
        return str(told)
    reached = {stage for _, stage in staged}
    return next((stage for stage in ("decision", "consideration", "awareness") if stage in reached), None)


def latest_of(lead: LeadFacts, off: str, on: str, as_of: datetime) -> SignalFact | None:
    latest: SignalFact | None = None
    for signal in lead.signals:  # a later one at the same moment holds
        counts = signal.type in (off, on) and signal.occurred_at <= as_of
        if counts and (latest is None or signal.occurred_at >= latest.occurred_at):
            latest = signal
    return latest


def satisfies(value: Fact, op: Op, values: tuple[Value, ...], as_of: datetime) -> bool:
    first = values[0] if values else None
    match op:
        case Op.IS:
            return value == first
        case Op.IS_NOT:
            return value != first
        case Op.IS_ANY_OF:
            return value in values
        case Op.IS_NONE_OF:
            return value not in values
        case Op.CONTAINS_ANY:
            return any(contains_words(str(value), str(wanted)) for wanted in values)
        case Op.AT_LEAST:
            return bool(value >= first)  # type: ignore[operator]
        case Op.AT_MOST:
            return bool(value <= first)  # type: ignore[operator]
        case Op.BETWEEN:
            return bool(first <= value <= values[1])  # type: ignore[operator]
        case Op.IS_TRUE:
            return value is True
        case Op.IS_FALSE:
            return value is False
        case Op.WITHIN_DAYS:
            assert isinstance(value, datetime)
            assert isinstance(first, Decimal)
            return as_of - timedelta(days=int(first)) < value <= as_of
        case Op.IS_SET | Op.IS_NOT_SET:
            raise AssertionError("These ask nothing of the value.")


def normal_form(text: str) -> str | None:
    """The normal form of a text (section 2), None where nothing is left of it."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split()) or None


def contains_words(text: str, wanted: str) -> bool:
    """Whether the words of one text occur consecutively among those of the other."""
    among, those = words_of(text), words_of(wanted)
    return any(among[start : start + len(those)] == those for start in range(len(among)))


def words_of(text: str) -> list[str]:
    """Maximal runs of letters, marks, digits, `_`, `+`, `#`."""
    found = [""]
    for character in text:
        kind = unicodedata.category(character)
        if kind.startswith(("L", "M")) or kind == "Nd" or character in "_+#":
            found[-1] += character
        else:
            found.append("")
    return [word for word in found if word]


# What is missing: every combination of the unknown rules is tried.


def totals_possible(
    spec: Spec, rules: tuple[RuleResult, ...], without: frozenset[str] = frozenset()
) -> set[int]:
    """The totals when each unknown rule gives 0 or its points, but for those `without`, which give 0."""
    choices = [
        (0, rule.points_if_met)
        if rule.status is Status.UNKNOWN and rule.key not in without
        else (rule.points,)
        for rule in rules
    ]
    return {
        total_of(spec, tuple(replace(rule, points=one) for rule, one in zip(rules, given, strict=True)))
        for given in product(*choices)
    }


def total_of(spec: Spec, rules: tuple[RuleResult, ...]) -> int:
    total = sum(dimension_total(spec, dimension, rules, []) for dimension in Dimension)
    total = total if spec.floor is None else max(total, spec.floor)
    return total if spec.ceiling is None else min(total, spec.ceiling)


def best_question(spec: Spec, lead: LeadFacts, as_of: datetime) -> str | None:
    """The missing attribute with the largest width of the range less the width without the rules that are
    unknown because of it alone; ties: the larger sum of their |points|, then the name.
    """
    lead = replace(lead.as_known(as_of, None), stages=spec.stages)
    rules = tuple(rule_result(rule, lead, as_of) for rule in spec.enabled_rules)
    causes = {
        rule.key: missing_of(rule, lead, as_of)
        for rule, found in zip(spec.enabled_rules, rules, strict=True)
        if found.status is Status.UNKNOWN
    }
    best: list[tuple[int, int, str]] = []
    for name in {one for fields in causes.values() for one in fields if one != "(list)"}:
        alone = frozenset(key for key, fields in causes.items() if fields == {name})
        saved = width(totals_possible(spec, rules)) - width(totals_possible(spec, rules, alone))
        points = sum(abs(rule.points_if_met) for rule in rules if rule.key in alone)
        best.append((-saved, -points, name))
    return min(best)[2] if best else None


def width(totals: set[int]) -> int:
    return max(totals) - min(totals)


def missing_of(rule: RuleSpec, lead: LeadFacts, as_of: datetime) -> set[str]:
    own = [rule.condition] if isinstance(rule.condition, AttributeCondition) else []
    return {
        "(list)" if condition.list_name is not None and not condition.values else condition.field
        for condition in (*rule.only_when, *own)
        if attribute_status(condition, lead, as_of) is Status.UNKNOWN
    }


# Time: between two of these moments nothing in the definitions above can change, but for what decays.


def moments_of(spec: Spec, lead: LeadFacts) -> set[datetime]:
    """Every moment at which some condition of the version may begin or cease to hold for the lead."""
    both = (lead, *(one.lead for one in lead.absorbed))
    happened = {signal.occurred_at for one in both for signal in one.signals}
    moments = happened | {one.since for one in (*lead.later, *lead.account_later)}
    moments |= {move.since for move in lead.moves}
    moments |= {one.merged_at for each in (lead, *lead.colleagues) for one in each.absorbed}
    moments |= {moment + timedelta(days=90) for moment in happened}  # the journey's stage
    moments |= {moment for asked in spec.audience for moment in flips(asked, lead)}
    for rule in spec.enabled_rules:
        match rule.condition:
            case SignalAtLeast(window_days=int(days)) | SignalEach(window_days=int(days)):
                moments |= {moment + timedelta(days=days) for moment in happened}
            case AccountActivity(window_days=days):
                of_all = {one.occurred_at for each in lead.everybody() for one in each.signals}
                moments |= of_all | {moment + timedelta(days=days or 0) for moment in of_all}
            case Inactivity() as idle:
                limits = [
                    idle.days + time * (idle.again_every_days or 0) for time in range(idle.at_most or 1)
                ]
                starts = happened | {lead.created_at}
                moments |= {start + timedelta(days=days) for start in starts for days in limits}
        for condition in (*rule.only_when, rule.condition):
            moments |= flips(condition, lead)
    return moments


def flips(condition: Condition, lead: LeadFacts) -> set[datetime]:
    match condition:
        case AttributeCondition(op=Op.WITHIN_DAYS, field=field, values=(Decimal() as days,)):
            values = [value for value in every_value(field, lead) if isinstance(value, datetime)]
            return {
                value + length for value in values for length in (timedelta(0), timedelta(days=int(days)))
            }
        case _:
            return set()


def every_value(field: str, lead: LeadFacts) -> list[Fact | None]:
    """All values that an attribute ever has."""
    first = [lead.person.get(field), (lead.account or {}).get(field)]
    first += [(move.account or {}).get(field) for move in lead.moves]
    return first + [one.value for one in (*lead.later, *lead.account_later) if one.key == field]


def first_change(
    models: Sequence[Spec], lead: LeadFacts, as_of: datetime, known_at: datetime | None = None
) -> datetime | None:
    """The first moment after `as_of` at which the result is another one, if nothing new is learned.

    `models` are their live versions, in the order in which they are asked; another one's result is another.
    """

    def result(moment: datetime) -> tuple[int | None, Result | None]:
        place = scored_by(models, lead, moment, known_at)
        return place, None if place is None else score(models[place], lead, moment, known_at)

    now = result(as_of)

    def differs(moment: datetime) -> bool:
        return result(moment) != now

    same_at, fades = as_of, any(map(decays, models))
    moments = {moment for spec in models for moment in moments_of(spec, lead)}
    for moment in sorted(moment for moment in moments if moment > as_of):
        if fades and differs(moment - TICK):
            return first_between(same_at, moment - TICK, differs)
        if differs(moment):
            return moment
        same_at = moment
    at_last = same_at + LONG_ENOUGH
    return first_between(same_at, at_last, differs) if fades and differs(at_last) else None


def decays(spec: Spec) -> bool:
    return any(getattr(rule.condition, "decay", None) for rule in spec.enabled_rules)


def first_between(same: datetime, other: datetime, differs: Callable[[datetime], bool]) -> datetime:
    """The first moment that differs, where contributions do nothing but shrink."""
    while other - same > TICK:
        middle = same + (other - same) // 2
        same, other = (same, middle) if differs(middle) else (middle, other)
    return other
