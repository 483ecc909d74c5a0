"""What a merge would bring: what each lead says, the score with the signals of both, and what comes along.

Made by the same table as the merge itself (`offer`, `parts`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from leads import access
from leads.merging.members import members_of
from leads.merging.offer import Offer, offers, suggested
from leads.merging.pair import Pair, check_two
from leads.merging.parts import ACCOUNT
from leads.merging.values import row_with
from leads.models import Activity, Lead, Outcome, Override, Signal
from leads.scorer import MergedScore, Merging, scorer
from leadscoring.people.models import User


@dataclass(frozen=True, slots=True)
class Comes:
    """How much of what is known of the absorbed lead is shown with the kept one, exactly."""

    signals: int
    deeds: int
    outcomes: int
    overrides: int
    leads: int  # that it had absorbed


@dataclass(frozen=True, slots=True)
class Preview:
    """`score` is None where nothing would score the lead; `objects`: because one of the two objected."""

    pair: Pair
    lines: Sequence[Offer]
    chosen: Collection[str]
    merging: Merging
    score: MergedScore | None
    comes: Comes
    objects: bool


def pair_for(*, kept_id: int, absorbed_id: int, user: User, at: datetime) -> Pair:
    """Two leads that this person may merge. Raises DomainError as `verbs.merge` does."""
    check_two(kept_id, absorbed_id)
    kept, absorbed = (access.get_lead(user, lead_id) for lead_id in (kept_id, absorbed_id))
    for lead in (kept, absorbed):
        access.check_may_work(user, lead, now=at)
    return Pair(kept, absorbed, at)


def preview(pair: Pair, choices: Collection[str] | None = None) -> Preview:
    """What would be if the two were merged now with these choices (None: with what is suggested)."""
    lines = offers(pair)
    wanted = suggested(pair) if choices is None else choices
    chosen = [line.key for line in lines if line.can_choose and line.key in wanted]
    merging = Merging(
        kept_id=pair.kept.pk,
        absorbed_ids=members_of(pair.absorbed),
        row=row_with(pair, chosen, with_account=ACCOUNT in chosen),
        keys=chosen,
    )
    objects = any(lead.objected_at is not None for lead in (pair.kept, pair.absorbed))
    score = None if objects else scorer().merged_score(merging, as_of=pair.at)
    return Preview(pair, lines, chosen, merging, score, comes_of(pair.absorbed), objects)


def comes_of(absorbed: Lead) -> Comes:
    """What comes along with a lead that is absorbed."""
    members = members_of(absorbed)
    return Comes(
        signals=Signal.objects.filter(lead__in=members).count(),
        deeds=Activity.objects.filter(lead__in=members).count(),
        outcomes=Outcome.objects.filter(lead__in=members).count(),
        overrides=Override.objects.filter(lead__in=members).count(),
        leads=len(members) - 1,
    )
