"""Asking the engine without storing anything: any spec, any leads, any moment."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from django.db import connection, transaction

from leads.models import Lead
from leads.scorer import Status
from leadscoring.errors import DomainError
from leadscoring.prepared import prepared_cursor
from scoring_models.catalogue import load_catalogue
from scoring_models.contribution import contribution
from scoring_models.engine.catalogue import CannotCompile
from scoring_models.engine.compile import compile_scores
from scoring_models.engine.detail import RULE_COLUMNS, compile_detail
from scoring_models.engine.statement import Statement
from scoring_models.engine.subjects import Subjects, View
from scoring_models.models import ModelVersion
from scoring_models.spec import AttributeCondition, Audiences, RuleSpec, Spec
from scoring_models.spec_text import thaw

LEADS_A_CHUNK = 10_000
# Knows all that is known now.
END_OF_TIME = datetime.max.replace(tzinfo=UTC)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LeadRange:
    """The leads with `low` <= id < `high`."""

    low: int = 0
    high: int = 2**63 - 1


EVERY_LEAD = LeadRange()

# More than half of the rows came or changed since the last ANALYZE.
_STATISTICS_ARE_OLD = """
SELECT relid FROM pg_stat_user_tables
 WHERE relid IN (SELECT 'leads_lead'::regclass UNION SELECT relid FROM pg_partition_tree('leads_signal'))
   AND n_mod_since_analyze > n_live_tup / 2
 LIMIT 1
"""


class Evaluated(NamedTuple):
    """What a spec says of a lead at `as_of`.

    `band` is a rank from 0. Bit i of `hits` is set where the i-th enabled rule fired; `counts` has how often
    each rule that repeats counted, None where none did; `weights` has the units of each decayed rule at
    `as_of`. Nothing but the weights changes before `due_at` by time alone.
    """

    lead_id: int
    as_of: datetime
    engagement: int
    fit: int
    total: int
    band: int
    due_at: datetime | None
    last_intent_at: datetime | None
    hits: int
    counts: list[int] | None
    weights: list[float] | None = None


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one enabled rule gave.

    `changes_at` is when time alone changes its points next, `deciding_at` the moment that this rests on, and
    `value` the attribute as it was compared; each None where it has none. `if_met` are its units if all were
    met that can't be told, and `holds` says of each of its conditions on attributes whether it is met (None:
    can't be told). `moments` are those of the signals in the window, where what they say decides which match.
    """

    rule: RuleSpec
    status: Status
    units: int | float
    if_met: int | float
    changes_at: datetime | None
    deciding_at: datetime | None
    value: str | None
    moments: tuple[datetime, ...] | None
    holds: tuple[bool | None, ...]

    @property
    def points(self) -> int:
        return contribution(self.rule.points, self.units)

    @property
    def conditions(self) -> tuple[tuple[AttributeCondition, bool | None], ...]:
        """The conditions on attributes, those that it holds only for first, with whether each is met."""
        own = (self.rule.condition,) if isinstance(self.rule.condition, AttributeCondition) else ()
        return tuple(zip((*self.rule.only_when, *own), self.holds, strict=True))

    @property
    def points_if_met(self) -> int:
        return contribution(self.rule.points, self.if_met)


@dataclass(frozen=True, slots=True)
class Detail:
    """A score with what each enabled rule gave, in the order of the spec.

    `is_scored` says whether the version scores the lead: another model does, or would, where it doesn't.
    """

    lead_id: int
    as_of: datetime
    engagement: int
    fit: int
    total: int
    band: int
    due_at: datetime | None
    last_intent_at: datetime | None
    rules: tuple[RuleResult, ...]
    known_at: datetime | None = None
    is_scored: bool = True


def evaluate(
    spec: Spec,
    *,
    as_of: datetime,
    known_at: datetime | None = None,
    leads: LeadRange | Collection[int] = EVERY_LEAD,
    earlier: Audiences = (),
) -> Iterator[Evaluated]:
    """Score leads at one moment, in the order of their ids; ids without a lead give nothing.

    Nor do leads that aren't of the version's audience, or are of one that is asked `earlier`.

    By what was known at `known_at`; where that is None, by all that is known now. Reads in chunks, so any
    number of leads fits into memory; each chunk sees what is known when it is read.
    Raises DomainError("cannot_compute").
    """
    view, clocks = _view(known_at), {"as_of": as_of, "known_at": known_at}
    if not isinstance(leads, LeadRange):
        statement = compiled(spec, Subjects.IDS, view, earlier)
        for chunk in _chunks(sorted(set(leads))):
            yield from _evaluated(statement, {"lead_ids": chunk, **clocks})
        return
    statement = compiled(spec, Subjects.RANGE, view, earlier)
    for part in split(leads, LEADS_A_CHUNK):
        with joins_of_many():
            rows = _evaluated(statement, {"low": part.low, "high": part.high, **clocks})
        yield from rows


def evaluate_pairs(
    spec: Spec,
    rows: Iterable[tuple[int, datetime, datetime | None]],
    *,
    earlier: Audiences = (),
) -> Iterator[Evaluated]:
    """Score each row of (lead, as_of, known_at); a lead may come with several as_of, each with one known_at.

    Leads that the version doesn't score give nothing, as in `evaluate`. A row whose known_at is None is
    scored by all that is known now. Raises DomainError("cannot_compute").
    """
    for chunk in _chunks(rows):
        lead_ids, moments, known = (list(column) for column in zip(*chunk, strict=True))
        arrays = {"lead_ids": lead_ids, "moments": moments}
        if not any(known):
            yield from _evaluated(compiled(spec, Subjects.ROWS, View.DATED, earlier), arrays)
        else:
            arrays["known_at"] = [moment or END_OF_TIME for moment in known]
            yield from _evaluated(compiled(spec, Subjects.ROWS, View.KNOWN, earlier), arrays)


