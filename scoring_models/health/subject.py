"""What the kinds of findings look at: a version, what it makes of all leads, and how leads ended."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma

from scoring_models.health.census import Census, RuleCount
from scoring_models.health.findings import RuleLift
from scoring_models.sentences import short
from scoring_models.spec import RuleSpec, Spec
from scoring_models.vocabulary import Vocabulary

# Below this, what is said of all leads is chance: a rule may simply not have met its lead yet.
FEWEST_LEADS = 100
# Below this, what is said of the leads of one rule or band is chance.
FEWEST_OF_A_KIND = 30


@dataclass(frozen=True, slots=True)
class Subject:
    """`vanity` are the signal types that show no interest (docs/scoring.md §6)."""

    spec: Spec
    words: Vocabulary
    vanity: frozenset[str]
    census: Census
    lifts: tuple[RuleLift, ...]

    @property
    def has_leads(self) -> bool:
        """Whether there are enough leads to say something of all of them."""
        return self.census.leads >= FEWEST_LEADS

    def counted(self) -> Iterator[tuple[RuleSpec, RuleCount]]:
        """The enabled rules with their numbers, in the version's order."""
        return zip(self.spec.enabled_rules, self.census.rules, strict=True)

    def can_tell(self, count: RuleCount) -> bool:
        """Whether the rule could be told for some lead at all; else its list or attribute is the matter."""
        return count.unsure < self.census.leads

    def name(self, rule: RuleSpec) -> str:
        return short(rule, self.words)


def empty_lists(rule: RuleSpec) -> set[str]:
    """The named lists of a rule that have no values."""
    return {each.list_name for each in rule.attribute_conditions if each.list_name and not each.values}


def number(count: int) -> str:
    """12,345"""
    return intcomma(count)


def percent(part: float, whole: float) -> str:
    """A share in whole per cent: neither 0 where there is some, nor 100 where there isn't all."""
    if part <= 0 or part >= whole:
        return "100 %" if whole and part >= whole else "0 %"
    return f"{min(max(round(100 * part / whole), 1), 99)} %"
