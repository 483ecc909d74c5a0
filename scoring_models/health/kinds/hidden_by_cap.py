"""A rule whose points are lost to the cap for nearly everybody who meets it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from scoring_models.health.findings import Finding, Term
from scoring_models.health.subject import FEWEST_OF_A_KIND, Subject, number

# Nine of ten: the rule still looks as if it counted, and changes next to nothing.
NEARLY_ALWAYS = 0.9


def find(subject: Subject) -> Iterator[Finding]:
    for rule, count in subject.counted():
        if count.fired < FEWEST_OF_A_KIND or count.hidden < NEARLY_ALWAYS * count.fired:
            continue
        said = {
            "rule": subject.name(rule),
            "count": number(count.hidden),
            "fired": number(count.fired),
            "cap": subject.spec.limits(rule.dimension).cap,
        }
        sentence = _(
            "For %(count)s of the %(fired)s leads that “%(rule)s” counts for,"
            " the cap of %(cap)s is reached without it."
        )
        yield Finding(
            "hidden_by_cap", 55, sentence % said, (rule.key,), (Term("hidden", rule.key),), count.hidden
        )
