"""Giving leads to other people: one lead, some, or all open leads of a person, as one act.

Managers do it with the leads of their teams, Admins with the book of somebody who has left. What one act did
can be taken back for a day, as one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from leads import access
from leads.assigning import assigning
from leads.dealing import Deal, Dealt, Hands, Way, deal, hands
from leads.models import Activity, Assigned, Claim, Lead, ReassignedLead, Reassignment, Turn
from leads.undoing import check_in_time, check_once
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role

MOST_SELECTED = 500


@dataclass(frozen=True, slots=True)
class Selection:
    """Which leads: those of `lead_ids`, or where `book_of` is given all that this person has. Open ones."""

    lead_ids: tuple[int, ...] = ()
    book_of: User | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a reassignment would do. `elsewhere` are leads of the book that the actor may not give away."""

    deal: Deal
    claims: int
    elsewhere: int


def may_reassign(user: User, selection: Selection) -> bool:
    """Whether this person may give leads of that selection away at all."""
    return access.works_whole_teams(user) or _may_clear(user, selection.book_of)


def leads_of(selection: Selection, *, actor: User) -> QuerySet[Lead]:
    """The open leads of the selection that the actor may give away, in no order."""
    whole = _may_clear(actor, selection.book_of)
    leads = (Lead.objects.all() if whole else access.managed_leads(actor)).filter(is_open=True)
    if selection.book_of is not None:
        return leads.filter(owner=selection.book_of)
    return leads.filter(pk__in=selection.lead_ids)


def hands_for(selection: Selection, *, actor: User) -> Hands:
    """To whom the actor may give leads of that selection."""
    found = hands(None if _may_clear(actor, selection.book_of) else actor.team_ids)
    leaver = None if selection.book_of is None else selection.book_of.pk
    return Hands({user_id: teams for user_id, teams in found.teams_of.items() if user_id != leaver})


def preview(*, selection: Selection, way: Way, to: Sequence[User], actor: User, at: datetime) -> Preview:
    """Who would get how many. Changes nothing; raises DomainError as `reassign` does."""
    among = _checked(selection, way, to, actor)
    ids = list(leads_of(selection, actor=actor).values_list("pk", flat=True))
    dealt = deal(ids, way=way, to=to, among=among, without=_leaver_id(selection))
    elsewhere = 0
    if selection.book_of is not None:
        elsewhere = Lead.objects.filter(is_open=True, owner=selection.book_of).count() - len(ids)
    return Preview(dealt, _claims(dealt.changed, selection, at=at).count(), elsewhere)


@transaction.atomic
def reassign(
    *, selection: Selection, way: Way, to: Sequence[User], expected: int, actor: User, at: datetime
) -> Reassignment:
    """Give the leads away: to the people `to` in turn, by turns of each team's reps, or to nobody.

    `expected` is how many would change hands as the actor saw it. Claims that others than the new owners
    hold end, and so do all of somebody whose book it is.
    Raises DomainError: `reassign.not_yours`, `reassign.to_nobody`, `reassign.to_stranger`, `reassign.many`,
    `reassign.none`, `reassign.changed`.
    """
    among = _checked(selection, way, to, actor)
    locked = leads_of(selection, actor=actor).select_for_update(no_key=True).order_by("pk")
    ids = list(locked.values_list("pk", flat=True))
    if way is Way.ROUTING:
        _lock_turns()
    dealt = deal(ids, way=way, to=to, among=among, without=_leaver_id(selection))
    changed = dealt.changed
    if not changed:
        raise DomainError("reassign.none", _("No lead would change hands."))
    if len(changed) != expected:
        raise DomainError(
            "reassign.changed",
            _("It is %(count)d leads by now. Look again, then give them away.") % {"count": len(changed)},
        )
    act = Reassignment.objects.create(
        way=way, book_of=selection.book_of, leads=len(changed), actor=actor, at=at
    )
    _write_moves(act, changed)
    released, _by_model = _claims(changed, selection, at=at).delete()
    _carry_out(act)
    _log(act)
    for team_id, user_id in dealt.last.items():
        Turn.objects.filter(team=team_id).update(last_user_id=user_id)
    shares = {str(owner or 0): count for owner, count in dealt.shares().items()}
    record(
        action="leads.reassigned",
        target=act,
        actor=actor,
        at=at,
        way=way,
        book_of=_leaver_id(selection),
        leads=len(changed),
        shares=shares,
        claims_ended=released,
    )
    return act


