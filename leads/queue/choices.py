"""What a list can be filtered by: the bands, teams, people and values that make a difference to somebody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from leads import access
from leads.scorer import Band, Scales, scorer
from leadscoring.people.models import Membership, Team, User

LIMIT = 40
_COLUMNS = (("source", "leads_lead"), ("country", "leads_lead"), ("industry", "leads_account"))
# One step along the column's index per value, however many leads there are.
_VALUES = """
SELECT '{column}', value FROM (
    WITH RECURSIVE found(value) AS (
        (SELECT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY {column} LIMIT 1)
        UNION ALL
        SELECT (SELECT {column} FROM {table} WHERE {column} > found.value ORDER BY {column} LIMIT 1)
        FROM found WHERE found.value IS NOT NULL
    )
    SELECT value FROM found WHERE value IS NOT NULL LIMIT %(limit)s
) of_{column}
"""


@dataclass(frozen=True, slots=True)
class Choices:
    """Bands from the top; teams and people by name, as (id, name)."""

    bands: Sequence[Band]
    teams: Sequence[tuple[int, str]]
    people: Sequence[tuple[int, str]]


def choices_of(user: User, *, worked_by: str) -> Choices:
    """What this person can choose among, of the bands that sales or marketing works."""
    return choices_on(scorer().scales(), user, worked_by=worked_by)


def choices_on(scales: Scales, user: User, *, worked_by: str) -> Choices:
    """The same where the scales are known already. One query, two for who sees all teams."""
    members = Membership.objects.all()
    if not access.sees_all(user):
        members = members.filter(team__in=user.team_ids)
    rows = members.values_list("team_id", "team__name", "user_id", "user__name", "user__email")
    found = [(team, name, person, called or email) for team, name, person, called, email in rows]
    teams = {team: name for team, name, _person, _called in found}
    if access.sees_all(user):
        teams = dict(Team.objects.values_list("pk", "name"))
    return Choices(
        bands=scales.bands(worked_by=worked_by),
        teams=_by_name(teams),
        people=_by_name({person: called for _team, _name, person, called in found}),
    )


def known_values() -> Mapping[str, Sequence[str]]:
    """The values that leads have, in normal form and in order, at most `LIMIT` a column. One query."""
    parts = [_VALUES.format(column=column, table=table) for column, table in _COLUMNS]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), {"limit": LIMIT})
        rows = cursor.fetchall()
    return {name: [value for column, value in rows if column == name] for name, _table in _COLUMNS}


def _by_name(names: Mapping[int, str]) -> list[tuple[int, str]]:
    return sorted(names.items(), key=lambda entry: (entry[1].casefold(), entry[0]))
