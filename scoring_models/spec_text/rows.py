"""The rows of a draft as the text form's data, so that pages and files are checked by the same reader."""

from collections.abc import Mapping

from scoring_models.models import Band, GoldenLead, ModelVersion, Rule
from scoring_models.operators import OPERATORS
from scoring_models.spec import Op, Spec
from scoring_models.spec_text.frozen import canonical, digest, thaw
from scoring_models.spec_text.reader import FORMAT, read
from scoring_models.vocabulary import Vocabulary, current_vocabulary

Data = dict[str, object]


def spec_of(version: ModelVersion, vocabulary: Vocabulary | None = None) -> Spec:
    """The spec of a version: as it was frozen, or for a draft as its rows are now.

    Raises InvalidVersion where a draft's rows can't be read.
    """
    if version.frozen:
        return thaw(version.frozen)
    return read(version_data(version), vocabulary or current_vocabulary())


def freeze(version: ModelVersion) -> tuple[str, str]:
    """The canonical text of a draft as its rows are now, and its digest. Raises InvalidVersion."""
    text = canonical(spec_of(version))
    return text, digest(text)


def version_data(version: ModelVersion) -> Data:
    """The stored rows of a draft as the data of a version. Five queries."""
    bands = sorted(version.bands.all(), key=band_order)
    rules = version.rules.select_related("attribute").order_by("position", "pk")
    return {
        **settings_data(version),
        "lists": {row.name: list(row.values) for row in version.lists.order_by("pk")},
        "bands": [band_data(band) for band in bands],
        "rules": [rule_data(rule) for rule in rules],
        "golden": [golden_data(lead) for lead in version.golden.order_by("pk")],
    }


def band_order(band: Band) -> tuple[bool, int]:
    """Sorts bands from the lowest up."""
    return band.lower_edge is not None, band.lower_edge or 0


def settings_data(version: ModelVersion) -> Data:
    """What stands in the version's own row."""
    return {
        "format": FORMAT,
        "model": version.model.name,
        "floor": version.floor,
        "ceiling": version.ceiling,
        "dimensions": {
            "engagement": {"cap": version.engagement_cap, "floor": version.engagement_floor},
            "fit": {"cap": version.fit_cap, "floor": version.fit_floor},
        },
        "audience": [condition_data(condition) for condition in version.audience],
    }


def band_data(band: Band) -> Data:
    """One band as data."""
    return {
        "key": band.key,
        "name": band.name,
        "from": band.lower_edge,
        "means": band.means or None,
        "action": band.action or None,
        "worked_by": band.worked_by,
        "respond_within_hours": band.respond_within_hours,
    }


def rule_data(rule: Rule) -> Data:
    """One rule as data, with the fields that its kind uses."""
    kind, condition = _condition_data(rule)
    return {
        "key": rule.key,
        "dimension": rule.dimension,
        "points": rule.points,
        "enabled": rule.enabled,
        "note": rule.note or None,
        kind: condition,
        "only_when": [condition_data(each) for each in rule.only_when],
    }


def golden_data(lead: GoldenLead) -> Data:
    """One golden lead as data."""
    return {
        "name": lead.name,
        "attributes": lead.attributes,
        "signals": lead.signals,
        "expect": {"band": lead.expect_band or None, "score": lead.expect_score},
    }


def condition_data(stored: Mapping[str, object]) -> Data:
    """A condition of an audience, an `only_when` or a `where`, as its row keeps it, as data."""
    data = {key: value for key, value in stored.items() if key != "values"}
    return data | ({"value": stored["values"]} if stored.get("values") else {})


def _condition_data(rule: Rule) -> tuple[str, Data]:
    match rule.kind:
        case Rule.Kind.ATTRIBUTE:
            return "attribute", _attribute_data(rule)
        case Rule.Kind.AT_LEAST:
            return "signal", {**_signal_data(rule), "at_least": rule.at_least, "decay": _decay(rule)}
        case Rule.Kind.EACH:
            counted: Data = {"each": True, "at_most": rule.at_most, "decay": _decay(rule)}
            return "signal", _signal_data(rule) | counted
        case Rule.Kind.ACCOUNT:
            return "account", {**_signal_data(rule), "people": rule.people}
        case _:
            again = {"again_every_days": rule.again_every_days, "at_most": rule.at_most}
            return "inactivity", {"days": rule.idle_days, "types": rule.signal_types or None, **again}


def _signal_data(rule: Rule) -> Data:
    where = [condition_data(each) for each in rule.where]
    return {"types": rule.signal_types or None, "window_days": rule.window_days, "where": where}


def _decay(rule: Rule) -> object:
    if rule.decay == Rule.Decay.HALF_LIFE:
        return {"half_life_days": rule.half_life_days}
    return rule.decay or None


def _attribute_data(rule: Rule) -> Data:
    data: Data = {
        "field": rule.attribute.key if rule.attribute else None,
        "op": rule.operator or None,
        "list": rule.value_list or None,
    }
    takes_none = rule.operator in set(Op) and OPERATORS[Op(rule.operator)].most == 0
    if rule.values or not (rule.value_list or takes_none):
        data["value"] = list(rule.values) or None
    return data
