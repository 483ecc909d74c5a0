"""The normalised value of an attribute in SQL: NULL where it is missing or not of its kind."""

from scoring_models.engine.catalogue import CannotCompile, Catalogue, StoredAttribute
from scoring_models.engine.parameters import Parameters
from scoring_models.engine.signals import SignalColumns, counting
from scoring_models.spec import Kind

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
    """Whether the lead is unsubscribed or disconnected: never unknown, since no such signal means no."""
    states = [
        _latest_is(catalogue.known_type_ids(on), catalogue.known_type_ids(off), signals)
        for on, off in (("unsubscribed", "resubscribed"), ("disconnected", "reconnected"))
    ]
    return f"({' OR '.join(states)})"


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
