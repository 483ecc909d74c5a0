"""A band that no lead can ever be in."""

from collections.abc import Iterator
from itertools import pairwise

from django.utils.translation import gettext as _

from scoring_models.health.findings import Finding, Term
from scoring_models.health.subject import Subject
from scoring_models.possible import highest_total, lowest_total
from scoring_models.spec import BandSpec


def find(subject: Subject) -> Iterator[Finding]:
    highest, lowest = highest_total(subject.spec), lowest_total(subject.spec)
    for below, band in pairwise(subject.spec.bands):
        edge = band.lower_edge or 0
        if edge > highest:
            sentence = _("No lead can be %(band)s: it begins at %(edge)d, and no score is above %(limit)d.")
            yield _finding(subject, sentence % _said(band, edge, highest), below)
        if edge <= lowest:
            sentence = _(
                "No lead can be %(band)s: the next band begins at %(edge)d, and no score is below %(limit)d."
            )
            yield _finding(subject, sentence % _said(below, edge, lowest), band)


def _said(band: BandSpec, edge: int, limit: int) -> dict[str, object]:
    return {"band": band.name, "edge": edge, "limit": limit}


def _finding(subject: Subject, sentence: str, neighbour: BandSpec) -> Finding:
    """With the leads of the band beside it, who are as near as one gets."""
    count = subject.census.bands[subject.spec.bands.index(neighbour)]
    return Finding("unreachable_band", 95, sentence, (), (Term("band", neighbour.key),), count)