def band_counts(spec: Spec, as_of: datetime, *, earlier: Audiences = ()) -> dict[str, int]:
    """How many leads each band would have, by its key, lowest first. Raises DomainError("cannot_compute")."""
    statement = compiled(spec, Subjects.RANGE, View.DATED, earlier)
    everybody = {"low": EVERY_LEAD.low, "high": EVERY_LEAD.high, "as_of": as_of}
    with joins_of_many(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT band, count(*) FROM ({statement.sql}) e GROUP BY band", statement.parameters | everybody
        )
        found = dict(cursor.fetchall())
    return {band.key: found.get(rank, 0) for rank, band in enumerate(spec.bands)}


@contextmanager
def joins_of_many() -> Iterator[None]:
    """Have many leads joined in streams where the planner can't know that they are many.

    After a first import there are no statistics yet. All leads then look like a few, and a loop over the
    signals of all for each of them is quadratic (5,000 leads: 3 s instead of 0.2 s).
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_STATISTICS_ARE_OLD)
        old = cursor.fetchone() is not None
        if old:
            cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        if old:
            cursor.execute("SET LOCAL enable_nestloop = DEFAULT")


def evaluate_one(spec: Spec, lead_id: int, as_of: datetime, *, earlier: Audiences = ()) -> Evaluated | None:
    """What `evaluate` gives of one lead by all that is known now, with a plan that the database keeps."""
    statement = compiled(spec, Subjects.IDS, View.DATED, earlier)
    with prepared_cursor() as cursor:
        asked = {"lead_ids": [lead_id], "as_of": as_of}
        cursor.execute(_as_evaluated(statement.sql), statement.parameters | asked)
        row = cursor.fetchone()
    return None if row is None else Evaluated(*row)


def detail(
    spec: Spec,
    lead_id: int,
    as_of: datetime,
    known_at: datetime | None = None,
    *,
    earlier: Audiences = (),
) -> Detail:
    """One lead's score at a moment, rule by rule, whether or not the version scores it.

    Raises Lead.DoesNotExist, DomainError("cannot_compute").
    """
    try:
        statement = compile_detail(spec, load_catalogue(), _view(known_at), earlier)
    except CannotCompile as error:
        raise DomainError("cannot_compute", str(error)) from error
    with prepared_cursor() as cursor:
        cursor.execute(
            statement.sql,
            statement.parameters | {"lead_ids": [lead_id], "as_of": as_of, "known_at": known_at},
        )
        row = cursor.fetchone()
    if row is None:
        raise Lead.DoesNotExist(f"There is no lead {lead_id}.")
    return detail_of(spec, row, known_at)


def detail_of(spec: Spec, row: Sequence[Any], known_at: datetime | None = None) -> Detail:
    """What a row of the statement of details (`engine.detail`) says."""
    width = len(Evaluated._fields)
    score, is_scored, columns = Evaluated(*row[:width]), row[width], iter(row[width + 1 :])
    rules = tuple(_rule_result(rule, *islice(columns, len(RULE_COLUMNS))) for rule in spec.enabled_rules)
    return Detail(*score[:8], rules, known_at, is_scored)


def split(leads: LeadRange, size: int) -> Iterator[LeadRange]:
    """The range in parts that hold `size` leads each, the last one fewer."""
    low: int | None = leads.low
    while low is not None:
        later = Lead.objects.filter(pk__gte=low, pk__lt=leads.high).order_by("pk")
        following = later.values_list("pk", flat=True)[size : size + 1].first()
        yield LeadRange(low, leads.high if following is None else following)
        low = following


def compiled(spec: Spec, subjects: Subjects, view: View = View.NOW, earlier: Audiences = ()) -> Statement:
    """The statement of a spec in this installation. Raises DomainError("cannot_compute")."""
    try:
        return compile_scores(spec, load_catalogue(), subjects, view, earlier)
    except CannotCompile as error:
        raise DomainError("cannot_compute", str(error)) from error


def _view(known_at: datetime | None) -> View:
    return View.DATED if known_at is None else View.KNOWN


@lru_cache(maxsize=64)
def frozen_spec(digest: str) -> Spec:
    """A frozen spec by its digest, which is of its content: it can't be out of date."""
    return thaw(ModelVersion.objects.filter(digest=digest).values_list("frozen", flat=True)[0])


def _evaluated(statement: Statement, parameters: Mapping[str, Any]) -> Iterator[Evaluated]:
    with connection.cursor() as cursor:
        cursor.execute(_as_evaluated(statement.sql), {**statement.parameters, **parameters})
        rows = cursor.fetchall()
    return map(Evaluated._make, rows)


@lru_cache(maxsize=64)
def _as_evaluated(sql: str) -> str:
    return f"SELECT {', '.join(Evaluated._fields)} FROM ({sql}) e ORDER BY lead_id, as_of"


def _rule_result(rule: RuleSpec, units: float | None, *rest: Any) -> RuleResult:
    status = Status.UNKNOWN if units is None else Status.MET if units else Status.NOT_MET
    if_met, changes_at, deciding_at, value, moments, holds = rest
    times = None if moments is None else tuple(sorted(moments))
    return RuleResult(rule, status, units or 0, if_met, changes_at, deciding_at, value, times, tuple(holds))


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    """Lists of at most LEADS_A_CHUNK items."""
    iterator = iter(items)
    while chunk := list(islice(iterator, LEADS_A_CHUNK)):
        yield chunk
