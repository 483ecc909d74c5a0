"""What a list can be filtered by: the bands, teams, people and values that make a difference to somebody."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from leads import access
from leads.queue.values_sql import Values, how_often, rarest
from leads.scorer import Band, scorer
from leadscoring.people.models import User

LIMIT = 40
_COLUMNS = (("source", "leads_lead"), ("country", "leads_lead"), ("industry", "leads_account"))
_PEOPLE = """
SELECT 'team' AS kind, id, name FROM people_team WHERE %(all)s OR id = ANY (%(teams)s)
UNION ALL
SELECT DISTINCT 'person', u.id, COALESCE(NULLIF(u.name, ''), u.email)
  FROM people_membership m JOIN people_user u ON u.id = m.user_id
 WHERE %(all)s OR m.team_id = ANY (%(teams)s)
"""
# One step along the column's index per value, however many leads there are.
_VALUES = """
UNION ALL
SELECT '{column}', 0, value FROM (
    WITH RECURSIVE found(value) AS (
        (SELECT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY {column} LIMIT 1)
        UNION ALL
        SELECT (SELECT {column} FROM {table} WHERE {column} > found.value ORDER BY {column} LIMIT 1)
        FROM found WHERE found.value IS NOT NULL
    )
    SELECT value FROM found WHERE value IS NOT NULL LIMIT %(limit)s
) of_{column}
"""
_VIEWS = """
UNION ALL
SELECT 'view', v.id,
       json_build_object('slug', v.slug, 'name', v.name, 'query', v.query, 'owner_id', v.owner_id,
                         'owner', COALESCE(NULLIF(u.name, ''), u.email))::text
  FROM leads_savedview v JOIN people_user u ON u.id = v.owner_id
 WHERE v.owner_id = %(user)s OR v.team_id = ANY (%(teams)s)
"""
_QUERY = _PEOPLE + _VIEWS + "".join(_VALUES.format(column=column, table=table) for column, table in _COLUMNS)


@dataclass(frozen=True, slots=True)
class KeptList:
    """A saved view as lists at the side show it. `owner` is what its owner is called."""

    pk: int
    slug: str
    name: str
    query: str
    owner_id: int
    owner: str


@dataclass(frozen=True, slots=True)
class Choices:
    """Bands from the top; live models as (id, name), in the order in which they are asked; teams and people
    by name, as (id, name); the values in normal form that the leads have in some columns, at most `LIMIT` a
    column; `views` are the saved views that they may open.
    """

    bands: Sequence[Band]
    models: Sequence[tuple[int, str]]
    teams: Sequence[tuple[int, str]]
    people: Sequence[tuple[int, str]]
    views: Sequence[KeptList]
    rare: str
    values: Mapping[str, Sequence[str]]


def choices_of(user: User, *, worked_by: str | None = None, values: Values = ()) -> Choices:
    """What this person can choose among, of the bands that sales or marketing works, or of all. One query.

    It also says of some values (`values_sql`) that are asked for already which is rare.
    """
    everybody = access.sees_all(user)
    with connection.cursor() as cursor:
        mine: dict[str, Any] = {
            "user": user.pk,
            "all": everybody,
            "teams": list(user.team_ids),
            "limit": LIMIT,
        }
        counting = how_often(values)
        cursor.execute(_QUERY + (f" UNION ALL {counting}" if counting else ""), mine | dict(values))
        rows = cursor.fetchall()
    scales = scorer().scales()
    named = {kind: [(pk, name) for of, pk, name in rows if of == kind] for kind in ("team", "person", "view")}
    return Choices(
        bands=scales.bands(worked_by=worked_by),
        models=list(scales.models.items()),
        teams=_by_name(named["team"]),
        people=_by_name(named["person"]),
        views=_kept(named["view"]),
        rare=rarest([(column, count) for of, count, column in rows if of == "count"]) if values else "",
        values={column: [value for of, _, value in rows if of == column] for column, _table in _COLUMNS},
    )


def _by_name(names: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    return sorted(names, key=lambda entry: (entry[1].casefold(), entry[0]))


def _kept(told: Sequence[tuple[int, str]]) -> list[KeptList]:
    views = [KeptList(pk, **json.loads(view)) for pk, view in told]
    return sorted(views, key=lambda view: (view.name.casefold(), view.pk))
