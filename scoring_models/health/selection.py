"""The leads behind a finding: exactly those, a page at a time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from leads.models import Lead
from leadscoring.errors import DomainError
from scoring_models.engine.census import CensusSql
from scoring_models.engine.subjects import View
from scoring_models.evaluation import LeadRange, joins_of_many, split
from scoring_models.health.census import bounded, census_sql, many_reasons, one_sided
from scoring_models.health.findings import Term
from scoring_models.sentences import short
from scoring_models.spec import Audiences, Dimension, Spec
from scoring_models.vocabulary import Vocabulary

PAGE_SIZE = 50
LEADS_A_LOOK = 50_000


@dataclass(frozen=True, slots=True)
class Scored:
    """A lead with the total and the band's rank that the version gives it."""

    lead: Lead
    total: int
    band: int


def _rule(condition: Callable[[CensusSql, int], str]) -> Callable[[CensusSql, str], str]:
    return lambda census, key: condition(census, _place(census.spec, key))


def _band(census: CensusSql, key: str) -> str:
    keys = [band.key for band in census.spec.bands]
    if key not in keys:
        raise DomainError("selection.not_found", _("This version has no band “%(key)s”.") % {"key": key})
    return f"band = {keys.index(key)}"


def _only(census: CensusSql, dimension: str) -> str:
    if dimension not in set(Dimension):
        raise DomainError("selection.not_found", _("There is no such list of leads."))
    return one_sided(Dimension(dimension))


def _reasons(census: CensusSql, count: str) -> str:
    if not count.isascii() or not count.isdigit() or len(count) > 2:
        raise DomainError("selection.not_found", _("There is no such list of leads."))
    return many_reasons(int(count))


def _missing(census: CensusSql, field: str) -> str:
    if field not in census.fields:
        raise DomainError(
            "selection.not_found", _("No rule of this version needs “%(key)s”.") % {"key": field}
        )
    return census.missing(field)


# Every word that a finding may ask for leads by.
WORDS: Mapping[str, Callable[[CensusSql, str], str]] = {
    "band": _band,
    "fires": _rule(CensusSql.fired),
    "silent": lambda census, key: f"NOT {census.fired(_place(census.spec, key))}",
    "unsure": _rule(CensusSql.unsure),
    "hidden": _rule(CensusSql.hidden),
    "needs": _rule(CensusSql.needed),
    "only": _only,
    "reasons": _reasons,
    "missing": _missing,
}


def leads_behind(
    spec: Spec,
    terms: Sequence[Term],
    *,
    at: datetime,
    after: int = 0,
    size: int = PAGE_SIZE,
    earlier: Audiences = (),
) -> list[Scored]:
    """Up to `size` leads that meet every term, in the order of their ids, which are greater than `after`.

    By what was known at that moment, so that the leads of an old report stay those that it counted.

    Raises DomainError: `selection.not_found`, `cannot_compute`, `takes_too_long`.
    """
    found = list(islice(_found(spec, terms, at=at, after=after, size=size, earlier=earlier), size))
    leads = Lead.objects.select_related("account").in_bulk([lead_id for lead_id, _, _ in found])
    return [Scored(leads[lead_id], total, band) for lead_id, total, band in found if lead_id in leads]


def all_behind(
    spec: Spec, terms: Sequence[Term], *, at: datetime, earlier: Audiences = ()
) -> Iterator[tuple[int, int, int]]:
    """Of all those leads the id, the total and the band's rank. Raises the same, as one reads on."""
    return _found(spec, terms, at=at, after=0, size=None, earlier=earlier)


def described(spec: Spec, terms: Sequence[Term], words: Vocabulary) -> str:
    """What the leads of these terms have in common, as the title of their list."""
    return "; ".join(_described(spec, terms, words))


def _described(spec: Spec, terms: Sequence[Term], words: Vocabulary) -> Iterator[str]:
    bands = {band.key: band.name for band in spec.bands}
    rules = {rule.key: short(rule, words) for rule in spec.enabled_rules}
    sentences = {
        "fires": _("“%(what)s” counts"),
        "silent": _("“%(what)s” does not count"),
        "unsure": _("“%(what)s” can't be told"),
        "hidden": _("“%(what)s” counts above the cap alone"),
        "needs": _("“%(what)s” decides the band"),
        "band": _("band %(what)s"),
        "only": _("score by %(what)s alone"),
        "reasons": _("%(what)s rules count or more"),
        "missing": _("%(what)s is missing"),
    }
    for word, value in terms:
        name = (
            words.attribute_label(value) if word == "missing" else rules.get(value, bands.get(value, value))
        )
        yield sentences[word] % {"what": name}


def _found(
    spec: Spec, terms: Sequence[Term], *, at: datetime, after: int, size: int | None, earlier: Audiences
) -> Iterator[tuple[int, int, int]]:
    """Look through the leads a part at a time; of each at most `size`, all where that is None."""
    statement, parameters = _statement(spec, terms, earlier)
    for part in split(LeadRange(low=after + 1), LEADS_A_LOOK):
        place = {"low": part.low, "high": part.high, "as_of": at, "known_at": at, "size": size}
        with bounded(), joins_of_many(), connection.cursor() as cursor:
            cursor.execute(statement, parameters | place)
            found = cursor.fetchall()
        yield from found


def _statement(spec: Spec, terms: Sequence[Term], earlier: Audiences) -> tuple[str, dict[str, Any]]:
    if not terms or any(term.word not in WORDS for term in terms):
        raise DomainError("selection.not_found", _("There is no such list of leads."))
    census = census_sql(spec, View.KNOWN, earlier)
    conditions = " AND ".join(WORDS[word](census, value) for word, value in terms)
    chosen = f"SELECT lead_id, total, band FROM ({census.sql}) e WHERE {conditions}"
    return f"{chosen} ORDER BY lead_id LIMIT %(size)s", census.parameters


def _place(spec: Spec, key: str) -> int:
    keys = [rule.key for rule in spec.enabled_rules]
    if key not in keys:
        raise DomainError("selection.not_found", _("This version has no rule “%(key)s”.") % {"key": key})
    return keys.index(key)