@transaction.atomic
def undo(*, reassignment_id: int, actor: User, at: datetime) -> int:
    """Give the leads back to whom they were taken from; how many. What somebody moved on since stays.

    Whoever did it may undo it, and so may a manager of all teams concerned, within a day.
    Raises DomainError: `reassign.not_found`, `reassign.not_yours`, `reassign.undone`, `reassign.too_late`.
    """
    moved = ReassignedLead.objects.filter(reassignment=reassignment_id).values("lead")
    list(Lead.objects.filter(pk__in=moved).select_for_update(no_key=True).order_by("pk").values_list("pk"))
    act = _undoable(reassignment_id, actor=actor, at=at)
    with assigning(actor=actor, why=Assigned.REASSIGNED, at=at), connection.cursor() as cursor:
        cursor.execute(_END_CLAIMS_BACK, {"act": act.pk, "at": at})
        cursor.execute(_BACK, {"act": act.pk})
        back = int(cursor.rowcount)
    act.undone_at, act.undone_by = at, actor
    act.save(update_fields=("undone_at", "undone_by"))
    Activity.objects.filter(reassignment=act).update(undone_at=at)
    record(action="leads.reassignment_undone", target=act, actor=actor, at=at, leads=back)
    return back


def may_see(act: Reassignment, *, user: User) -> bool:
    """Whether this person may look at it: an Admin, who did it, and who manages all that it is about."""
    if user.has_role(Role.ADMIN) or (act.actor_id == user.pk and user.has_role(Role.MANAGER)):
        return True
    return may_undo(act, user=user)


def may_undo(act: Reassignment, *, user: User) -> bool:
    """Whether this person may undo it while there is time: they did it, or manage all that it is about."""
    if act.actor_id == user.pk and user.has_role(Role.MANAGER, Role.ADMIN):
        return True
    if not access.works_whole_teams(user):
        return False
    return not act.moves.exclude(lead__in=access.managed_leads(user)).exists()


def _undoable(reassignment_id: int, *, actor: User, at: datetime) -> Reassignment:
    act = Reassignment.objects.select_for_update().filter(pk=reassignment_id).first()
    if act is None:
        raise DomainError("reassign.not_found", _("There is no such reassignment."))
    if not may_undo(act, user=actor):
        raise DomainError(
            "reassign.not_yours", _("Whoever did this can undo it, or a manager of all its teams.")
        )
    check_once("reassign", is_undone=act.undone_at is not None)
    check_in_time("reassign", done_at=act.at, at=at)
    return act


def _may_clear(user: User, book_of: User | None) -> bool:
    """Whether an Admin may give away all that somebody who has left owns, whatever the team."""
    return book_of is not None and not book_of.is_active and user.has_role(Role.ADMIN)


def _checked(selection: Selection, way: Way, to: Sequence[User], actor: User) -> Hands:
    if not may_reassign(actor, selection):
        raise DomainError(
            "reassign.not_yours",
            _("Leads are given away by managers of their team; of somebody who has left, by an Admin too."),
        )
    if len(selection.lead_ids) > MOST_SELECTED:
        raise DomainError("reassign.many", _("Choose at most %(count)d leads.") % {"count": MOST_SELECTED})
    among = hands_for(selection, actor=actor)
    if way is Way.PEOPLE and not to:
        raise DomainError("reassign.to_nobody", _("Choose who gets the leads."))
    for user in to:
        if way is Way.PEOPLE and user.pk not in among.teams_of:
            raise DomainError(
                "reassign.to_stranger", _("%(person)s works no leads of your teams.") % {"person": user}
            )
    return among


