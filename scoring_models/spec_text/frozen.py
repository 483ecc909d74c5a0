"""A spec as canonical JSON: what a version is frozen into, what its digest is of, what the engine reads.

It is complete: normalised values, kinds and types stand in it, so reading it back asks nobody. Keys are
sorted and nothing is spelt in two ways, so one spec has one text. What format 1 gained later is left out
where it is at its default, so texts that were frozen before are still canonical.
"""

import json
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any

from leads.numbers import shortest
from scoring_models.spec import (
    AccountActivity,
    AttributeCondition,
    BandSpec,
    Condition,
    Decay,
    Dimension,
    GoldenLead,
    GoldenSignal,
    HalfLife,
    Inactivity,
    Kind,
    Limits,
    Linear,
    Op,
    PropertyCondition,
    RuleSpec,
    SignalAtLeast,
    SignalEach,
    Spec,
    Value,
    property_kind,
)

FORMAT = 1
MOMENT = "%Y-%m-%dT%H:%M:%S.%f+00:00"


def canonical(spec: Spec) -> str:
    """The canonical text of a spec."""
    data = {
        "format": FORMAT,
        "model": spec.model,
        "floor": spec.floor,
        "ceiling": spec.ceiling,
        "dimensions": {
            d.value: {"cap": spec.limits(d).cap, "floor": spec.limits(d).floor} for d in Dimension
        },
        "lists": [[name, list(values)] for name, values in spec.lists],
        "bands": [_band_data(band) for band in spec.bands],
        "rules": [_rule_data(rule) for rule in spec.rules],
        "engagement_types": list(spec.engagement_types),
        "intent_types": list(spec.intent_types),
        **_unless_empty(
            audience=[_attribute_data(condition) for condition in spec.audience],
            stages=[list(pair) for pair in spec.stages],
            golden=[_golden_data(lead) for lead in spec.golden],
        ),
    }
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(text: str) -> str:
    """SHA-256 of a canonical text, in hex."""
    return sha256(text.encode()).hexdigest()


@lru_cache(maxsize=64)
def thaw(text: str) -> Spec:
    """The spec that was frozen into `text`."""
    data = json.loads(text)
    return Spec(
        model=data["model"],
        rules=tuple(map(_rule, data["rules"])),
        bands=tuple(map(_band, data["bands"])),
        engagement=Limits(**data["dimensions"]["engagement"]),
        fit=Limits(**data["dimensions"]["fit"]),
        floor=data["floor"],
        ceiling=data["ceiling"],
        lists=tuple((name, tuple(values)) for name, values in data["lists"]),
        engagement_types=tuple(data["engagement_types"]),
        intent_types=tuple(data["intent_types"]),
        audience=tuple(map(_attribute, data.get("audience", ()))),
        stages=tuple((key, stage) for key, stage in data.get("stages", ())),
        golden=tuple(map(_golden, data.get("golden", ()))),
    )


def _unless_empty(**data: object) -> dict[str, object]:
    return {key: value for key, value in data.items() if value not in (None, [], {})}


def _band_data(band: BandSpec) -> dict[str, object]:
    return {
        "key": band.key,
        "name": band.name,
        "from": band.lower_edge,
        "means": band.means,
        "action": band.action,
        "worked_by": band.worked_by,
        "respond_within_hours": band.respond_within_hours,
    }


def _band(data: dict[str, Any]) -> BandSpec:
    return BandSpec(lower_edge=data["from"], **{key: data[key] for key in data if key != "from"})


def _rule_data(rule: RuleSpec) -> dict[str, object]:
    kind, condition = _condition_data(rule.condition)
    return {
        "key": rule.key,
        "dimension": rule.dimension.value,
        "points": rule.points,
        "enabled": rule.enabled,
        "note": rule.note,
        kind: condition,
        **_unless_empty(only_when=[_attribute_data(each) for each in rule.only_when]),
    }


def _rule(data: dict[str, Any]) -> RuleSpec:
    return RuleSpec(
        key=data["key"],
        dimension=Dimension(data["dimension"]),
        points=data["points"],
        condition=_condition(data),
        enabled=data["enabled"],
        note=data["note"],
        only_when=tuple(map(_attribute, data.get("only_when", ()))),
    )


def _condition_data(condition: Condition) -> tuple[str, dict[str, object]]:
    match condition:
        case AttributeCondition():
            return "attribute", _attribute_data(condition)
        case SignalAtLeast():
            return "at_least", {**_signal_data(condition), "at_least": condition.at_least}
        case SignalEach():
            return "each", {**_signal_data(condition), "at_most": condition.at_most}
        case Inactivity():
            again = _unless_empty(again_every_days=condition.again_every_days, at_most=condition.at_most)
            return "inactivity", {"types": list(condition.types), "days": condition.days, **again}
        case AccountActivity():
            return "account", {**_signal_data(condition), "people": condition.people}


