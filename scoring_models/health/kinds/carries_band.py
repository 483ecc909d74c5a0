"""A band that most of its leads owe to one rule alone."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from scoring_models.health.findings import Finding, Term
from scoring_models.health.subject import FEWEST_OF_A_KIND, Subject, number
from scoring_models.spec import BandSpec, RuleSpec

# Four of five: the band is then that rule by another name.
MOST = 0.8


def find(subject: Subject) -> Iterator[Finding]:
    for rank, band in enumerate(subject.spec.bands):
        leads = subject.census.bands[rank]
        if rank == 0 or leads < FEWEST_OF_A_KIND:
            continue
        for rule, count in subject.counted():
            if count.needed[rank] >= MOST * leads:
                yield _finding(subject, band, leads, rule, count.needed[rank])


def _finding(subject: Subject, band: BandSpec, leads: int, rule: RuleSpec, needed: int) -> Finding:
    said = {
        "band": band.name,
        "rule": subject.name(rule),
        "count": number(needed),
        "leads": number(leads),
    }
    sentence = _("%(count)s of the %(leads)s leads in %(band)s would not be there without “%(rule)s”.") % said
    terms = (Term("band", band.key), Term("needs", rule.key))
    return Finding("carries_band", 50, sentence, (rule.key,), terms, needed)
