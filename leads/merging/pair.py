"""The two leads of a merge, and what each part of it is told."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from leads.models import Lead, Merge
from leadscoring.errors import DomainError
from leadscoring.people.models import User


@dataclass(frozen=True, slots=True)
class Pair:
    """Two leads at a moment: which is kept, which absorbed."""

    kept: Lead
    absorbed: Lead
    at: datetime


def check_two(kept_id: int, absorbed_id: int) -> None:
    """Raises DomainError `merge.same` where these are one lead."""
    if kept_id == absorbed_id:
        raise DomainError("merge.same", _("That is one and the same lead."))


@dataclass(frozen=True, slots=True)
class Doing:
    """A merge that is being done or undone `at`, both leads locked. `merge.before` has what undoing needs."""

    merge: Merge
    kept: Lead
    absorbed: Lead
    actor: User
    at: datetime