def _signal_data(condition: SignalAtLeast | SignalEach | AccountActivity) -> dict[str, object]:
    return {
        "types": list(condition.types),
        "window_days": condition.window_days,
        **_unless_empty(
            where=[_property_data(each) for each in condition.where],
            decay=None if isinstance(condition, AccountActivity) else decay_data(condition.decay),
        ),
    }


def decay_data(decay: Decay | None) -> object:
    """A decay as the text form has it: null, `linear` or `{half_life_days: …}`."""
    if isinstance(decay, HalfLife):
        return {"half_life_days": decay.days}
    return None if decay is None else "linear"


def _condition(data: dict[str, Any]) -> Condition:
    if part := data.get("attribute"):
        return _attribute(part)
    if part := data.get("at_least"):
        return SignalAtLeast(
            tuple(part["types"]), part["at_least"], part["window_days"], _where(part), _decay(part)
        )
    if part := data.get("each"):
        return SignalEach(
            tuple(part["types"]), part["at_most"], part["window_days"], _where(part), _decay(part)
        )
    if part := data.get("account"):
        return AccountActivity(tuple(part["types"]), part["people"], part["window_days"], _where(part))
    part = data["inactivity"]
    return Inactivity(tuple(part["types"]), part["days"], part.get("again_every_days"), part.get("at_most"))


def _decay(part: dict[str, Any]) -> Decay | None:
    given = part.get("decay")
    if given is None:
        return None
    return Linear() if given == "linear" else HalfLife(given["half_life_days"])


def _attribute_data(condition: AttributeCondition) -> dict[str, object]:
    return {
        "field": condition.field,
        "kind": condition.kind.value,
        "op": condition.op.value,
        "values": [value_text(value) for value in condition.values],
        "list": condition.list_name,
        "given": list(condition.given),
    }


def _attribute(part: dict[str, Any]) -> AttributeCondition:
    kind, op = Kind(part["kind"]), Op(part["op"])
    values = tuple(_value(text, Kind.NUMBER if op is Op.WITHIN_DAYS else kind) for text in part["values"])
    return AttributeCondition(part["field"], kind, op, values, part["list"], tuple(part["given"]))


def _property_data(condition: PropertyCondition) -> dict[str, object]:
    return {
        "property": condition.property,
        "op": condition.op.value,
        "values": [value_text(value) for value in condition.values],
        "list": condition.list_name,
        "given": list(condition.given),
    }


def _where(part: dict[str, Any]) -> tuple[PropertyCondition, ...]:
    return tuple(map(_property, part.get("where", ())))


def _property(part: dict[str, Any]) -> PropertyCondition:
    op = Op(part["op"])
    numbers = property_kind(op) is Kind.NUMBER
    values = tuple(Decimal(text) if numbers else text for text in part["values"])
    return PropertyCondition(part["property"], op, values, part["list"], tuple(part["given"]))


def _golden_data(lead: GoldenLead) -> dict[str, object]:
    return {
        "name": lead.name,
        "attributes": [[key, *_typed(value)] for key, value in lead.attributes],
        "signals": [
            {
                "type": signal.type,
                "days_ago": value_text(signal.days_ago),
                "properties": [[name, *_typed(value)] for name, value in signal.properties],
            }
            for signal in lead.signals
        ],
        "expect": {"band": lead.expect_band, "score": lead.expect_score},
    }


def _typed(value: Value | bool) -> tuple[str, object]:
    """A value with its kind, which its text alone doesn't say."""
    if isinstance(value, bool):
        return Kind.BOOLEAN.value, value
    kind = {Decimal: Kind.NUMBER, datetime: Kind.DATE}.get(type(value), Kind.TEXT)
    return kind.value, value_text(value)


def _golden(data: dict[str, Any]) -> GoldenLead:
    return GoldenLead(
        data["name"],
        _named_values(data["attributes"]),
        tuple(
            GoldenSignal(each["type"], Decimal(each["days_ago"]), _named_values(each["properties"]))
            for each in data["signals"]
        ),
        data["expect"]["band"],
        data["expect"]["score"],
    )


def _named_values(data: list[Any]) -> tuple[tuple[str, Value | bool], ...]:
    return tuple(
        (name, value if kind == Kind.BOOLEAN else _value(value, Kind(kind))) for name, kind, value in data
    )


def value_text(value: Value) -> str:
    """One value as text that reads back exactly."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime(MOMENT)
    return shortest(value) if isinstance(value, Decimal) else value


def _value(text: str, kind: Kind) -> Value:
    if kind is Kind.NUMBER:
        return Decimal(text)
    return datetime.fromisoformat(text) if kind is Kind.DATE else text
