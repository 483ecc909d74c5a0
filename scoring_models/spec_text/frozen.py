"""A spec as canonical JSON: what a version is frozen into, what its digest is of, what the engine reads.

It is complete: normalised values, kinds and types stand in it, so reading it back asks nobody. Keys are
sorted and nothing is spelt in two ways, so one spec has one text.
"""

import json
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any

from scoring_models.spec import (
    AttributeCondition,
    BandSpec,
    Condition,
    Dimension,
    Inactivity,
    Kind,
    Limits,
    Op,
    RuleSpec,
    SignalAtLeast,
    SignalEach,
    Spec,
    Value,
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
    )


def _limits_data(limits: Limits) -> dict[str, object]:
    return {"cap": limits.cap, "floor": limits.floor}


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
    }


def _rule(data: dict[str, Any]) -> RuleSpec:
    return RuleSpec(
        key=data["key"],
        dimension=Dimension(data["dimension"]),
        points=data["points"],
        condition=_condition(data),
        enabled=data["enabled"],
        note=data["note"],
    )


def _condition_data(condition: Condition) -> tuple[str, dict[str, object]]:
    match condition:
        case AttributeCondition():
            return "attribute", {
                "field": condition.field,
                "kind": condition.kind.value,
                "op": condition.op.value,
                "values": [value_text(value) for value in condition.values],
                "list": condition.list_name,
                "given": list(condition.given),
            }
        case SignalAtLeast():
            return "at_least", {
                "types": list(condition.types),
                "at_least": condition.at_least,
                "window_days": condition.window_days,
            }
        case SignalEach():
            return "each", {
                "types": list(condition.types),
                "at_most": condition.at_most,
                "window_days": condition.window_days,
            }
        case Inactivity():
            return "inactivity", {"types": list(condition.types), "days": condition.days}


def _condition(data: dict[str, Any]) -> Condition:
    if part := data.get("attribute"):
        kind, op = Kind(part["kind"]), Op(part["op"])
        values = tuple(_value(text, kind, op) for text in part["values"])
        return AttributeCondition(part["field"], kind, op, values, part["list"], tuple(part["given"]))
    if part := data.get("at_least"):
        return SignalAtLeast(tuple(part["types"]), part["at_least"], part["window_days"])
    if part := data.get("each"):
        return SignalEach(tuple(part["types"]), part["at_most"], part["window_days"])
    part = data["inactivity"]
    return Inactivity(tuple(part["types"]), part["days"])


def value_text(value: Value) -> str:
    """One value as text that reads back exactly."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime(MOMENT)
    return decimal_text(value) if isinstance(value, Decimal) else value


def _value(text: str, kind: Kind, op: Op) -> Value:
    if op is Op.WITHIN_DAYS or kind is Kind.NUMBER:
        return Decimal(text)
    return datetime.fromisoformat(text) if kind is Kind.DATE else text


def decimal_text(value: Decimal) -> str:
    """A number without exponent and without zeros that say nothing: one number, one text."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
