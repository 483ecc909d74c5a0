"""A spec as YAML for people: what export writes, and `parse` reads back to an equal spec."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import yaml

from leads.numbers import shortest
from scoring_models.spec import (
    AccountActivity,
    AttributeCondition,
    BandSpec,
    Condition,
    Dimension,
    GoldenLead,
    GoldenSignal,
    Inactivity,
    PropertyCondition,
    RuleSpec,
    SignalAtLeast,
    SignalEach,
    Spec,
    Value,
)
from scoring_models.spec_text.frozen import decay_data

FORMAT = 1


class _Line(dict[str, Any]):
    """A mapping that is written on one line."""


class _Row(list[Any]):
    """A list that is written on one line."""


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, and knows no aliases."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: object) -> bool:
        return True


def _write_decimal(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    text = shortest(value)
    return dumper.represent_scalar(f"tag:yaml.org,2002:{'float' if '.' in text else 'int'}", text)


def _write_line(dumper: yaml.SafeDumper, data: _Line) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)


def _write_row(dumper: yaml.SafeDumper, data: _Row) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)


_Dumper.add_representer(_Line, _write_line)
_Dumper.add_representer(_Row, _write_row)
_Dumper.add_representer(Decimal, _write_decimal)


def to_yaml(spec: Spec) -> str:
    """The text form of a spec. What is at its default is left out where that reads better."""
    data: dict[str, object] = {
        "format": FORMAT,
        "model": spec.model,
        "audience": [_compared(condition, "field") for condition in spec.audience],
        "floor": spec.floor,
        "ceiling": spec.ceiling,
        "dimensions": {str(d): _Line(cap=spec.limits(d).cap, floor=spec.limits(d).floor) for d in Dimension},
        "lists": {name: _Row(values) for name, values in spec.lists},
        "bands": [_band(band) for band in spec.bands],
        "rules": [_rule(rule, spec) for rule in spec.rules],
    }
    if spec.golden:
        data["golden"] = [_golden(lead) for lead in spec.golden]
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text


def _band(band: BandSpec) -> dict[str, object]:
    data: dict[str, object] = {"key": band.key, "name": band.name, "from": band.lower_edge}
    data |= {key: value for key, value in (("means", band.means), ("action", band.action)) if value}
    return data | {"worked_by": band.worked_by, "respond_within_hours": band.respond_within_hours}


def _rule(rule: RuleSpec, spec: Spec) -> dict[str, object]:
    data: dict[str, object] = {"key": rule.key, "dimension": str(rule.dimension), "points": rule.points}
    if not rule.enabled:
        data["enabled"] = False
    data |= _condition(rule.condition, spec)
    if rule.only_when:
        data["only_when"] = [_compared(condition, "field") for condition in rule.only_when]
    if rule.note:
        data["note"] = rule.note
    return data


def _condition(condition: Condition, spec: Spec) -> dict[str, object]:
    match condition:
        case AttributeCondition():
            return {"attribute": _compared(condition, "field")}
        case Inactivity():
            return {"inactivity": _inactivity(condition, spec)}
        case SignalAtLeast():
            return {"signal": _signal(condition, at_least=condition.at_least)}
        case SignalEach():
            return {"signal": _signal(condition, each=True, at_most=condition.at_most)}
        case AccountActivity():
            return {"account": _signal(condition, people=condition.people)}


def _inactivity(condition: Inactivity, spec: Spec) -> _Line:
    usual = condition.types == spec.engagement_types
    line = _Line(days=condition.days, types=_Row(() if usual else condition.types))
    if condition.again_every_days is not None:
        line |= {"again_every_days": condition.again_every_days, "at_most": condition.at_most}
    return line


def _signal(condition: SignalAtLeast | SignalEach | AccountActivity, **counted: object) -> _Line:
    line = _Line(types=_Row(condition.types))
    if condition.where:
        line["where"] = _Row(_compared(each, "property") for each in condition.where)
    line |= counted
    if condition.window_days is not None:
        line["window_days"] = condition.window_days
    if not isinstance(condition, AccountActivity) and condition.decay is not None:
        line["decay"] = decay_data(condition.decay)
    return line


def _compared(condition: AttributeCondition | PropertyCondition, subject: str) -> _Line:
    """What the attribute `subject` of a condition names is compared with."""
    line = _Line({subject: getattr(condition, subject), "op": str(condition.op)})
    if condition.list_name is not None:
        line["list"] = condition.list_name
    elif condition.values:
        line["value"] = _Row(condition.given or [_plain(value) for value in condition.values])
        if len(line["value"]) == 1 and condition.op.value not in ("is_any_of", "is_none_of", "contains_any"):
            line["value"] = line["value"][0]
    return line


def _golden(lead: GoldenLead) -> dict[str, object]:
    expect = {"band": lead.expect_band, "score": lead.expect_score}
    return {
        "name": lead.name,
        "attributes": _Line((key, _plain(value)) for key, value in lead.attributes),
        "signals": [_golden_signal(signal) for signal in lead.signals],
        "expect": _Line((key, value) for key, value in expect.items() if value is not None),
    }


def _golden_signal(signal: GoldenSignal) -> _Line:
    line = _Line(type=signal.type, days_ago=signal.days_ago)
    if signal.properties:
        line["properties"] = _Line((name, _plain(value)) for name, value in signal.properties)
    return line


def _plain(value: Value | bool) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
