"""When Larkfield's reps reached for the leads that waited for them: most in time, some late, a few not yet.

Whose clock runs, since when and until when, is what the product says of what happened before; so this goes
round by round, until nobody is left whom somebody had answered by now.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from leads.business_hours import Hours, elapsed, later
from leads.models import Activity, Response
from leads.response.refresh import refresh
from leads.response.team_hours import hours_by_team
from leadscoring.people.models import User
from leadscoring.people.roles import Role

ROUNDS = 8
LATE, FORGOTTEN = 0.06, 0.12  # of all that wait, and of what fell due in the last days
FORGOTTEN_FOR = timedelta(days=3)
NOTES = (
    "Voicemail, wrote a mail as well.",
    "Not at the desk, trying again tomorrow.",
    "Wrote to them, no answer yet.",
    "Their assistant takes a message.",
    "",
    "Rang through, sent the brochure.",
    "In a meeting until noon.",
)


def catch_up(*, now: datetime) -> int:
    """Let reps reach for who waits, as far as that is in the past, and set the clocks; how often they did.

    Needs scores and their history. Written at once: call by call it would be half of the set-up.
    """
    done: Counter[int] = Counter()
    reps = _reps()
    for _round in range(ROUNDS):
        _keep_clocks()
        touches = list(_touches(done, reps, now))
        if not touches:
            break
        done.update(touch.lead_id for touch in touches)
        Activity.objects.bulk_create(touches)
    _keep_clocks()
    return done.total()


def _keep_clocks() -> None:
    while refresh():
        pass


def _reps() -> Mapping[int, Sequence[User]]:
    found: dict[int, list[User]] = defaultdict(list)
    for rep in User.objects.filter(groups__name=Role.REP).order_by("pk"):
        for team_id in rep.team_ids:
            found[team_id].append(rep)
    return found


def _touches(done: Counter[int], reps: Mapping[int, Sequence[User]], now: datetime) -> Iterator[Activity]:
    hours = hours_by_team()
    for response in Response.objects.select_related("lead__owner").order_by("lead_id"):
        lead = response.lead
        # What somebody does about this wait stays the same from round to round.
        random = Random(f"answer:{lead.external_id}:{done[lead.pk]}")
        at = _answered_at(random, response, hours.get(response.team_id), now)
        if at is not None and at < now:
            yield Activity(
                lead=lead,
                actor=lead.owner or random.choice(reps[response.team_id]),
                verb=Activity.Verb.NO_ANSWER,
                at=at,
                note=random.choice(NOTES),
            )


def _answered_at(random: Random, wait: Response, hours: Hours | None, now: datetime) -> datetime | None:
    """When somebody answers: mostly soon, within the time there is. None: forgotten so far."""
    forgotten, late, soon = (random.random() for _ in range(3))
    if forgotten < FORGOTTEN and now - FORGOTTEN_FOR < wait.due_at < now:
        return None
    begun = min(at for at in (wait.signal_at, wait.assigned_at) if at is not None)
    share = 1 + soon if late < LATE else 0.03 + 0.9 * soon * soon
    return later(hours, begun, elapsed(hours, begun, wait.due_at) * share)
