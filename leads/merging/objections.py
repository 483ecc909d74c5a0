"""Objections to profiling of two leads that are one person: either's holds for the merged lead.

Undoing gives the kept lead back what it had, unless its objection was changed meanwhile; the absorbed one's
own is never touched.
"""

from datetime import datetime

from leads.merging.pair import Doing
from leads.models import Claim, Score

BEFORE, TAKEN = "objected_before", "objected_taken"


def take(doing: Doing) -> None:
    """The kept lead is out of scoring since the earlier of the two objections."""
    kept, other = doing.kept.objected_at, doing.absorbed.objected_at
    if other is None or (kept is not None and kept <= other):
        return
    doing.merge.before |= {BEFORE: kept and kept.isoformat(), TAKEN: other.isoformat()}
    _set(doing, other)
    Score.objects.filter(lead=doing.kept).delete()
    Claim.objects.filter(lead=doing.kept).delete()


def give_back(doing: Doing) -> None:
    """To the kept lead what it had itself. Of an absorbed one that objects no score is left over."""
    before, now = doing.merge.before, doing.kept.objected_at
    if TAKEN in before and now is not None and now.isoformat() == before[TAKEN]:
        own = before[BEFORE]
        _set(doing, None if own is None else datetime.fromisoformat(own))
    if doing.absorbed.objected_at is not None:
        Score.objects.filter(lead=doing.absorbed).delete()


def _set(doing: Doing, at: datetime | None) -> None:
    doing.kept.objected_at = at
    doing.kept.save(update_fields=("objected_at",))
