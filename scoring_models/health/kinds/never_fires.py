"""A rule that counts for nobody, or for hardly anybody."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from scoring_models.health.findings import Finding, Term
from scoring_models.health.subject import Subject, number

# One in ten thousand: a rep who works thirty leads a day meets one such lead a year.
HARDLY = 1 / 10_000


def find(subject: Subject) -> Iterator[Finding]:
    leads = subject.census.leads
    for rule, count in subject.counted():
        if not subject.has_leads or not subject.can_tell(count) or count.fired > leads * HARDLY:
            continue
        said = {"rule": subject.name(rule), "count": number(count.fired), "leads": number(leads)}
        if count.fired:
            sentence = _("“%(rule)s” counts for %(count)s of %(leads)s leads. It may not be worth keeping.")
        else:
            sentence = _("“%(rule)s” counts for none of %(leads)s leads.")
        word = "fires" if count.fired else "silent"
        of = count.fired or leads
        yield Finding("never_fires", 60, sentence % said, (rule.key,), (Term(word, rule.key),), of)
