"""Merging two leads, and undoing it within 30 days.

Scores of before the merge stay those of two leads; from then on the kept one has the signals of both. Nothing
of the absorbed lead moves but what was chosen, so undoing gives both back what they had. What came in between
goes where it belongs by its own key: signals and values that named the absorbed lead by its external id or
e-mail are its own, what named the kept one or was done on its page stays there.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from leads import access
from leads.ingestion.history import received
from leads.merging import objections, parts
from leads.merging.members import UNDO_WITHIN
from leads.merging.offer import offers, suggested
from leads.merging.pair import Doing, Pair, check_two
from leads.merging.parts import PARTS
from leads.merging.seen import Seen, check_unmoved, seen_of
from leads.merging.values import give_values_back, take_values
from leads.models import Activity, Lead, Merge, Score
from leads.models.score import NEVER
from leads.models.score_change import Cause
from leads.stale import mark_accounts_stale, mark_stale
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User

LOWEST_BAND = -32_768  # below the bands of every version


@transaction.atomic
def merge(
    *,
    kept_id: int,
    absorbed_id: int,
    actor: User,
    at: datetime,
    choices: Collection[str] | None = None,
    seen: Seen | None = None,
) -> Merge:
    """Make two leads one: `kept`, which takes from the other what `choices` name (None: what is suggested).

    Whoever may work both may do it; with `seen` only while both say what they said then. Raises DomainError:
    `lead.not_found`, `lead.not_yours`, `merge.same`, `merge.absorbed` where one was absorbed meanwhile,
    `merge.moved`, `merge.choice`.
    """
    kept, absorbed = lock_both(kept_id, absorbed_id, actor=actor, at=at)
    at = _not_ahead_of_the_database(at)
    pair = Pair(kept, absorbed, at)
    if seen is not None:
        check_unmoved(seen, seen_of(pair, offers(pair)))
    chosen = suggested(pair) if choices is None else _checked(pair, choices)
    received(at=at)
    made = _record(pair, chosen, actor)
    doing = Doing(made, kept, absorbed, actor, at)
    parts.end_override(doing)
    take_values(doing, chosen)
    for key in chosen:
        if key in PARTS:
            PARTS[key].take(doing)
    parts.take_claim(doing)
    objections.take(doing)
    parts.close(doing)
    made.save(update_fields=("before",))
    _put_score_away(absorbed, at)
    _mark(kept, absorbed)
    Activity.objects.create(lead=kept, actor=actor, verb=Activity.Verb.MERGED, at=at, merge=made)
    record(action="lead.merged", target=kept, actor=actor, at=at, merge=made.pk, absorbed=absorbed.pk)
    return made


@transaction.atomic
def undo_merge(*, merge_id: int, actor: User, at: datetime) -> Merge:
    """Make two leads of one again. Whoever may work the kept lead may do it, within 30 days.

    Raises DomainError: `merge.not_found`, `lead.not_found`, `lead.not_yours`, `merge.undone`,
    `merge.too_late`.
    """
    found = undoable(merge_id, actor=actor, at=at)
    leads = _lock((found.kept_id, found.absorbed_id))
    kept, absorbed = leads[found.kept_id], leads[found.absorbed_id]
    access.check_may_work(actor, kept, now=at)
    found.refresh_from_db()
    _check_undoable(found, at)
    doing = Doing(found, kept, absorbed, actor, max(at, found.merged_at))
    _end(found, doing)
    give_values_back(doing)
    for part in PARTS.values():
        part.give_back(doing)
    parts.reopen(doing)
    parts.give_claim_back(doing)
    objections.give_back(doing)
    _mark(kept, absorbed)
    Activity.objects.filter(merge=found, undone_at=None).update(undone_at=doing.at)
    record(action="lead.unmerged", target=kept, actor=actor, at=at, merge=found.pk, absorbed=absorbed.pk)
    return found


def undoable(merge_id: int, *, actor: User, at: datetime) -> Merge:
    """A merge whose lead this person sees and that can be undone. Raises DomainError as `undo_merge` does."""
    rows = Merge.objects.select_related("kept", "absorbed", "merged_by")
    found = rows.filter(pk=merge_id, through=None).first()
    if found is None:
        raise DomainError("merge.not_found", _("There is no such merge."))
    access.get_lead(actor, found.kept_id)
    _check_undoable(found, at)
    return found


def lock_both(kept_id: int, absorbed_id: int, *, actor: User, at: datetime) -> tuple[Lead, Lead]:
    """Two leads that this person may make one, locked in the order of their ids. Raises DomainError."""
    check_two(kept_id, absorbed_id)
    for lead_id in (kept_id, absorbed_id):
        access.get_lead(actor, lead_id)
    leads = _lock((kept_id, absorbed_id))
    for lead in leads.values():
        if lead.absorbed_into_id is not None:
            raise DomainError("merge.absorbed", _("One of these leads has just become one with another."))
        access.check_may_work(actor, lead, now=at)
    return leads[kept_id], leads[absorbed_id]


def _lock(ids: Collection[int]) -> dict[int, Lead]:
    rows = Lead.objects.select_for_update(of=("self",)).select_related("account", "owner", "team")
    return {lead.pk: lead for lead in rows.filter(pk__in=ids).order_by("pk")}


def _not_ahead_of_the_database(at: datetime) -> datetime:
    """Scores are of the database's clock, and have to see the merge from the moment on that it commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT LEAST(%s::timestamptz, clock_timestamp())", [at])
        moment: datetime = cursor.fetchone()[0]
        return moment


