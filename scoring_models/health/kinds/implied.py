"""A rule that counts only where another of its kind counts too, for every lead there is."""

from collections.abc import Iterator
from math import log

from django.utils.translation import gettext as _

from scoring_models.health.always_with import together
from scoring_models.health.findings import Finding, Term
from scoring_models.health.subject import FEWEST_OF_A_KIND, Subject, number

# How likely it may be that rules which have nothing to do with each other look so. A version has up to 3,540
# pairs: at one in a million, one version in 300 is wronged.
CHANCE = 1e-6


def find(subject: Subject) -> Iterator[Finding]:
    for (one, count), (other, other_count) in together(subject):
        share = other_count.fired / subject.census.leads
        if one.points * other.points < 0 or count.fired < FEWEST_OF_A_KIND or share == 1:
            continue
        if count.fired * log(share) > log(CHANCE):
            continue
        same = count.fired == other_count.fired
        if same and subject.spec.rules.index(one) > subject.spec.rules.index(other):
            continue  # Said once, of the two.
        sentence = (
            _("“%(rule)s” and “%(other)s” always count together, for %(count)s leads: they are one rule.")
            if same
            else _("“%(rule)s” counts for %(count)s leads, and for each of them so does “%(other)s”.")
        ) % {"rule": subject.name(one), "other": subject.name(other), "count": number(count.fired)}
        yield Finding("implied", 40, sentence, (one.key, other.key), (Term("fires", one.key),), count.fired)
