"""Two ways to a page of a search, so that it stays bounded however many leads there are.

Where few leads have one of the words, those are all looked at. Where many have each, one comes to the next
that has all of them soon: ranges of ids are looked through, the newest first and each wider than the one
before. The database left alone reads all that have a word to show the newest fifty of them, and looks for a
part of a company's name among all companies.
"""

from collections.abc import Sequence

from django.db import connection
from django.db.models import QuerySet

from leads.models import Lead

FEW = 500
FIRST_RANGE, WIDENS = 5_000, 4

_HAVE = """
SELECT id FROM (
    SELECT id FROM leads_lead WHERE first_name LIKE %(begins)s
    UNION ALL
    SELECT id FROM leads_lead WHERE last_name LIKE %(begins)s
    UNION ALL
    SELECT id FROM leads_lead WHERE email LIKE %(begins)s
    UNION ALL
    SELECT l.id FROM leads_account a JOIN leads_lead l ON l.account_id = a.id WHERE a.company LIKE %(has)s
) have LIMIT %(most)s
"""


def few_with(words: Sequence[str]) -> list[int] | None:
    """All leads that have a certain one of these words, which few have; None where many have each.

    A lead has a word that begins its first name, last name or e-mail, or is part of its company's name.
    """
    for word in sorted(words, key=len, reverse=True):
        text = connection.ops.prep_for_like_query(word)
        with connection.cursor() as cursor:
            cursor.execute(_HAVE, {"begins": f"{text}%", "has": f"%{text}%", "most": FEW + 1})
            found = [pk for (pk,) in cursor.fetchall()]
        if len(found) <= FEW:
            return found
    return None


def newest(leads: QuerySet[Lead], *, before: int | None, size: int) -> list[Lead]:
    """The first `size` of them with lower ids than `before` (None: of all), by descending id."""
    high = _greatest() + 1
    high = high if before is None else min(before, high)
    found: list[Lead] = []
    width = FIRST_RANGE
    while high > 0 and len(found) < size:
        within = leads.filter(pk__lt=high, pk__gte=max(high - width, 0))
        found += within.order_by("-pk")[: size - len(found)]
        high, width = high - width, width * WIDENS
    return found


def oldest(leads: QuerySet[Lead], *, after: int, size: int) -> list[Lead]:
    """The first `size` of them with greater ids than `after`, by ascending id."""
    low, end = after + 1, _greatest()
    found: list[Lead] = []
    width = FIRST_RANGE
    while low <= end and len(found) < size:
        within = leads.filter(pk__gte=low, pk__lt=low + width)
        found += within.order_by("pk")[: size - len(found)]
        low, width = low + width, width * WIDENS
    return found


def _greatest() -> int:
    return Lead.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
