"""The rows of a draft, written from a spec. `spec_text.rows` reads them back."""

from django.utils.translation import gettext as _

from leads.models import Attribute
from leadscoring.errors import DomainError
from scoring_models.models import Band, GoldenLead, ModelVersion, Rule, VersionList
from scoring_models.spec import (
    AccountActivity,
    AttributeCondition,
    BandSpec,
    Decay,
    HalfLife,
    Inactivity,
    PropertyCondition,
    RuleSpec,
    SignalAtLeast,
    SignalEach,
    Spec,
    Value,
)
from scoring_models.spec import GoldenLead as GoldenSpec
from scoring_models.spec_text.frozen import value_text


def write_rows(version: ModelVersion, spec: Spec) -> None:
    """Write the lists, bands, rules and golden leads of `spec` as rows of a draft that has none yet."""
    VersionList.objects.bulk_create(
        VersionList(version=version, name=name, values=list(values)) for name, values in spec.lists
    )
    Band.objects.bulk_create(_band_row(version, band) for band in spec.bands)
    attributes = {row.key: row for row in Attribute.objects.all()}
    Rule.objects.bulk_create(
        _rule_row(version, index, rule, spec, attributes) for index, rule in enumerate(spec.rules, start=1)
    )
    GoldenLead.objects.bulk_create(golden_row(version, lead) for lead in spec.golden)


def _band_row(version: ModelVersion, band: BandSpec) -> Band:
    return Band(
        version=version,
        key=band.key,
        name=band.name,
        lower_edge=band.lower_edge,
        means=band.means,
        action=band.action,
        worked_by=band.worked_by,
        respond_within_hours=band.respond_within_hours,
    )


def _rule_row(
    version: ModelVersion, position: int, rule: RuleSpec, spec: Spec, attributes: dict[str, Attribute]
) -> Rule:
    row = Rule(
        version=version,
        position=position,
        key=rule.key,
        dimension=rule.dimension,
        points=rule.points,
        enabled=rule.enabled,
        note=rule.note,
        only_when=stored_conditions(rule.only_when),
    )
    match rule.condition:
        case AttributeCondition() as condition:
            _fill_attribute(row, condition, attributes)
        case SignalAtLeast() as condition:
            row.kind, row.at_least = Rule.Kind.AT_LEAST, condition.at_least
            _fill_signals(row, condition)
            _fill_decay(row, condition.decay)
        case SignalEach() as condition:
            row.kind, row.at_most = Rule.Kind.EACH, condition.at_most
            _fill_signals(row, condition)
            _fill_decay(row, condition.decay)
        case AccountActivity() as condition:
            row.kind, row.people = Rule.Kind.ACCOUNT, condition.people
            _fill_signals(row, condition)
        case Inactivity(types, days, again, at_most):
            row.kind, row.idle_days = Rule.Kind.INACTIVITY, days
            row.signal_types = [] if types == spec.engagement_types else list(types)
            row.again_every_days, row.at_most = again, at_most
    return row


def _fill_signals(row: Rule, condition: SignalAtLeast | SignalEach | AccountActivity) -> None:
    row.signal_types, row.window_days = list(condition.types), condition.window_days
    row.where = [_condition(each, property=each.property) for each in condition.where]


def _fill_decay(row: Rule, decay: Decay | None) -> None:
    if isinstance(decay, HalfLife):
        row.decay, row.half_life_days = Rule.Decay.HALF_LIFE, decay.days
    elif decay is not None:
        row.decay = Rule.Decay.LINEAR


def stored_conditions(conditions: tuple[AttributeCondition, ...]) -> list[dict[str, object]]:
    """Attribute conditions as the JSON columns of a draft keep them."""
    return [_condition(condition, field=condition.field) for condition in conditions]


def _condition(condition: AttributeCondition | PropertyCondition, **subject: str) -> dict[str, object]:
    operator = {**subject, "op": str(condition.op)}
    if condition.list_name is not None:
        return {**operator, "list": condition.list_name}
    return {**operator, "values": _written(condition)}


def _written(condition: AttributeCondition | PropertyCondition) -> list[str]:
    return list(condition.given or map(value_text, condition.values))


def golden_row(version: ModelVersion, lead: GoldenSpec) -> GoldenLead:
    """The row of a golden lead, not written yet."""
    return GoldenLead(
        version=version,
        name=lead.name,
        attributes=_named(lead.attributes),
        signals=[
            {
                "type": signal.type,
                "days_ago": value_text(signal.days_ago),
                "properties": _named(signal.properties),
            }
            for signal in lead.signals
        ],
        expect_band=lead.expect_band or "",
        expect_score=lead.expect_score,
    )


def _named(values: tuple[tuple[str, Value | bool], ...]) -> dict[str, str | bool]:
    return {name: value if isinstance(value, bool) else value_text(value) for name, value in values}


def _fill_attribute(row: Rule, condition: AttributeCondition, attributes: dict[str, Attribute]) -> None:
    if condition.field not in attributes:
        raise DomainError(
            "no_attribute", _("There is no attribute %(key)s. Define it first.") % {"key": condition.field}
        )
    row.kind, row.attribute, row.operator = (
        Rule.Kind.ATTRIBUTE,
        attributes[condition.field],
        str(condition.op),
    )
    if condition.list_name is not None:
        row.value_list = condition.list_name
    else:
        row.values = _written(condition)
