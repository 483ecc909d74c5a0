"""The stored clocks against a naive reading of the same story, whenever workers look."""

from datetime import datetime, timedelta
from typing import Literal

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads import activities
from leads.assigning import assigning
from leads.business_hours import later
from leads.ingestion.signals import retract_signal
from leads.models import Activity, Assigned, Lead, Response, Signal
from leads.outcomes import CallResult, log_call
from leads.response.refresh import refresh
from leads.response.team_hours import hours_by_team
from leadscoring.people.hours import TeamHours, set_hours
from tests.leads.response.conftest import settle, signal
from tests.leads.work.conftest import NOW, Cast, make_cast, make_lead

Step = tuple[str, int]
Stint = tuple[datetime, Literal["alice", "bob"] | None]

DEEDS = ("intent", "comment", "call", "undo", "retract", "alice", "bob", "nobody", "work")
steps = st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(1, 40)), max_size=12)
totals = st.sampled_from((5, 40, 70, 90))
WEEK = TeamHours("Europe/Berlin", dict.fromkeys(range(5), (8 * 60, 18 * 60)))
RESPOND = {5: None, 40: 72, 70: 24, 90: 2}


class Story:
    """What happened to one lead, told twice: to the product and to lists."""

    def __init__(self, cast: Cast, total: int) -> None:
        self.cast, self.total, self.now = cast, total, NOW
        self.intents: list[tuple[datetime, bool]] = []  # when, and whether it was taken back
        self.touches: list[tuple[datetime, Activity]] = []
        self.stints: list[Stint] = [(NOW, "alice")]
        with assigning(actor=cast.carol, why=Assigned.IMPORT, at=NOW):
            self.lead = make_lead(cast.north, total, owner=cast.alice)

    def happen(self, deed: str, hours: int) -> None:
        self.now += timedelta(hours=hours)
        getattr(self, f"_{deed}")()

    def _intent(self) -> None:
        signal(self.lead, self.now)
        self.intents.append((self.now, False))

    def _comment(self) -> None:
        signal(self.lead, self.now, "post_comment")

    def _call(self) -> None:
        call = log_call(lead_id=self.lead.pk, result=CallResult.NO_ANSWER, actor=self.cast.carol, at=self.now)
        self.touches.append((self.now, call))

    def _undo(self) -> None:
        if self.touches and self.now - self.touches[-1][0] <= activities.UNDO_WITHIN:
            _, call = self.touches.pop()
            activities.undo(activity_id=call.pk, actor=self.cast.carol, at=self.now)

    def _retract(self) -> None:
        for place, (at, gone) in enumerate(self.intents):
            if not gone:
                key = Signal.objects.get(lead=self.lead, received_at=at).key
                retract_signal(key=key, at=self.now)
                self.intents[place] = (at, True)
                return

    def _to(self, name: Literal["alice", "bob"] | None) -> None:
        owner = None if name is None else {"alice": self.cast.alice, "bob": self.cast.bob}[name]
        with assigning(actor=self.cast.carol, why=Assigned.REASSIGNED, at=self.now):
            Lead.objects.filter(pk=self.lead.pk).update(owner=owner)
        if self.stints[-1][1] != name:
            self.stints.append((self.now, name))

    def _alice(self) -> None:
        self._to("alice")

    def _bob(self) -> None:
        self._to("bob")

    def _nobody(self) -> None:
        self._to(None)

    def _work(self) -> None:
        refresh()

    def clocks(self) -> tuple[datetime | None, datetime | None, datetime] | None:
        """When each clock started, and the sooner end; None where none runs."""
        within = RESPOND[self.total]
        touched = max((at for at, _ in self.touches), default=NOW - timedelta(days=1))
        started = min((at for at, gone in self.intents if not gone and at > touched), default=None)
        since, owner = self.stints[-1]
        assigned = since if owner is not None and since > touched else None
        running = [at for at in (started, assigned) if at is not None]
        if within is None or not running:
            return None
        hours = hours_by_team()[self.cast.north.pk]
        return started, assigned, min(later(hours, at, timedelta(hours=within)) for at in running)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(totals, steps)
def test_clocks_are_what_the_story_says(db: None, total: int, steps: list[Step]) -> None:
    with transaction.atomic():
        cast = make_cast()
        set_hours(team=cast.north, hours=WEEK, actor=cast.carol, at=NOW)
        story = Story(cast, total)
        for deed, hours in steps:
            story.happen(deed, hours)
        settle()
        found = Response.objects.filter(lead=story.lead).first()
        stored = found and (found.signal_at, found.assigned_at, found.due_at)
        assert stored == story.clocks()
        transaction.set_rollback(True)