def _leaver_id(selection: Selection) -> int | None:
    return None if selection.book_of is None else selection.book_of.pk


def _claims(changed: Sequence[Dealt], selection: Selection, *, at: datetime) -> QuerySet[Claim]:
    """The running claims that end: of others than the new owner, and all of whose book it is."""
    owner_of = {lead.lead_id: lead.to_owner for lead in changed}
    held = Claim.objects.filter(expires_at__gt=at)
    others = [
        lead_id
        for lead_id, user_id in held.filter(lead__in=owner_of).values_list("lead", "user")
        if owner_of[lead_id] not in (None, user_id)
    ]
    ends = held.filter(lead__in=others)
    return ends if selection.book_of is None else ends | held.filter(user=selection.book_of)


def _lock_turns() -> None:
    """Let the turns of all teams stay as they are read, so that new leads and these share one round."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO leads_turn (team_id) SELECT id FROM people_team ORDER BY id ON CONFLICT DO NOTHING"
        )
    list(Turn.objects.select_for_update().order_by("team"))


def _write_moves(act: Reassignment, changed: Sequence[Dealt]) -> None:
    columns = zip(
        *((one.lead_id, one.from_team, one.from_owner, one.to_team, one.to_owner) for one in changed),
        strict=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(_MOVES, [act.pk, *(list(column) for column in columns)])


def _carry_out(act: Reassignment) -> None:
    with assigning(actor=act.actor, why=Assigned.REASSIGNED, at=act.at), connection.cursor() as cursor:
        cursor.execute(_FORTH, {"act": act.pk})


def _log(act: Reassignment) -> None:
    verb, nobody = Activity.Verb.REASSIGNED.value, _("nobody")
    with connection.cursor() as cursor:
        cursor.execute(
            _LOG, {"act": act.pk, "verb": verb, "nobody": nobody, "actor": act.actor_id, "at": act.at}
        )


_TABLE = ReassignedLead._meta.db_table
_MOVES = f"""
INSERT INTO {_TABLE} (reassignment_id, lead_id, from_team_id, from_owner_id, to_team_id, to_owner_id)
SELECT %s, * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
"""
_FORTH = f"""
UPDATE leads_lead l SET team_id = m.to_team_id, owner_id = m.to_owner_id
  FROM {_TABLE} m WHERE m.reassignment_id = %(act)s AND l.id = m.lead_id
"""
# Only where nobody has moved it on since.
_BACK = f"""
UPDATE leads_lead l
   SET team_id = (SELECT id FROM people_team WHERE id = m.from_team_id), owner_id = m.from_owner_id
  FROM {_TABLE} m
 WHERE m.reassignment_id = %(act)s AND l.id = m.lead_id
   AND (l.team_id, l.owner_id) IS NOT DISTINCT FROM (m.to_team_id, m.to_owner_id)
"""
_END_CLAIMS_BACK = f"""
DELETE FROM leads_claim c USING {_TABLE} m, leads_lead l
 WHERE m.reassignment_id = %(act)s AND c.lead_id = m.lead_id AND l.id = m.lead_id
   AND (l.team_id, l.owner_id) IS NOT DISTINCT FROM (m.to_team_id, m.to_owner_id)
   AND c.expires_at > %(at)s AND c.user_id = m.to_owner_id AND m.from_owner_id IS NOT NULL
"""
_LOG = f"""
INSERT INTO leads_activity (lead_id, actor_id, verb, at, note, before, reassignment_id)
SELECT m.lead_id, %(actor)s, %(verb)s, %(at)s,
       COALESCE(f.name, %(nobody)s) || ' → ' || COALESCE(t.name, %(nobody)s), '{{}}', m.reassignment_id
  FROM {_TABLE} m
  LEFT JOIN people_user f ON f.id = m.from_owner_id
  LEFT JOIN people_user t ON t.id = m.to_owner_id
 WHERE m.reassignment_id = %(act)s
"""
