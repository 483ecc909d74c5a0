"""Two ways to a page of a search, so that it stays bounded however many leads there are.

Where few leads have one of the words, those are all looked at. Where many have each, one comes to the next
that has all of them soon: ranges of ids are looked through, the newest first, each as wide as what was found
before lets one expect. The database left alone reads all that have a word to show the newest fifty of them,
and looks for a part of a company's name among all companies.
"""

from collections.abc import Sequence
from math import ceil

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from leads.models import Lead

FEW = 1_000
FIRST_RANGE = 32_000
# By how much more than expected a range is wider, and by how much at most than the one before.
SURPLUS, WIDEST = 1.25, 16

# Each branch has its own limit: without, one that hardly runs is planned as if it ran to its end.
_HAVE = """
SELECT id FROM (
    (SELECT id FROM leads_lead WHERE first_name LIKE %(begins)s LIMIT %(most)s)
    UNION ALL
    (SELECT id FROM leads_lead WHERE last_name LIKE %(begins)s LIMIT %(most)s)
    UNION ALL
    (SELECT id FROM leads_lead WHERE email LIKE %(begins)s LIMIT %(most)s)
    UNION ALL
    (SELECT l.id FROM leads_account a JOIN leads_lead l ON l.account_id = a.id WHERE a.company LIKE %(has)s
      LIMIT %(most)s)
    UNION ALL
    SELECT id FROM leads_lead WHERE external_id = %(external_id)s
) have LIMIT %(most)s
"""
# OFFSET 0: first who is in the range, in order, then who may be seen, then who has the words, as many as are
# missing. Asked for together, the database looks up all leads of a team first.
_RANGE = '(SELECT * FROM leads_lead WHERE id >= %s AND id < %s ORDER BY id {order} OFFSET 0) "leads_lead"'
_IN_RANGE = "SELECT l.id FROM ({leads} OFFSET 0) l WHERE l.external_id = %s OR {words} LIMIT {size}"
_COLUMNS = ("id", "account_id", "first_name", "last_name", "email", "external_id")
_HAS_WORD = """(l.first_name LIKE %s OR l.last_name LIKE %s OR l.email LIKE %s
        OR (SELECT a.company FROM leads_account a WHERE a.id = l.account_id) LIKE %s)"""


def few_with(words: Sequence[str], external_id: str) -> RawSQL | None:
    """The ids of all leads that have a certain one of these words, which few have; None where many have each.

    A lead has a word that begins its first name, last name or e-mail, or is part of its company's name. The
    one whose external id that is has all words.
    """
    for word in sorted(words, key=len, reverse=True):
        begins, has = _patterns(word)
        with connection.cursor() as cursor:
            cursor.execute(_HAVE, {"begins": begins, "has": has, "external_id": external_id, "most": FEW + 1})
            found = [pk for (pk,) in cursor.fetchall()]
        if len(found) <= FEW:
            return RawSQL("SELECT unnest(%s::bigint[])", [found])
    return None


class Walk:
    """A way through the leads that have all of some words, or whose external id is the whole query."""

    def __init__(self, words: Sequence[str], external_id: str) -> None:
        self._words = " AND ".join(_HAS_WORD for _word in words)
        patterns = [(begins, begins, begins, has) for begins, has in map(_patterns, words)]
        self._values = [external_id, *(pattern for of_word in patterns for pattern in of_word)]

    def newest(self, leads: QuerySet[Lead], *, before: int | None, size: int) -> list[Lead]:
        """The first `size` of them with lower ids than `before` (None: of all), by descending id."""
        high = _greatest() + 1
        high = high if before is None else min(before, high)
        found: list[Lead] = []
        width = FIRST_RANGE
        while high > 0 and len(found) < size:
            low = max(high - width, 0)
            some = self._within(leads, low, high, order="-pk", size=size - len(found))
            found += some
            high, width = low, _wider(width, len(some), size - len(found))
        return found

    def oldest(self, leads: QuerySet[Lead], *, after: int, size: int) -> list[Lead]:
        """The first `size` of them with greater ids than `after`, by ascending id."""
        low, end = after + 1, _greatest()
        found: list[Lead] = []
        width = FIRST_RANGE
        while low <= end and len(found) < size:
            some = self._within(leads, low, low + width, order="pk", size=size - len(found))
            found += some
            low, width = low + width, _wider(width, len(some), size - len(found))
        return found

    def _within(self, leads: QuerySet[Lead], low: int, high: int, *, order: str, size: int) -> list[Lead]:
        seen = leads.order_by(order).values(*_COLUMNS)
        try:
            statement, values = seen.query.sql_with_params()
        except EmptyResultSet:  # of one that is known beforehand to be of nobody
            return []
        of_range = _RANGE.format(order="DESC" if order == "-pk" else "ASC")
        in_range = statement.replace('FROM "leads_lead"', f"FROM {of_range}", 1)
        found = RawSQL(
            _IN_RANGE.format(leads=in_range, words=self._words, size=size),
            [low, high, *values, *self._values],
        )
        return list(leads.filter(pk__in=found).order_by(order))


def _wider(width: int, found: int, missing: int) -> int:
    """How wide a range is next, when one of `width` had `found`."""
    return ceil(width * min(max(SURPLUS * missing / max(found, 1), 1), WIDEST))


def _patterns(word: str) -> tuple[str, str]:
    text = connection.ops.prep_for_like_query(word)
    return f"{text}%", f"%{text}%"


def _greatest() -> int:
    return Lead.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
