"""What undoing a merge would do, said before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads import access
from leads.merging import objections
from leads.merging.parts import PARTS
from leads.merging.verbs import undoable
from leads.models import Activity, Attribute, Merge, Outcome, Override, Signal
from leads.queue import claims
from leadscoring.people.models import User


@dataclass(frozen=True, slots=True)
class Parting:
    """`returns` is what goes back to the lead that it was taken from; `stays` what was done on the kept lead
    since the merge, and stays there; `moves` how many signals since then named the absorbed one."""

    merge: Merge
    returns: Sequence[str]
    stays: Sequence[str]
    moves: int
    objection: str


def parting(*, merge_id: int, user: User, at: datetime) -> Parting:
    """Raises DomainError as `verbs.undo_merge` does."""
    merge = undoable(merge_id, actor=user, at=at)
    access.check_may_work(user, merge.kept, now=at)
    moves = _signals(merge.absorbed_id, merge)
    return Parting(merge, _returns(merge), _stays(merge, at), moves, _objection(merge))


def _returns(merge: Merge) -> list[str]:
    labels = dict(Attribute.objects.filter(key__in=merge.choices).values_list("key", "label"))
    parts = {key: str(part.label) for key, part in PARTS.items()}
    return [parts.get(key) or labels.get(key, key) for key in merge.choices]


def _stays(merge: Merge, at: datetime) -> list[str]:
    """Whoever did it looked at the kept lead: nobody can say of which of the two they thought."""
    before, since = merge.before, {"lead": merge.kept_id}
    overrides = Override.objects.filter(**since, starts_at__gte=merge.merged_at).exclude(
        pk=before.get("override_taken")
    )
    outcomes = Outcome.objects.filter(**since, recorded_at__gte=merge.merged_at).exclude(
        pk=before.get("outcome")
    )
    deeds = Activity.objects.filter(**since, at__gte=merge.merged_at, undone_at=None).exclude(merge=merge)
    notes = deeds.filter(verb=Activity.Verb.NOTE).count()
    said = [
        _said(overrides.count(), "%(count)d override", "%(count)d overrides"),
        _said(outcomes.count(), "%(count)d outcome", "%(count)d outcomes"),
        _said(notes, "%(count)d note", "%(count)d notes"),
        _said(
            deeds.count() - notes,
            "%(count)d other line of what people did",
            "%(count)d other lines of what people did",
        ),
        _said(_signals(merge.kept_id, merge), "%(count)d signal", "%(count)d signals"),
    ]
    held = claims.current(merge.kept, now=at)
    if held is not None and held.user_id != before.get("claim_of"):
        said.append(_("the claim of %(person)s") % {"person": held.user})
    return [one for one in said if one]


def _signals(lead_id: int, merge: Merge) -> int:
    """How many that stand came in for that lead since the merge."""
    return Signal.objects.filter(lead=lead_id, received_at__gte=merge.merged_at, retracted_at=None).count()


def _said(count: int, one: str, many: str) -> str:
    return ngettext(one, many, count) % {"count": count} if count else ""


def _objection(merge: Merge) -> str:
    if merge.absorbed.objected_at is None and objections.TAKEN not in merge.before:
        return ""
    return _("Each lead has the objection to being scored again that it had itself.")
