"""Writing the demo company. A step that is done is not done again, so that a set-up can be resumed."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, OuterRef, Subquery

from leads import second_looks
from leads.assigning import assigning
from leads.ingestion.leads import save_leads
from leads.ingestion.rows import LeadRow, SignalRow
from leads.ingestion.signals import save_signals
from leads.models import Account, Assigned, Attribute, Lead, RoutingEntry
from leadscoring import hints
from leadscoring.audit.record import record
from leadscoring.ops.roles import as_owner
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from scoring_models import scoring
from scoring_models.demo import (
    answers,
    cast,
    company,
    incoming,
    past_scores,
    postponed,
    programs,
    teamwork,
    told,
    versions,
    work,
)
from scoring_models.demo.generate import FULL, DemoLead, Size, market
from scoring_models.demo.journeys import DAYS
from scoring_models.evaluation import EVERY_LEAD, split
from scoring_models.evidence_pack import packs
from scoring_models.models import ModelVersion

Say = Callable[[str], object]
LIVE_FOR = timedelta(days=100)
SOURCE = "demo"
NEW_FOR = timedelta(days=45)
HOURLY_FOR = timedelta(days=8)
LEADS_A_SHARD = 2_500


def load(*, now: datetime, size: Size = FULL, say: Say = lambda _: None) -> None:
    """Write the whole demo company and score its leads."""
    with hints.nobody():
        _load(now, size, say)


def _load(now: datetime, size: Size, say: Say) -> None:
    people = company.hire(at=now - LIVE_FOR)
    versions.put_live(versions.filled_reference(), at=now - LIVE_FOR)
    route(at=now - LIVE_FOR)
    leads = list(market(size, now=now))
    say(f"{len(leads):,} leads")
    arrive(leads, now=now)
    came_one_by_one()
    signals = sum(receive(leads, now=now))
    say(f"{signals:,} signals of {DAYS} days")
    measure_tables()
    with transaction.atomic():
        closed = work.close(leads, people)
        work.call(leads, people, now=now)
        teamwork.merge_some(people, now=now)
        incoming.come_in(leads, people, now=now)
        say(f"{closed:,} outcomes")
    score()
    with transaction.atomic():
        changes = past_scores.keep(since=now - LIVE_FOR, until=now)
        teamwork.reassign_some(people, now=now)
        answered = answers.catch_up(now=now)
        teamwork.hand_over(now=now)
        say(f"{changes:,} changes of scores, {answered:,} calls")
    with transaction.atomic():
        programs.register(now=now)
        work.override(now=now)
        work.review(now=now)
        second_looks.draw_due(now=now)
        work.save_views(people, now=now)
        work.save_segments(people, now=now)
        postponed.put_off(now=now)
        marketing, manager = (people[cast.members(role)[0].name] for role in (Role.MARKETING, Role.MANAGER))
        versions.look_after(marketing=marketing, manager=manager, now=now)
        proposed = versions.propose(author=marketing, now=now)
        told.tell(now=now)
        programs.answer(now=now)
        system = User.objects.system()
        record(action="company.set_up", target=default_team(), actor=system, at=now, demo=True)
    compute_evidence(proposed)
    say("All leads are scored")


def row_of(lead: DemoLead) -> LeadRow:
    return LeadRow(
        number=lead.person.number,
        values=lead.values(),
        external_id=lead.external_id,
        created_at=lead.created_at,
        team=lead.team,
        owner=lead.owner.email if lead.owner else None,
    )


def arrive(leads: Sequence[DemoLead], *, now: datetime) -> None:
    """Import the leads: those of the last weeks as they came, day by day, the others in one go before."""
    days: dict[datetime, list[DemoLead]] = defaultdict(list)
    for lead in leads:
        # Who is nobody's was nobody's from the beginning.
        is_new = lead.owner is not None and lead.created_at > now - NEW_FOR
        days[evening(lead.created_at) if is_new else now - NEW_FOR].append(lead)
    for at in sorted(days):
        save_leads(map(row_of, days[at]), at=at, actor=User.objects.system(), told_by=SOURCE)
        if at == now - NEW_FOR:
            leave_to_the_team(leads, at=at)


def leave_to_the_team(leads: Iterable[DemoLead], *, at: datetime) -> None:
    """Take back the owners of those that any rep of the team may work; an import gives every lead one."""
    nobodys = [lead.external_id for lead in leads if lead.owner is None]
    with transaction.atomic(), assigning(actor=User.objects.system(), why=Assigned.OTHER, at=at):
        Lead.objects.filter(external_id__in=nobodys).update(owner=None)


def came_one_by_one() -> None:
    """Have leads and companies known since they came, as if each had been entered then."""
    Lead.objects.update(recorded_at=F("created_at"))
    first = Lead.objects.filter(account=OuterRef("pk")).order_by("created_at").values("created_at")[:1]
    Account.objects.update(recorded_at=Subquery(first))


def receive(leads: Iterable[DemoLead], *, now: datetime) -> Iterator[int]:
    """Take the signals in as they came, each hour lately and day by day before; how many each time."""
    times: dict[datetime, list[SignalRow]] = defaultdict(list)
    for lead in leads:
        for place, event in enumerate(lead.signals):
            taken = hour_after(event.at) if event.at > now - HOURLY_FOR else evening(event.at)
            times[min(taken, now)].append(
                SignalRow(
                    number=place,
                    lead_key="external_id",
                    lead_value=lead.external_id,
                    type_key=event.type_key,
                    occurred_at=event.at,
                    message_id=f"{lead.external_id}:{place}",
                    properties=event.properties,
                )
            )
    for received_at in sorted(times):
        yield save_signals(times[received_at], source=SOURCE, received_at=received_at).created


def measure_tables() -> None:
    """Tell the planner at once how much there is now, which the database would notice a minute later.

    Only the owner may; without it the evidence alone takes 6 s instead of 1 s.
    """
    with as_owner(connection), connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def evening(of: datetime) -> datetime:
    """The midnight after."""
    return of.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def hour_after(moment: datetime) -> datetime:
    """The full hour after."""
    return moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def route(*, at: datetime) -> None:
    """Send later leads of the continent to the team that works it."""
    if not RoutingEntry.objects.exists():
        entry = RoutingEntry.objects.create(
            attribute=Attribute.objects.get(key="country"),
            values=list(cast.HOME_COUNTRIES[cast.EUROPE]),
            team=Team.objects.get(name=cast.EUROPE),
        )
        record(action="routingentry.added", target=entry, actor=User.objects.system(), at=at)


def score() -> None:
    """Score all leads. Their first scores are no news: what they were before comes with the history."""
    for part in split(EVERY_LEAD, LEADS_A_SHARD):
        scoring.score_range(low=part.low, high=part.high)
    while scoring.score_stale():
        pass


def compute_evidence(version: ModelVersion) -> None:
    """Compute what the reviewer of a version that waits will look at."""
    for evidence in version.evidence.filter(finished_at=None):
        packs.work(evidence_id=evidence.pk)


def default_team() -> Team:
    return Team.objects.get(is_default=True)
