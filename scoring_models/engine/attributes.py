"""The normalised value of an attribute in SQL: NULL where it is missing or not of its kind."""

from dataclasses import dataclass

from scoring_models.engine.catalogue import CannotCompile, Catalogue, StoredAttribute
from scoring_models.engine.moments import days, earliest
from scoring_models.engine.parameters import Parameters
from scoring_models.engine.signals import SignalColumns, counting
from scoring_models.spec import Kind

FURTHEST_FIRST = ("decision", "consideration", "awareness")
STAGE_DAYS = 90
_TEXTS = (Kind.TEXT, Kind.CHOICE)
# What ingestion writes for dates; anything else in their place can't be told.
_ISO_UTC = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$"
_PLAIN_DECIMAL = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$"


def value_of(stored: StoredAttribute, kind: Kind, parameters: Parameters) -> str:
    """The value of a stored attribute, of the SQL type that belongs to the kind.

    Raises CannotCompile where a spec was frozen with another kind than the column's.
    """
    if stored.column is None:
        return _fact(f"{stored.table}.facts", stored.key, kind, parameters)
    if stored.kind is not kind and not (stored.kind in _TEXTS and kind in _TEXTS):
        raise CannotCompile(f"“{stored.key}” holds a {stored.kind} here, not a {kind}.")
    column = f"{stored.table}.{stored.column}"
    return f'({column} COLLATE "C")' if kind in _TEXTS else column


def words_of(stored: StoredAttribute, text: str, parameters: Parameters) -> str:
    """The word form of a text attribute, whose value is `text`, between spaces."""
    key = parameters.bind(stored.key, "text")
    return f"(' ' || COALESCE({stored.table}.words ->> {key}, {text}) || ' ')"


def _fact(facts: str, key: str, kind: Kind, parameters: Parameters) -> str:
    name = parameters.bind(key, "text")
    json, text = f"({facts} -> {name})", f"({facts} ->> {name})"
    if kind in _TEXTS:
        return f"(CASE WHEN jsonb_typeof({json}) = 'string' THEN {text} END COLLATE \"C\")"
    if kind is Kind.NUMBER:
        return f"(CASE WHEN jsonb_typeof({json}) = 'number' THEN {json}::numeric END)"
    if kind is Kind.BOOLEAN:
        return f"(CASE WHEN jsonb_typeof({json}) = 'boolean' THEN {json}::boolean END)"
    return f"(CASE WHEN {text} ~ '{_ISO_UTC}' THEN {text}::timestamptz END)"


def property_value(text: str, kind: Kind) -> str:
    """What `text`, a signal's property in its normal form, says as a value of that kind; else NULL."""
    if kind is Kind.NUMBER:
        return f"(CASE WHEN {text} ~ '{_PLAIN_DECIMAL}' THEN {text}::numeric END)"
    if kind is Kind.BOOLEAN:
        return f"(CASE {text} WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END)"
    return f'({text} COLLATE "C")'


def unsubscribed(catalogue: Catalogue, signals: SignalColumns) -> str:
    """Whether the lead is unsubscribed or disconnected: never unknown, since nothing said means no.

    The latest word counts, a signal or what somebody set: a yes is as a signal that they unsubscribed, a no
    takes back both.
    """
    left, broken = (
        _Pair(catalogue.known_type_ids(on), catalogue.known_type_ids(off), signals)
        for on, off in (("unsubscribed", "resubscribed"), ("disconnected", "reconnected"))
    )
    value, at = "(l.facts -> 'unsubscribed')::boolean", set_at("unsubscribed", signals)
    return (
        f"(CASE WHEN NOT l.facts ? 'unsubscribed' THEN {left.is_on} OR {broken.is_on}"
        f" ELSE CASE WHEN {left.newest} > {at} THEN {left.is_on} ELSE {value} END"
        f" OR (({value} OR {broken.newest} > {at}) AND {broken.is_on}) END)"
    )


def journey_stage(
    stages: tuple[tuple[str, str], ...], catalogue: Catalogue, signals: SignalColumns
) -> tuple[str, str | None]:
    """The furthest stage among recent signals, unless a person set one later; and when time changes it."""
    newest: dict[str, str] = {}
    for stage in FURTHEST_FIRST:
        types = catalogue.known_type_ids(*(key for key, of in stages if of == stage))
        if types:
            newest[stage] = signals.newest(types, STAGE_DAYS)
    told = "l.facts ->> 'journey_stage'"
    if not newest:
        return f"({told})", None
    cases = " ".join(f"WHEN {moment} IS NOT NULL THEN '{stage}'" for stage, moment in newest.items())
    latest = f"GREATEST({', '.join(newest.values())})"
    is_later = f"({latest} IS NULL OR {set_at('journey_stage', signals)} > {latest})"
    value = f"(CASE WHEN l.facts ? 'journey_stage' AND {is_later} THEN {told} ELSE CASE {cases} END END)"
    return value, earliest([f"{moment} + {days(STAGE_DAYS)}" for moment in newest.values()])


def set_at(key: str, signals: SignalColumns) -> str:
    """Since when a derived attribute is what somebody set; for ever where that came with the lead."""
    known = " AND v.retracted_at IS NULL"
    if signals.known is not None:
        known = " AND v.recorded_at <= b.known_at AND (v.retracted_at IS NULL OR v.retracted_at > b.known_at)"
    return (
        "COALESCE((SELECT v.since FROM leads_datedvalue v WHERE v.lead_id = b.lead_id"
        f" AND v.key = '{key}' AND v.since <= b.as_of{known} ORDER BY v.since DESC LIMIT 1), '-infinity')"
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    """A type of signal and the one that takes it back."""

    on: tuple[int, ...]
    off: tuple[int, ...]
    signals: SignalColumns

    @property
    def newest(self) -> str:
        """When the latest of either occurred."""
        moments = [self.signals.newest(types, None) for types in (self.on, self.off) if types]
        return f"GREATEST({', '.join(moments)})" if moments else "NULL::timestamptz"

    @property
    def is_on(self) -> str:
        return _latest_is(self.on, self.off, self.signals)


def _latest_is(on: tuple[int, ...], off: tuple[int, ...], signals: SignalColumns) -> str:
    """Whether the latest signal of two types is of the first. Of one moment, the later id decides."""
    if not on:
        return "FALSE"
    on_at = signals.newest(on, None)
    if not off:
        return f"{on_at} IS NOT NULL"
    off_at = signals.newest(off, None)
    tie = (
        f"(SELECT t.type_id = {on[0]} FROM {signals.table} t WHERE t.lead_id = b.lead_id"
        f" AND {counting('t', signals.known_of_subject)}"
        f" AND t.type_id IN ({on[0]}, {off[0]}) AND t.occurred_at = {on_at}"
        " ORDER BY t.id DESC LIMIT 1)"
    )
    return (
        f"CASE WHEN {on_at} IS NULL THEN FALSE WHEN {off_at} IS NULL THEN TRUE"
        f" WHEN {on_at} = {off_at} THEN {tie} ELSE {on_at} > {off_at} END"
    )