def _checked(pair: Pair, choices: Collection[str]) -> list[str]:
    known = {one.key for one in offers(pair) if one.can_choose}
    if not known.issuperset(choices):
        raise DomainError("merge.choice", _("The leads have changed meanwhile. Look at them again."))
    return sorted(set(choices))


def _record(pair: Pair, chosen: Collection[str], actor: User) -> Merge:
    """Write the merge, and that the kept lead has what the other one had absorbed."""
    brought = list(
        Merge.objects.filter(kept=pair.absorbed, undone_at=None).values_list("absorbed", flat=True)
    )
    try:
        with transaction.atomic():
            made = Merge.objects.create(
                kept=pair.kept,
                absorbed=pair.absorbed,
                merged_at=pair.at,
                merged_by=actor,
                choices=list(chosen),
            )
    except IntegrityError:
        raise DomainError(
            "merge.absorbed", _("One of these leads has just become one with another.")
        ) from None
    Merge.objects.bulk_create(
        Merge(kept=pair.kept, absorbed_id=lead_id, merged_at=pair.at, merged_by=actor, through=made)
        for lead_id in sorted(set(brought))
    )
    return made


def _check_undoable(found: Merge, at: datetime) -> None:
    if found.undone_at is not None:
        raise DomainError("merge.undone", _("This merge has been undone already."))
    if at - found.merged_at > UNDO_WITHIN:
        raise DomainError("merge.too_late", _("A merge can be undone for 30 days only."))


def _end(found: Merge, doing: Doing) -> None:
    """The merge, and with it what came along, was never so. One statement a row: triggers follow each."""
    ending = {"undone_at": doing.at, "undone_by": doing.actor}
    Merge.objects.filter(through=found, undone_at=None).update(**ending)
    Merge.objects.filter(pk=found.pk).update(**ending)
    found.refresh_from_db()


def _put_score_away(absorbed: Lead, at: datetime) -> None:
    """No page ranks a closed score, and none that was computed before writes over it."""
    put_away = {"due_at": None, "is_open": False, "scored_at": at}
    if not Score.objects.filter(lead=absorbed).update(**put_away):
        Score.objects.bulk_create(
            [
                Score(
                    lead=absorbed,
                    version_id=0,
                    last_intent_at=NEVER,
                    engagement=0,
                    fit=0,
                    total=0,
                    band=LOWEST_BAND,
                    hits=0,
                    **put_away,
                )
            ],
            update_conflicts=True,
            unique_fields=["lead"],
            update_fields=list(put_away),
        )


def _mark(*leads: Lead) -> None:
    """Both leads, and all of their accounts: whoever is one person now counts once among colleagues."""
    mark_stale([lead.pk for lead in leads], Cause.MERGE)
    now = Lead.objects.filter(pk__in=[lead.pk for lead in leads]).values_list("account_id", flat=True)
    accounts = {pk for pk in (*now, *(lead.account_id for lead in leads)) if pk is not None}
    if accounts:
        mark_accounts_stale(accounts)
