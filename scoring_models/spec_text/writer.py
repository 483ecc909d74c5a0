"""A spec as YAML for people: what export writes, and `parse` reads back to an equal spec."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import yaml

from scoring_models.spec import (
    AttributeCondition,
    BandSpec,
    Condition,
    Dimension,
    Inactivity,
    RuleSpec,
    SignalAtLeast,
    Spec,
    Value,
)
from scoring_models.spec_text.frozen import decimal_text

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
    text = decimal_text(value)
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
    data = {
        "format": FORMAT,
        "model": spec.model,
        "audience": [],
        "floor": spec.floor,
        "ceiling": spec.ceiling,
        "dimensions": {str(d): _Line(cap=spec.limits(d).cap, floor=spec.limits(d).floor) for d in Dimension},
        "lists": {name: _Row(values) for name, values in spec.lists},
        "bands": [_band(band) for band in spec.bands],
        "rules": [_rule(rule, spec) for rule in spec.rules],
    }
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
    if rule.note:
        data["note"] = rule.note
    return data


def _condition(condition: Condition, spec: Spec) -> dict[str, object]:
    if isinstance(condition, AttributeCondition):
        return {"attribute": _attribute(condition)}
    if isinstance(condition, Inactivity):
        usual = condition.types == spec.engagement_types
        return {"inactivity": _Line(days=condition.days, types=_Row(() if usual else condition.types))}
    line = _Line(types=_Row(condition.types))
    if isinstance(condition, SignalAtLeast):
        line["at_least"] = condition.at_least
    else:
        line |= {"each": True, "at_most": condition.at_most}
    if condition.window_days is not None:
        line["window_days"] = condition.window_days
    return {"signal": line}


def _attribute(condition: AttributeCondition) -> _Line:
    line = _Line(field=condition.field, op=str(condition.op))
    if condition.list_name is not None:
        line["list"] = condition.list_name
    elif condition.values:
        line["value"] = _Row(condition.given or [_plain(value) for value in condition.values])
        if len(line["value"]) == 1 and condition.op.value not in ("is_any_of", "is_none_of", "contains_any"):
            line["value"] = line["value"][0]
    return line


def _plain(value: Value) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
