"""A rule that counts for everybody, and so tells no lead from another."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from scoring_models.health.findings import Finding, Term
from scoring_models.health.subject import Subject, number

# What 99 of 100 leads have moves one in a hundred; the same is had by moving every edge by its points.
NEARLY_ALL = 0.99


def find(subject: Subject) -> Iterator[Finding]:
    leads = subject.census.leads
    for rule, count in subject.counted():
        if not subject.has_leads or count.fired < NEARLY_ALL * leads:
            continue
        sentence = _(
            "“%(rule)s” counts for %(count)s of %(leads)s leads, so it tells them apart no better."
        ) % {
            "rule": subject.name(rule),
            "count": number(count.fired),
            "leads": number(leads),
        }
        yield Finding("always_fires", 65, sentence, (rule.key,), (Term("fires", rule.key),), count.fired)
