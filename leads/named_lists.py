"""Addresses of lists under a name, saved views and segments alike."""

from collections.abc import Set

from django.db.models import QuerySet
from django.utils.text import slugify

from leads.models import SavedView, Segment

_LONGEST_SLUG = 60


def free_slug(
    name: str, lists: QuerySet[SavedView] | QuerySet[Segment], *, nameless: str, reserved: Set[str]
) -> str:
    """The name as an address, with a number behind it where others have it."""
    base = slugify(name, allow_unicode=True)[:_LONGEST_SLUG].strip("-_") or nameless
    taken = reserved | set(lists.filter(slug__startswith=base).values_list("slug", flat=True))
    candidates = (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3)))
    return next(slug for slug in candidates if slug not in taken)
