"""What a merge may take from the absorbed lead beside its values.

One table: by it a preview says what will be, and the merge then does it.
Signals, outcomes, deeds and earlier overrides stay with the lead that they are of, and the kept lead's page
shows them with its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from leads import overrides
from leads.assigning import assigning
from leads.merging.pair import Doing, Pair
from leads.merging.values import take_account
from leads.models import Assigned, Claim, Lead, Outcome, OutcomeKind, Override
from leads.queue import claims

ACCOUNT, OWNER, OVERRIDE, OUTCOME = "@account", "@owner", "@override", "@outcome"


@dataclass(frozen=True, slots=True)
class Part:
    """Something that each of two leads may have.

    `says` is how it reads on a page ("" for nothing). The absorbed lead's is offered where it has one and the
    kept one's is another; `wanted` says whether to suggest it. `take` is called where it was chosen, and
    `give_back` whenever a merge is undone.
    """

    label: Promise
    says: Callable[[Lead, datetime], str]
    wanted: Callable[[Pair], bool]
    take: Callable[[Doing], None]
    give_back: Callable[[Doing], None]


def _says_account(lead: Lead, at: datetime) -> str:
    return str(lead.account or "")


def _account_goes_with_values(doing: Doing) -> None:
    """Which account a lead belongs to is part of the history of its values, and goes back with them."""


def _says_owner(lead: Lead, at: datetime) -> str:
    return ", ".join(str(one) for one in (lead.owner, lead.team) if one is not None)


def _take_owner(doing: Doing) -> None:
    doing.merge.before |= {"team": doing.kept.team_id, "owner": doing.kept.owner_id}
    _assign(doing, doing.absorbed.team_id, doing.absorbed.owner_id)


def _give_owner_back(doing: Doing) -> None:
    """Unless the lead was given to somebody else meanwhile."""
    before, kept = doing.merge.before, doing.kept
    taken = (doing.absorbed.team_id, doing.absorbed.owner_id)
    if "owner" in before and (kept.team_id, kept.owner_id) == taken:
        _assign(doing, before["team"], before["owner"])


def _assign(doing: Doing, team_id: int | None, owner_id: int | None) -> None:
    doing.kept.team_id, doing.kept.owner_id = team_id, owner_id
    with assigning(actor=doing.actor, why=Assigned.REASSIGNED, at=doing.at):
        doing.kept.save(update_fields=("team", "owner"))


def _says_override(lead: Lead, at: datetime) -> str:
    override = overrides.running_on(lead, at=at)
    if override is None:
        return ""
    what = override.band or ("" if override.points is None else str(override.points))
    said = " ".join(part for part in (str(override.get_kind_display()), what) if part)
    return f"{said} ({override.author})"


def end_override(doing: Doing) -> None:
    """An absorbed lead has no score to override."""
    override = overrides.running_on(doing.absorbed, at=doing.at)
    if override is not None:
        overrides.end(override, actor=doing.actor, at=doing.at)
        doing.merge.before["override_ended"] = override.pk


def _take_override(doing: Doing) -> None:
    """The kept lead gets one that says the same, in place of its own."""
    ended = Override.objects.filter(pk=doing.merge.before.get("override_ended")).first()
    if ended is None:
        return
    replaced = overrides.running_on(doing.kept, at=doing.at)
    if replaced is not None:
        overrides.end(replaced, actor=doing.actor, at=doing.at)
    taken = overrides.resume(ended, actor=doing.actor, at=doing.at, lead=doing.kept, replaces=replaced)
    doing.merge.before["override_taken"] = taken and taken.pk


def _give_override_back(doing: Doing) -> None:
    before, active = doing.merge.before, overrides.active(at=doing.at)
    taken = active.filter(pk=before.get("override_taken"), lead=doing.kept).select_related("replaces").first()
    if taken is not None:
        overrides.end(taken, actor=doing.actor, at=doing.at)
        if taken.replaces is not None:
            overrides.resume(taken.replaces, actor=doing.actor, at=doing.at)
    ended = Override.objects.filter(pk=before.get("override_ended")).first()
    if ended is not None:
        overrides.resume(ended, actor=doing.actor, at=doing.at)


def _outcome(lead: Lead) -> Outcome | None:
    return Outcome.objects.filter(lead=lead, voided_at=None).first()


def _says_outcome(lead: Lead, at: datetime) -> str:
    outcome = _outcome(lead)
    return "" if outcome is None else str(outcome.get_kind_display())


def _was_won(pair: Pair) -> bool:
    absorbed = _outcome(pair.absorbed)
    return absorbed is not None and absorbed.kind == OutcomeKind.CONVERTED and _outcome(pair.kept) is None


def _take_outcome(doing: Doing) -> None:
    """The outcome moves, and closes the kept lead; one that is closed already keeps its own."""
    outcome = _outcome(doing.absorbed)
    if outcome is None or _outcome(doing.kept) is not None:
        return
    _move_outcome(outcome, doing.kept)
    doing.merge.before["outcome"] = outcome.pk
    held = claims.current(doing.kept, now=doing.at)
    if held is not None:
        claims.drop(held, actor=doing.actor, at=doing.at)


def _give_outcome_back(doing: Doing) -> None:
    """As it is now: if somebody took it back meanwhile, it is taken back."""
    outcome = Outcome.objects.filter(pk=doing.merge.before.get("outcome")).first()
    if outcome is not None:
        _move_outcome(outcome, doing.absorbed)
        doing.kept.is_open = _outcome(doing.kept) is None
        doing.kept.save(update_fields=("is_open",))


def _move_outcome(outcome: Outcome, lead: Lead) -> None:
    outcome.lead = lead
    outcome.save(update_fields=("lead",))
    lead.is_open = outcome.voided_at is not None
    lead.save(update_fields=("is_open",))


def close(doing: Doing) -> None:
    """An absorbed lead is nobody's to work."""
    doing.merge.before["open"] = doing.absorbed.is_open
    doing.absorbed.is_open = False
    doing.absorbed.save(update_fields=("is_open",))


