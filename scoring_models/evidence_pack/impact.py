"""Where open leads would move if a version went live: it and the live one over all of them at one moment."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from leadscoring.errors import DomainError
from scoring_models import evaluation
from scoring_models.catalogue import load_catalogue
from scoring_models.engine.audience import compile_choice
from scoring_models.engine.catalogue import CannotCompile
from scoring_models.engine.statement import Statement
from scoring_models.engine.subjects import Subjects, View
from scoring_models.evaluation import EVERY_LEAD, LeadRange
from scoring_models.evidence_pack.sales import sales_ranks
from scoring_models.spec import Audience, Audiences, Spec

EVERYBODY = "all"
TEAM = "team"
# A value that fewer open leads have could point at one of them.
FEWEST_NAMED = 5


class Dimension(NamedTuple):
    """Something to tell leads apart by: SQL of its text over `m`, and how many values are named."""

    column: str
    most: int
    fewest: int = 1


DIMENSIONS = {
    TEAM: Dimension("m.team_id::text", 100),
    "owner": Dimension("m.owner_id::text", 40),
    "source": Dimension("m.source", 12, FEWEST_NAMED),
    "industry": Dimension("m.industry", 12, FEWEST_NAMED),
    "company_size": Dimension("m.company_size", 12, FEWEST_NAMED),
}

# Every open lead with what both versions say of it. A model that was never live says nothing yet; of leads
# that another model scores one of the two says nothing.
_MOVED = """
SELECT {lead} AS lead_id, n.band AS was, t.band AS becomes, n.hits AS hits_was, t.hits AS hits_becomes,
       l.team_id, l.owner_id, l.source, a.industry, a.company_size
  FROM ({then}) t
  {join} JOIN ({now}) n ON n.lead_id = t.lead_id
  JOIN leads_lead l ON l.id = {lead}
  LEFT JOIN leads_account a ON a.id = l.account_id
 WHERE l.is_open
"""
_NEVER_LIVE = "SELECT NULL::bigint AS lead_id, NULL::smallint AS band, NULL::bigint AS hits"

# Of each dimension its greatest values; what others have is one group, and having none another.
_COUNTED = """
WITH moved AS MATERIALIZED ({moved}),
told AS (
    SELECT d.dimension, d.value, d.most, d.fewest, m.was, m.becomes, count(*) AS leads
      FROM moved m CROSS JOIN LATERAL (VALUES {values}) d (dimension, value, most, fewest)
     GROUP BY 1, 2, 3, 4, 5, 6
),
named AS (
    SELECT dimension, value FROM (
        SELECT dimension, value, most,
               row_number() OVER (PARTITION BY dimension ORDER BY sum(leads) DESC, value COLLATE "C") AS place
          FROM told WHERE value IS NOT NULL
         GROUP BY dimension, value, most, fewest HAVING sum(leads) >= fewest
    ) ranked WHERE place <= most
)
SELECT t.dimension, n.value, t.value IS NOT NULL AS has_value, t.was, t.becomes, sum(t.leads)::bigint, NULL
  FROM told t LEFT JOIN named n USING (dimension, value)
 GROUP BY 1, 2, 3, 4, 5
UNION ALL
SELECT 'rules', NULL, FALSE, NULL, NULL, 0, ARRAY[{touched}]::bigint[] FROM moved m
"""


_NOW = "m.was = ANY (%(sales_was)s::smallint[])"
_THEN = "m.becomes = ANY (%(sales_becomes)s::smallint[])"
_WAYS = {
    "up": "m.becomes > m.was",
    "down": "m.becomes < m.was",
    "any": "m.becomes <> m.was",
    "in": "m.was IS NULL",
    "out": "m.becomes IS NULL",
}
_IN_QUEUE = {"now": _NOW, "then": _THEN, "new": f"{_THEN} AND ({_NOW}) IS NOT TRUE"}


@dataclass(frozen=True, slots=True)
class Cell:
    """How many leads go from one band to another; ranks from 0.

    `was` is None without a live version and of leads that another model scores; `becomes` of those whom
    another model would score.
    """

    was: int | None
    becomes: int | None
    leads: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """How many open leads the version would take from another model, and give to it."""

    model: str
    takes: int
    gives: int


@dataclass(frozen=True, slots=True)
class Group:
    """Leads that share a value: its text or id, None for those without one; or all `others` together."""

    value: str | None
    others: bool
    cells: tuple[Cell, ...]

    @property
    def leads(self) -> int:
        return sum(cell.leads for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Impact:
    """The moves of all open leads, the same by dimension, and how many leads each rule touches, by key."""

    cells: tuple[Cell, ...]
    groups: Mapping[str, tuple[Group, ...]]
    touched: Mapping[str, int]
    touched_before: Mapping[str, int]

    @property
    def leads(self) -> int:
        return sum(cell.leads for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which moves a list shows; None is any. `among` and `others` choose a group of a dimension.

    A group of others is all that have a value but those named in `others`. `queue` takes leads that are in
    bands which sales works "now" or "then", or that are "new" in them.
    """

    was: int | None = None
    becomes: int | None = None
    moved: str = ""  # "up", "down", "any", "in", "out" of the model, or "" for those that stay as well
    dimension: str = ""
    value: str | None = None
    others: tuple[str, ...] | None = None
    queue: str = ""


