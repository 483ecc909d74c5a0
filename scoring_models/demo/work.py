"""What Larkfield's people did with their leads: calls, endings, overrides. All by the product's own verbs."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from random import Random

from leads import outcomes, override_reviews, overrides
from leads.contact import refusal_of
from leads.models import Lead, OutcomeKind, OverrideKind, OverrideReason, Score
from leads.outcomes import CallResult
from leads.queue import saved_views
from leads.segments import saved as segments
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from scoring_models.demo import cast
from scoring_models.demo.generate import DemoLead
from scoring_models.demo.journeys import Journey

RESULTS = {
    OutcomeKind.CONVERTED: CallResult.WON,
    OutcomeKind.LOST: CallResult.LOST,
    OutcomeKind.DISQUALIFIED: CallResult.DISQUALIFIED,
}

# How often a lead of that journey was called, and how it went.
CALLED = {Journey.WARMING: 0.12, Journey.ENGAGED: 0.3, Journey.BUYING: 0.35}
CALLS: tuple[tuple[CallResult, str, dict[str, str]], ...] = (
    (CallResult.NO_ANSWER, "Voicemail, trying again on Thursday.", {}),
    (CallResult.NO_ANSWER, "In a meeting, call back.", {}),
    (
        CallResult.CONVERSATION,
        "Wants to see how two warehouses are planned together.",
        {"buying_stage": "consideration", "budget": "planned", "goals": "Plan two warehouses as one"},
    ),
    (
        CallResult.CONVERSATION,
        "Current contract ends in spring; two vendors are compared.",
        {"buying_stage": "decision", "timing": "quarter", "pain_points": "Stock is counted by hand"},
    ),
    (CallResult.MEETING, "Demo for the whole planning team.", {}),
)

# Kind, points or band, reason, note, age in days: those older than two weeks are over.
OVERRIDES: tuple[tuple[OverrideKind, int | str | None, OverrideReason, str, float], ...] = (
    (OverrideKind.POINTS, 25, OverrideReason.MET, "Met them at the fair, the budget is set.", 1.2),
    (OverrideKind.BAND, "hot", OverrideReason.REFERRAL, "A customer of ours recommended us to them.", 0.3),
    (OverrideKind.SCORE, 70, OverrideReason.BUDGET, "Has budget until the end of the quarter.", 3.1),
    (OverrideKind.HOLD, None, OverrideReason.NOT_NOW, "Asked us to call after the stock-taking.", 2.4),
    (
        OverrideKind.POINTS,
        -30,
        OverrideReason.NOT_A_BUYER,
        "Only collects material for a talk.",
        4.0,
    ),
    (
        OverrideKind.BAND,
        "nurture",
        OverrideReason.WRONG_DATA,
        "Left the company; the page is out of date.",
        5.2,
    ),
    (OverrideKind.POINTS, 15, OverrideReason.MET, "Good talk after the webinar.", 6.3),
    (OverrideKind.HOLD, None, OverrideReason.OTHER, "The partner team talks to them this month.", 0.8),
    (OverrideKind.SCORE, 85, OverrideReason.REFERRAL, "Their owner asked for an offer in person.", 24.0),
    (OverrideKind.POINTS, 20, OverrideReason.BUDGET, "Project approved for next year.", 31.0),
    (OverrideKind.BAND, "sql", OverrideReason.MET, "Spoke at the summit, wants a call.", 38.0),
    (OverrideKind.POINTS, -20, OverrideReason.NOT_NOW, "Hiring freeze, nothing before summer.", 45.0),
)

REVIEWED_AFTER = timedelta(days=3)


def close(leads: Iterable[DemoLead], people: Mapping[str, User]) -> int:
    """Log how it ended with the leads whose case is closed; the number of those that were still open."""
    closed = 0
    ids = open_ids()
    for lead in leads:
        if lead.ending and lead.owner and lead.external_id in ids:
            outcomes.log_call(
                lead_id=ids[lead.external_id],
                result=RESULTS[lead.ending.kind],
                actor=people[lead.owner.name],
                at=lead.ending.at,
                reason=lead.ending.reason,
                note=lead.ending.note,
            )
            closed += 1
    return closed


def call(leads: Iterable[DemoLead], people: Mapping[str, User], *, now: datetime) -> None:
    """Log calls with some of the leads that are on to something."""
    ids = open_ids()
    for lead in leads:
        random = Random(f"calls:{lead.person.number}")
        wanted, days, (result, note, heard) = random.random(), random.uniform(0.2, 12), random.choice(CALLS)
        if lead.owner and lead.external_id in ids and wanted < CALLED.get(lead.journey, 0):
            at = max(now - timedelta(days=days), lead.created_at + timedelta(minutes=5))
            called = Lead.objects.get(pk=ids[lead.external_id])
            if refusal_of(called, now=at) is None:
                actor = people[lead.owner.name]
                outcomes.log_call(
                    lead_id=called.pk, result=result, actor=actor, at=at, note=note, learned=heard
                )


def override(*, now: datetime) -> None:
    """Let reps judge some of their leads by themselves, now and in the past. Needs scores."""
    middling = Score.objects.filter(
        is_open=True,
        total__gte=25,
        lead__owner__groups__name=Role.REP,
        lead__created_at__lt=now - timedelta(days=60),
    )
    leads = [
        score.lead for score in middling.select_related("lead__owner").order_by("-total", "lead_id")[40:]
    ]
    by_time = sorted(OVERRIDES, key=lambda override: -override[-1])
    for (kind, value, reason, note, days), lead in zip(by_time, leads[::7], strict=False):
        assert lead.owner is not None
        overrides.set_override(
            lead_id=lead.pk,
            kind=kind,
            reason=reason,
            actor=lead.owner,
            at=now - timedelta(days=days),
            points=value if isinstance(value, int) else None,
            band=value if isinstance(value, str) else "",
            note=note,
        )


def review(*, now: datetime) -> None:
    """Let managers see the large overrides that are a few days old; the newer ones wait for them."""
    for manager in User.objects.filter(groups__name=Role.MANAGER).order_by("pk"):
        old = override_reviews.to_review(manager).filter(starts_at__lt=now - REVIEWED_AFTER)
        for override in old.order_by("pk"):
            override_reviews.review(
                override_id=override.pk,
                verdict=override_reviews.Verdict.KEEP,
                actor=manager,
                at=override.starts_at + timedelta(hours=20),
                comment="Agreed, I know the company.",
            )


def save_views(people: Mapping[str, User], *, now: datetime) -> None:
    """Let reps keep a list for themselves and one that their team shares."""
    for rep in (people[member.name] for member in cast.members(Role.REP)):
        if not saved_views.listed(rep):
            share_with = rep.team_ids[0]
            saved_views.save(
                name="Hot, came by themselves",
                query="band=hot&inbound=true",
                team_id=share_with,
                actor=rep,
                at=now,
            )
        saved_views.save(name="Mine, newest first", query="owner=me&sort=intent", actor=rep, at=now)


def save_segments(people: Mapping[str, User], *, now: datetime) -> None:
    """Let marketing keep whom it writes to next: one segment for all of marketing, one of one's own."""
    first = people[cast.members(Role.MARKETING)[0].name]
    for name, query, shared in (
        (
            "Directors who downloaded something",
            "where=attribute:job_title:contains:director&where=signal:content_download:1:90",
            True,
        ),
        ("Silent for a month", "where=attribute:email:known&where=no_signal:page_view:1:30", False),
    ):
        segments.save(name=name, query=query, shared=shared, actor=first, at=now)


def open_ids() -> dict[str, int]:
    """The ids of the demo's open leads by external id."""
    rows = Lead.objects.filter(external_id__startswith="demo-", is_open=True)
    return {str(external_id): pk for external_id, pk in rows.values_list("external_id", "pk")}
