"""What Larkfield's people did with each other's leads: handed over, reassigned, merged. By the own verbs."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery

from leads import handoffs, reassigning
from leads.merging import verbs as merging
from leads.models import Activity, Lead, Reassignment, ReturnReason, Score
from leads.reassigning import Selection
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from scoring_models.demo import cast
from scoring_models.demo.market import AGAIN

MERGED_DAYS_AGO = (3.2, 0.7)
GIVEN_AWAY = 8
ACCEPTED, RETURN_EVERY = 110, 6  # of those that were reached for; every so manieth is returned
RETURNS = (
    (ReturnReason.TOO_EARLY, "Budget is decided in spring, keep them warm."),
    (ReturnReason.NO_ANSWER, "Five calls and three mails, nothing."),
    (ReturnReason.NOT_QUALIFIED, "Looks for a price list only."),
    (ReturnReason.NO_INTEREST, "Has just prolonged with their vendor."),
    (ReturnReason.WRONG_DATA, "Left the company in summer."),
    (ReturnReason.TOO_EARLY, ""),
)


def merge_some(people: Mapping[str, User], *, now: datetime) -> None:
    """Let each team's manager merge a pair that looks like one person; the others stay suggested."""
    for member, days in zip(cast.members(Role.MANAGER), MERGED_DAYS_AGO, strict=True):
        manager = people[member.name]
        again = Lead.objects.filter(email__contains=AGAIN, team__in=manager.team_ids, merges=None)
        twice = {str(lead.email).replace(AGAIN, "@"): lead for lead in again.order_by("-pk")}
        once = Lead.objects.filter(email__in=twice, team__in=manager.team_ids).order_by("pk").first()
        if once is not None:
            merging.merge(
                kept_id=once.pk,
                absorbed_id=twice[str(once.email)].pk,
                actor=manager,
                at=now - timedelta(days=days),
            )


def reassign_some(people: Mapping[str, User], *, now: datetime) -> None:
    """Let each manager move some leads from one of their reps to another, a few hours ago."""
    for member in cast.members(Role.MANAGER):
        giver, taker = (people[rep.name] for rep in cast.members(Role.REP, member.team)[:2])
        book = Score.objects.filter(owner_id=giver.pk, is_open=True).order_by("-total", "lead_id")
        ids = tuple(book.values_list("lead_id", flat=True)[5 : 5 + GIVEN_AWAY])
        if ids and not Reassignment.objects.filter(actor=people[member.name]).exists():
            reassigning.reassign(
                selection=Selection(lead_ids=ids),
                way=Reassignment.Way.PEOPLE,
                to=[taker],
                expected=len(ids),
                actor=people[member.name],
                at=now - timedelta(hours=20),
            )


def hand_over(*, now: datetime) -> None:
    """Let owners accept most of the leads that they reached for, and return some. Needs answers."""
    reached = Activity.objects.filter(lead=OuterRef("pk"), actor=OuterRef("owner"), undone_at=None)
    leads = Lead.objects.filter(is_open=True, score__band__gte=-3, owner__groups__name=Role.REP)
    leads = leads.annotate(reached_at=Subquery(reached.order_by("-at").values("at")[:1]))
    first = leads.exclude(reached_at=None).select_related("owner").order_by("-score__total", "pk")
    for place, lead in enumerate(first[:ACCEPTED]):
        assert lead.owner is not None
        at = lead.reached_at + timedelta(minutes=4)
        if at > now or not Lead.objects.filter(pk=lead.pk, handoffs=None).exists():
            continue
        if place % RETURN_EVERY == RETURN_EVERY - 1:
            reason, note = RETURNS[place // RETURN_EVERY % len(RETURNS)]
            handoffs.send_back(lead_id=lead.pk, reason=reason, actor=lead.owner, at=at, note=note)
        else:
            handoffs.accept(lead_id=lead.pk, actor=lead.owner, at=at)
