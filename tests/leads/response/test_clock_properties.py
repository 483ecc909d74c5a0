"""The stored clocks against a naive reading of the same story, whenever workers look."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads import activities
from leads.assigning import assigning
from leads.business_hours import later
from leads.effective import band_of
from leads.ingestion.signals import retract_signal
from leads.models import Activity, Assigned, Lead, Response, Score, Signal
from leads.models.score_change import Cause, ScoreChange
from leads.outcomes import CallResult, log_call
from leads.response.refresh import refresh
from leads.response.team_hours import hours_by_team
from leads.undoing import UNDO_WITHIN
from leadscoring.people.hours import TeamHours, set_hours
from tests.leads.response.conftest import ANSWERED, settle, signal
from tests.leads.work.conftest import NOW, Cast, make_cast, make_lead

Step = tuple[str, int]
Stint = tuple[datetime, Literal["alice", "bob"] | None]

DEEDS = (
    *("intent", "comment", "call", "undo", "retract", "alice", "bob", "nobody", "work"),
    *("learn", "fade", "version"),
)
steps = st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(1, 40)), max_size=12)
totals = st.sampled_from((5, 40, 70, 90))
WEEK = TeamHours("Europe/Berlin", dict.fromkeys(range(5), (8 * 60, 18 * 60)))
RESPOND = {5: None, 40: 72, 70: 24, 90: 2}
TOTALS = (40, 90, 5, 70)


class Story:
    """What happened to one lead, told twice: to the product and to lists."""

    def __init__(self, cast: Cast, total: int) -> None:
        self.cast, self.now = cast, NOW
        self.intents: list[tuple[datetime, bool]] = []  # when, and whether it was taken back
        self.touches: list[tuple[datetime, Activity]] = []
        self.stints: list[Stint] = [(NOW, "alice")]
        self.totals: list[tuple[datetime, int, bool]] = []  # since when, and whether it was learned
        with assigning(actor=cast.carol, why=Assigned.IMPORT, at=NOW):
            self.lead = make_lead(cast.north, total, owner=cast.alice)
        self._score(total, Cause.FIRST | Cause.ATTRIBUTE)

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
        if self.touches and self.now - self.touches[-1][0] <= UNDO_WITHIN:
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

    def _learn(self) -> None:
        self._score(self._other_total(), Cause.SIGNAL | Cause.TIME)

    def _fade(self) -> None:
        self._score(self._other_total(), Cause.TIME)

    def _version(self) -> None:
        self._score(self._other_total(), Cause.VERSION | Cause.SIGNAL)

    def _other_total(self) -> int:
        return TOTALS[(self.now - NOW) // timedelta(hours=1) % len(TOTALS)]

    def _score(self, total: int, cause: Cause) -> None:
        """The score becomes another one, and its history says why."""
        band = band_of(total, ANSWERED).rank
        Score.objects.filter(lead=self.lead).update(total=total, band=band)
        values = {"total": total, "engagement": total, "fit": 0, "band": band, "cause": cause}
        ScoreChange.objects.create(lead_id=self.lead.pk, at=self.now, version_id=1, **values)
        self.totals.append((self.now, total, cause not in (Cause.TIME, Cause.VERSION | Cause.SIGNAL)))

    def _work(self) -> None:
        refresh()

    def clocks(self) -> tuple[datetime | None, datetime | None, datetime] | None:
        """When each clock started, and the sooner end; None where none runs."""
        touched = max((at for at, _ in self.touches), default=NOW - timedelta(days=1))
        waits = [(at, RESPOND[self.total_at(at)]) for at, gone in self.intents if not gone and at > touched]
        waits += [(at, RESPOND[total]) for at, total in self.rises() if at > touched]
        counted = [(at, self.due(at, within)) for at, within in waits if within]
        since, owner = self.stints[-1]
        within = RESPOND[self.total_at(since)]
        assigned = since if owner is not None and since > touched and within else None
        dues = [by for _, by in counted] + ([self.due(assigned, within)] if assigned and within else [])
        return (min((at for at, _ in counted), default=None), assigned, min(dues)) if dues else None

    def due(self, at: datetime, within: int) -> datetime:
        return later(hours_by_team()[self.cast.north.pk], at, timedelta(hours=within))

    def total_at(self, at: datetime) -> int:
        return next(total for since, total, _ in reversed(self.totals) if since <= at)

    def rises(self) -> Iterator[tuple[datetime, int]]:
        """When something learned brought the lead into a higher band, and its total then."""
        for place, (at, total, learned) in enumerate(self.totals):
            if learned and (place == 0 or total > self.totals[place - 1][1]):
                yield at, total


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
