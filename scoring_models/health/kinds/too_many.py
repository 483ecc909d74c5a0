"""More rules than anybody can explain."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from scoring_models.health.census import MANY_REASONS
from scoring_models.health.findings import Finding, Term
from scoring_models.health.subject import Subject, number

# The reference model says all that it has to say with 14; half as many again still fit on one page.
MOST_RULES = 21


def find(subject: Subject) -> Iterator[Finding]:
    rules = len(subject.spec.enabled_rules)
    if rules <= MOST_RULES:
        return
    sentence = _(
        "%(rules)d rules are more than anybody can explain (%(most)d at most)."
        " %(count)s leads have %(many)d reasons or more."
    ) % {
        "rules": rules,
        "most": MOST_RULES,
        "count": number(subject.census.many_reasons),
        "many": MANY_REASONS,
    }
    terms = (Term("reasons", str(MANY_REASONS)),)
    yield Finding(
        "too_many", min(45 + rules - MOST_RULES, 75), sentence, (), terms, subject.census.many_reasons
    )