class Moved(NamedTuple):
    lead_id: int
    was: int | None
    becomes: int | None


def impact(live: Spec | None, other: Spec, *, as_of: datetime, earlier: Audiences = ()) -> Impact:
    """Score every lead once with each version and count the open ones in the database.

    `earlier` are the audiences that are asked before either's: their leads are left out.

    By what was known at `as_of`, so that the lists behind the counts can be made later.
    Raises DomainError("cannot_compute").
    """
    moved = moved_statement(live, other, earlier)
    sides = (("hits_becomes", other), ("hits_was", live))
    rules = [
        (column, bit, rule.key)
        for column, spec in sides
        if spec is not None
        for bit, rule in enumerate(spec.enabled_rules)
    ]
    touched = [f"count(*) FILTER (WHERE m.{column} & {1 << bit}::bigint <> 0)" for column, bit, _ in rules]
    sql = _COUNTED.format(moved=moved.sql, values=_values(), touched=", ".join(touched) or "count(*)")
    rows = _rows(sql, moved.parameters | _range(EVERY_LEAD, as_of))
    counts: list[int] = next(row[6] for row in rows if row[0] == "rules")
    by_side: dict[str, dict[str, int]] = {column: {} for column, _ in sides}
    for (column, _, key), count in zip(rules, counts, strict=False):
        by_side[column][key] = count
    groups = _groups(rows)
    everybody = groups.pop(EVERYBODY, ())
    return Impact(
        everybody[0].cells if everybody else (),
        {dimension: groups.get(dimension, ()) for dimension in DIMENSIONS},
        by_side["hits_becomes"],
        by_side["hits_was"],
    )


def exchanges(
    before: Sequence[tuple[str, Audience]], after: Sequence[tuple[str, Audience]], *, as_of: datetime
) -> list[Exchange]:
    """What a model takes from others and gives to them, where its audience or place is another one.

    Both are the names of the models with a live version, in their order, each with its audience; `after` has
    the version in question. Models that take and give nothing are left out. Raises
    DomainError("cannot_compute").
    """
    if len(after) < 2 or before == after:
        return []
    was, becomes = (_chosen(models, side) for models, side in ((before, "now"), (after, "then")))
    sql = (
        f"SELECT n.place, t.place, count(*) FROM ({was.sql}) n JOIN ({becomes.sql}) t USING (lead_id)"
        " JOIN leads_lead l ON l.id = n.lead_id"
        " WHERE l.is_open AND n.place IS NOT NULL AND t.place IS NOT NULL GROUP BY 1, 2"
    )
    rows = _rows(sql, was.parameters | becomes.parameters | _range(EVERY_LEAD, as_of))
    [own] = {name for name, whom in after if (name, whom) not in before}
    moves = [(before[n][0], after[t][0], leads) for n, t, leads in rows]
    names = [name for name, _whom in after if name != own]
    found = [Exchange(name, _between(moves, name, own), _between(moves, own, name)) for name in names]
    return [each for each in found if each.takes or each.gives]


def in_queues(models: Sequence[tuple[Spec, Audiences]], *, as_of: datetime) -> Counter[int | None]:
    """How many open leads of each team (None: of none) are in bands of these models that sales works.

    Each with the audiences that are asked before its own. Raises DomainError("cannot_compute").
    """
    found = Counter[int | None]()
    for spec, earlier in models:
        scored = _compiled(spec, earlier)
        sql = (
            f"SELECT l.team_id, count(*) FROM ({scored.sql}) s JOIN leads_lead l ON l.id = s.lead_id"
            " WHERE l.is_open AND s.band = ANY (%(sales)s::smallint[]) GROUP BY 1"
        )
        wanted = {"sales": sorted(sales_ranks(spec.bands))} | _range(EVERY_LEAD, as_of)
        found.update(dict(_rows(sql, scored.parameters | wanted)))
    return found


def _between(moves: Sequence[tuple[str, str, int]], giver: str, taker: str) -> int:
    return sum(leads for was, becomes, leads in moves if (was, becomes) == (giver, taker))


def _chosen(models: Sequence[tuple[str, Audience]], side: str) -> Statement:
    """Every lead of a range with the place of the model that scores it."""
    audiences = tuple(whom for _name, whom in models)
    try:
        found = compile_choice(audiences, load_catalogue(), View.KNOWN, Subjects.RANGE)
    except CannotCompile as error:
        raise DomainError("cannot_compute", str(error)) from error
    return found.apart(side)


