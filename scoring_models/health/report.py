"""The health of a version: every kind of finding, by weight, from one evaluation of all leads."""

from datetime import datetime

from leads.models import SignalClass, SignalType
from scoring_models.health.census import take_census
from scoring_models.health.findings import Report
from scoring_models.health.kinds import KINDS
from scoring_models.health.lift import closed_leads, lifts_of
from scoring_models.health.subject import Subject
from scoring_models.spec import Audiences, Spec
from scoring_models.vocabulary import current_vocabulary


def report(spec: Spec, *, at: datetime, earlier: Audiences = ()) -> Report:
    """Look at what a spec makes at a moment of all leads that it scores: none of those asked `earlier`.

    Nothing is stored.

    Raises DomainError: `cannot_compute`, `takes_too_long`.
    """
    census, words = take_census(spec, at=at, earlier=earlier), current_vocabulary()
    closed = closed_leads(spec, at=at, earlier=earlier)
    vanity = SignalType.objects.filter(signal_class=SignalClass.VANITY).values_list("key", flat=True)
    lifts = tuple(lifts_of(spec, closed, words))
    subject = Subject(spec, words, frozenset(vanity), census, lifts)
    findings = [finding for find in KINDS for finding in find(subject)]
    return Report(
        at=at,
        leads=census.leads,
        rules=len(spec.enabled_rules),
        outcomes=len(closed),
        findings=tuple(sorted(findings, key=lambda finding: -finding.weight)),
        lifts=lifts,
    )
