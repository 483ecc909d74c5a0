"""What happened to a lead since somebody last reached for it, and the clocks that follow. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from leads.business_hours import later
from leads.models.score_change import Cause
from leads.response.targets import Targets
from leads.response.team_hours import HoursOf

LEARNED = (
    Cause.SIGNAL
    | Cause.RETRACTION
    | Cause.ATTRIBUTE
    | Cause.ACCOUNT
    | Cause.COLLEAGUE
    | Cause.MERGE
    | Cause.FIRST
)


class Standing(NamedTuple):
    """The band of a score, by the version that gave it."""

    version_id: int
    band: int


class Change(NamedTuple):
    """A row of the score's history."""

    at: datetime
    version_id: int
    band: int
    cause: int

    @property
    def is_learned(self) -> bool:
        """Whether something about the lead brought it about, and neither time nor another version alone."""
        return bool(self.cause & LEARNED) and not self.cause & Cause.VERSION


class Clocks(NamedTuple):
    """A row of `Response`."""

    lead_id: int
    team_id: int
    owner_id: int
    signal_at: datetime | None
    signal_due_at: datetime | None
    assigned_at: datetime | None
    assigned_due_at: datetime | None
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Story:
    """What a lead's clocks follow from. `team_id` and `owner_id` are 0 for none.

    `assigned_at` is when the present owner got it, `stands` where its score is now. `intents` are when its
    intent signals since the last touch were received; `changes` is the history of its score in order, from
    the last row before that touch on.
    """

    lead_id: int
    team_id: int
    owner_id: int
    touched_at: datetime | None
    assigned_at: datetime | None
    stands: Standing
    intents: tuple[datetime, ...]
    changes: tuple[Change, ...]

    def causes(self) -> Iterator[tuple[datetime, Standing]]:
        """What somebody should answer to: intent signals, and rises that something learned brought about."""
        for at in self.intents:
            yield at, self.stood_at(at)
        before: Change | None = None
        for change in self.changes:
            rose = before is None or change.band > before.band
            if rose and change.is_learned and self.since_touch(change.at):
                yield change.at, Standing(change.version_id, change.band)
            before = change

    def stood_at(self, at: datetime) -> Standing:
        """Where the score was; of a moment before it was first kept, where it was then."""
        known = [change for change in self.changes if change.at <= at] or list(self.changes[:1])
        return Standing(known[-1].version_id, known[-1].band) if known else self.stands

    def since_touch(self, at: datetime) -> bool:
        return self.touched_at is None or at > self.touched_at


def run(story: Story, targets: Targets, hours_of: HoursOf) -> Clocks | None:
    """The clocks of a lead; None where none runs.

    Each cause is due by the response time of the band that the lead was in from then on, if it has one; the
    first of them starts the clock, and the one that is due first says when it is due.
    """
    hours = hours_of.get(story.team_id)

    def due(at: datetime, stood: Standing) -> datetime | None:
        within = targets.within(story.team_id, *stood)
        return None if within is None else later(hours, at, within)

    waits = [(at, by) for at, stood in story.causes() if (by := due(at, stood))]
    assigned_at = story.assigned_at
    if assigned_at is not None and not story.since_touch(assigned_at):
        assigned_at = None
    assigned_due_at = None if assigned_at is None else due(assigned_at, story.stood_at(assigned_at))
    signal_due_at = min((by for _, by in waits), default=None)
    running = [by for by in (signal_due_at, assigned_due_at) if by is not None]
    if not running:
        return None
    return Clocks(
        story.lead_id,
        story.team_id,
        story.owner_id,
        min((at for at, _ in waits), default=None),
        signal_due_at,
        assigned_at if assigned_due_at else None,
        assigned_due_at,
        min(running),
    )