def moved_leads(
    live: Spec | None,
    other: Spec,
    selection: Selection,
    *,
    as_of: datetime,
    leads: LeadRange = EVERY_LEAD,
    earlier: Audiences = (),
) -> Iterator[Moved]:
    """The leads behind a count, in the order of their ids, by the same statement, a part of all at a time."""
    moved = moved_statement(live, other, earlier)
    where, wanted = _condition(selection)
    wanted |= _queues(live, other)
    # Chosen from afterwards: a condition inside looks to the planner as if few leads were left to score, and
    # it scores those over and over (5,000 leads: more than 30 s instead of 1 s).
    sql = f"""
        WITH m AS MATERIALIZED ({moved.sql})
        SELECT m.lead_id, m.was, m.becomes FROM m WHERE {where} ORDER BY m.lead_id
    """
    for part in evaluation.split(leads, evaluation.LEADS_A_CHUNK):
        yield from map(Moved._make, _rows(sql, moved.parameters | wanted | _range(part, as_of)))


def moved_statement(live: Spec | None, other: Spec, earlier: Audiences = ()) -> Statement:
    """Every open lead of a range with its two bands. Raises DomainError("cannot_compute")."""
    then = _compiled(other, earlier).apart("then")
    now = _compiled(live, earlier).apart("now") if live else Statement(_NEVER_LIVE, {})
    # Where both score the same leads there are none that only one of them scores.
    same = live is None or live.whom == other.whom
    lead, join = ("t.lead_id", "LEFT") if same else ("COALESCE(t.lead_id, n.lead_id)", "FULL")
    sql = _MOVED.format(then=then.sql, now=now.sql, lead=lead, join=join)
    return Statement(sql, then.parameters | now.parameters)


def _compiled(spec: Spec, earlier: Audiences) -> Statement:
    return evaluation.compiled(spec, Subjects.RANGE, View.KNOWN, earlier)


def _values() -> str:
    named = [f"('{name}', {by.column}, {by.most}, {by.fewest})" for name, by in DIMENSIONS.items()]
    return ", ".join((f"('{EVERYBODY}', NULL::text, 0, 0)", *named))


def _condition(selection: Selection) -> tuple[str, dict[str, Any]]:
    conditions, wanted = ["TRUE"], dict[str, Any]()
    for name in ("was", "becomes"):
        if (rank := getattr(selection, name)) is not None:
            conditions.append(f"m.{name} = %(of_{name})s::smallint")
            wanted[f"of_{name}"] = rank
    if selection.moved:
        conditions.append(_WAYS[selection.moved])
    if selection.queue:
        conditions.append(_IN_QUEUE[selection.queue])
    if selection.dimension:
        column = DIMENSIONS[selection.dimension].column
        if selection.others is not None:
            conditions.append(f"{column} <> ALL (%(others)s::text[])")
            wanted["others"] = list(selection.others)
        elif selection.value is None:
            conditions.append(f"{column} IS NULL")
        else:
            conditions.append(f"{column} = %(value)s::text")
            wanted["value"] = selection.value
    return " AND ".join(conditions), wanted


def _queues(live: Spec | None, other: Spec) -> dict[str, Any]:
    return {
        "sales_was": sorted(sales_ranks(live.bands)) if live else [],
        "sales_becomes": sorted(sales_ranks(other.bands)),
    }


def _range(leads: LeadRange, as_of: datetime) -> dict[str, Any]:
    return {"low": leads.low, "high": leads.high, "as_of": as_of, "known_at": as_of}


def _rows(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with evaluation.joins_of_many(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _groups(rows: Sequence[tuple[Any, ...]]) -> dict[str, tuple[Group, ...]]:
    """The groups of each dimension: the greatest first, then others, then those without a value."""
    cells: dict[tuple[str, str | None, bool], list[Cell]] = {}
    for dimension, value, has_value, was, becomes, leads, _ in rows:
        if dimension != "rules":
            key = (dimension, value, has_value and value is None)
            cells.setdefault(key, []).append(Cell(was, becomes, leads))
    found: dict[str, list[Group]] = {}
    for (dimension, value, others), of_group in cells.items():
        ordered = sorted(of_group, key=_from_the_top)
        found.setdefault(dimension, []).append(Group(value, others, tuple(ordered)))
    return {dimension: tuple(sorted(groups, key=_place)) for dimension, groups in found.items()}


def _from_the_top(cell: Cell) -> tuple[int, int]:
    """Leads that go to another model come last."""
    return (1 if cell.becomes is None else -cell.becomes, -(cell.was or 0))


def _place(group: Group) -> tuple[bool, bool, int, str]:
    return (group.value is None, not group.others, -group.leads, group.value or "")
