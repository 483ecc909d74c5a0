"""What a version looks at: attributes, and properties of signals."""

from collections.abc import Iterator

from scoring_models.evidence import STATE_TYPES
from scoring_models.spec import AttributeCondition, Inactivity, Spec


def attributes_read(spec: Spec) -> Iterator[str]:
    """The keys of the attributes that the enabled rules and the audience compare, each once."""
    conditions = [
        *spec.audience,
        *(each for rule in spec.enabled_rules for each in rule.attribute_conditions),
    ]
    yield from dict.fromkeys(condition.field for condition in conditions)


def types_read(spec: Spec) -> set[str]:
    """The keys of the signal types that a rule or an attribute made of signals looks at."""
    types = {key for rule in spec.enabled_rules for key in getattr(rule.condition, "types", ())}
    fields = set(attributes_read(spec))
    if "unsubscribed" in fields:
        types |= set(STATE_TYPES)
    return types | {key for key, _stage in spec.stages if "journey_stage" in fields}


def properties_read(spec: Spec) -> Iterator[str]:
    """The names of the signal properties that the enabled rules compare, each once."""
    names = [
        where.property
        for rule in spec.enabled_rules
        if not isinstance(rule.condition, AttributeCondition | Inactivity)
        for where in rule.condition.where
    ]
    yield from dict.fromkeys(names)
