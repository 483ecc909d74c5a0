"""An attribute that rules compare, and that most leads don't have."""

from collections.abc import Iterator

from django.utils.translation import ngettext

from scoring_models.engine.census import needs_value
from scoring_models.health.findings import Finding, Term
from scoring_models.health.subject import Subject, number, percent
from scoring_models.spec import RuleSpec

# More missing than known: then most of what its rules say is that nobody knows.
MOSTLY = 0.5


def find(subject: Subject) -> Iterator[Finding]:
    leads = subject.census.leads
    for field, missing in subject.census.missing.items():
        if not subject.has_leads or missing <= MOSTLY * leads:
            continue
        rules = tuple(rule.key for rule in subject.spec.enabled_rules if field in _needed(rule))
        sentence = ngettext(
            "%(field)s is missing for %(count)s of %(leads)s leads (%(share)s). %(rules)d rule needs it.",
            "%(field)s is missing for %(count)s of %(leads)s leads (%(share)s). %(rules)d rules need it.",
            len(rules),
        ) % {
            "field": subject.words.attribute_label(field),
            "count": number(missing),
            "leads": number(leads),
            "share": percent(missing, leads),
            "rules": len(rules),
        }
        yield Finding(
            "empty_field",
            30 + round(20 * missing / leads),
            sentence,
            rules,
            (Term("missing", field),),
            missing,
        )


def _needed(rule: RuleSpec) -> set[str]:
    return {condition.field for condition in rule.attribute_conditions if needs_value(condition)}