def reopen(doing: Doing) -> None:
    doing.absorbed.is_open = bool(doing.merge.before["open"]) and _outcome(doing.absorbed) is None
    doing.absorbed.save(update_fields=("is_open",))


def take_claim(doing: Doing) -> None:
    """Who holds the absorbed lead holds the kept one from here on, unless somebody does already."""
    held = claims.current(doing.absorbed, now=doing.at)
    if held is None:
        return
    free = claims.current(doing.kept, now=doing.at) is None and doing.kept.is_open
    claims.drop(held, actor=doing.actor, at=doing.at)
    if free:
        _hold(doing.kept, held)
        doing.merge.before["claim_of"] = held.user_id


def give_claim_back(doing: Doing) -> None:
    held = claims.current(doing.kept, now=doing.at)
    if held is not None and held.user_id == doing.merge.before.get("claim_of") and doing.absorbed.is_open:
        claims.drop(held, actor=doing.actor, at=doing.at)
        _hold(doing.absorbed, held)


def _hold(lead: Lead, held: Claim) -> None:
    term = {"user_id": held.user_id, "taken_at": held.taken_at, "expires_at": held.expires_at}
    Claim.objects.update_or_create(lead=lead, defaults=term)


def _missing(says: Callable[[Lead, datetime], str]) -> Callable[[Pair], bool]:
    """Suggest the other's where the kept lead has none."""
    return lambda pair: not says(pair.kept, pair.at)


PARTS: Mapping[str, Part] = {
    ACCOUNT: Part(
        _("Company"), _says_account, _missing(_says_account), take_account, _account_goes_with_values
    ),
    OWNER: Part(
        _("Owner and team"),
        _says_owner,
        lambda pair: pair.kept.owner_id is None,
        _take_owner,
        _give_owner_back,
    ),
    OVERRIDE: Part(
        _("Override"), _says_override, _missing(_says_override), _take_override, _give_override_back
    ),
    OUTCOME: Part(_("Outcome"), _says_outcome, _was_won, _take_outcome, _give_outcome_back),
}
