"""A rule that gives points for signals which show no interest."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from leads.templatetags.points import signed
from scoring_models.health.findings import Finding, Term
from scoring_models.health.subject import Subject, number
from scoring_models.spec import AttributeCondition, Inactivity


def find(subject: Subject) -> Iterator[Finding]:
    for rule, count in subject.counted():
        condition = rule.condition
        if isinstance(condition, AttributeCondition | Inactivity) or rule.points < 0:
            continue
        vain = [subject.words.signal_label(key) for key in condition.types if key in subject.vanity]
        if not vain:
            continue
        sentence = _("“%(signal)s” gives %(points)s to %(count)s leads. It is seen, but it buys nothing.") % {
            "signal": vain[0],
            "points": signed(rule.points),
            "count": number(count.fired),
        }
        yield Finding("vanity", 70, sentence, (rule.key,), (Term("fires", rule.key),), count.fired)
