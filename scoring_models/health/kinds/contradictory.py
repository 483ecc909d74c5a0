"""Two rules that take each other back."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from leads.templatetags.points import signed
from scoring_models.health.always_with import Counted, together
from scoring_models.health.findings import Finding, Term
from scoring_models.health.subject import FEWEST_OF_A_KIND, Subject, number


def find(subject: Subject) -> Iterator[Finding]:
    counted = list(subject.counted())
    met_alike = [pair for pair in together(subject) if _met_alike(*pair)]
    for place, one in enumerate(counted):
        for other in counted[place + 1 :]:
            if one[0].points * other[0].points < 0 and (_same(one, other) or (one, other) in met_alike):
                yield _finding(subject, one, other)


def _same(one: Counted, other: Counted) -> bool:
    return (one[0].condition, one[0].only_when) == (other[0].condition, other[0].only_when)


def _met_alike(one: Counted, other: Counted) -> bool:
    """Both count for the same leads, and for enough of them that it isn't chance."""
    return one[1].fired == other[1].fired >= FEWEST_OF_A_KIND


def _finding(subject: Subject, one: Counted, other: Counted) -> Finding:
    (rule, count), (against, _count) = one, other
    said = {
        "rule": subject.name(rule),
        "points": signed(rule.points),
        "other": subject.name(against),
        "against": signed(against.points),
        "count": number(count.fired),
    }
    sentence = _(
        "“%(rule)s” (%(points)s) and “%(other)s” (%(against)s) count for the same %(count)s leads"
        " and take each other back."
    )
    terms = (Term("fires", rule.key), Term("fires", against.key))
    return Finding("contradictory", 90, sentence % said, (rule.key, against.key), terms, count.fired)
