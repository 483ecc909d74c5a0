"""Counting what a version makes of all leads: one pass of the engine, summed up in the database."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import and_

from django.db import OperationalError, connection
from django.utils.translation import gettext as _

from leadscoring.errors import DomainError
from scoring_models.catalogue import load_catalogue
from scoring_models.engine.catalogue import CannotCompile
from scoring_models.engine.census import CensusSql, compile_census
from scoring_models.engine.subjects import View
from scoring_models.evaluation import EVERY_LEAD, joins_of_many
from scoring_models.spec import Audiences, Dimension, Spec

MANY_REASONS = 8  # more rules than a person keeps in mind at once (five to nine, said Miller)


@dataclass(frozen=True, slots=True)
class RuleCount:
    """For how many leads a rule counted, could not be told, or counted above the cap alone.

    `needed` says of each band how many of its leads would not be in it without the rule. Bit i of
    `always_with` is set where the i-th rule counted for every lead for which this one did.
    """

    fired: int
    unsure: int
    hidden: int
    needed: tuple[int, ...]
    always_with: int


@dataclass(frozen=True, slots=True)
class Census:
    """All leads that a version scores, as it does. `bands` from the lowest up; `missing` by attribute."""

    leads: int
    bands: tuple[int, ...]
    rules: tuple[RuleCount, ...]
    many_reasons: int
    one_sided: Mapping[Dimension, int]
    missing: Mapping[str, int]


def take_census(spec: Spec, *, at: datetime, earlier: Audiences = ()) -> Census:
    """Count. Raises DomainError: `cannot_compute`, `takes_too_long`."""
    census = census_sql(spec, View.DATED, earlier)
    numbers = ("count(*)", *_of_all(), *map(_count, map(census.missing, census.fields)), *_of_rules(census))
    statement = f"SELECT band, {', '.join(numbers)} FROM ({census.sql}) e GROUP BY band"
    everybody = {"low": EVERY_LEAD.low, "high": EVERY_LEAD.high, "as_of": at}
    with bounded(), joins_of_many(), connection.cursor() as cursor:
        cursor.execute(statement, census.parameters | everybody)
        rows = {band: values for band, *values in cursor.fetchall()}
    nothing = [0] * (4 + len(census.fields)) + [0, 0, 0, 0, -1] * len(census.rules)
    return _summed(spec, [rows.get(rank, nothing) for rank in range(len(spec.bands))], census.fields)


def census_sql(spec: Spec, view: View, earlier: Audiences = ()) -> CensusSql:
    """The census of a spec in this installation. Raises DomainError("cannot_compute")."""
    try:
        return compile_census(spec, load_catalogue(), view, earlier)
    except CannotCompile as error:
        raise DomainError("cannot_compute", str(error)) from error


@contextmanager
def bounded() -> Iterator[None]:
    """Say in words that a statement took longer than the database lets a page wait.

    Raises DomainError("takes_too_long").
    """
    try:
        yield
    except OperationalError as error:
        if "statement timeout" not in str(error):
            raise
        raise DomainError(
            "takes_too_long", _("Looking at all leads takes too long now. Try again.")
        ) from error


def one_sided(dimension: Dimension) -> str:
    """The condition that a lead's score comes from this dimension alone."""
    other = next(each for each in Dimension if each is not dimension)
    return f"({dimension} > 0 AND {other} <= 0)"


def many_reasons(count: int) -> str:
    """The condition that at least so many rules counted."""
    return f"(bit_count(hits::bit(64)) >= {count})"


def _of_all() -> tuple[str, ...]:
    return (
        _count(many_reasons(MANY_REASONS)),
        *(_count(one_sided(dimension)) for dimension in Dimension),
    )


def _count(condition: str) -> str:
    return f"count(*) FILTER (WHERE {condition})"


def _of_rules(census: CensusSql) -> Iterator[str]:
    for index in range(len(census.rules)):
        for condition in (census.fired, census.unsure, census.hidden, census.needed):
            yield _count(condition(index))
        yield f"COALESCE(bit_and(hits) FILTER (WHERE {census.fired(index)}), -1)"


def _summed(spec: Spec, bands: Sequence[Sequence[int]], fields: tuple[str, ...]) -> Census:
    """`bands` has the numbers of each band: how many leads, those of `_of_all`, one a field, five a rule."""
    sums = [sum(column) for column in zip(*bands, strict=True)]
    first = 4 + len(fields)
    return Census(
        leads=sums[0],
        bands=tuple(band[0] for band in bands),
        rules=tuple(_rule_count(bands, sums, first + 5 * place) for place in range(len(spec.enabled_rules))),
        many_reasons=sums[1],
        one_sided=dict(zip(Dimension, sums[2:4], strict=True)),
        missing=dict(zip(fields, sums[4:first], strict=True)),
    )


def _rule_count(bands: Sequence[Sequence[int]], sums: Sequence[int], start: int) -> RuleCount:
    fired, unsure, hidden, needed, together = range(start, start + 5)
    return RuleCount(
        fired=sums[fired],
        unsure=sums[unsure],
        hidden=sums[hidden],
        needed=tuple(band[needed] for band in bands),
        always_with=reduce(and_, (band[together] for band in bands)),
    )
