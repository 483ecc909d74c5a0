"""All that the figures of some teams are made of, read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from leads.queue.scope import NO_TEAM
from leads.scorer import Band, Scales, scorer
from leads.team import given, load, queues
from leads.team.given import Given
from leads.team.load import Load
from leads.team.queues import NOBODY, Queue
from leadscoring.people.models import User


@dataclass(frozen=True, slots=True)
class Picture:
    """`bands` are those that sales works, `names` people's by id, the loads those of the teams by name."""

    now: datetime
    scales: Scales
    bands: Sequence[Band]
    team_ids: Sequence[int]
    queues: Sequence[Queue]
    given: Sequence[Given]
    names: Mapping[int, str]
    loads: Sequence[Load]


def picture(user: User, *, now: datetime) -> Picture:
    """Of the teams that this person is in; leads of no team count among theirs."""
    scales = scorer().scales()
    teams = (*user.team_ids, NO_TEAM) if user.team_ids else ()
    bands = queues.sales_bands(scales)
    live = bool(scales.live)
    found = queues.queues(teams, scales, now=now) if live else []
    leads = given.given(user.team_ids, scales, now=now) if live else []
    owners = {queue.owner_id for queue in found} | {one.owner_id for one in leads}
    members = User.objects.filter(memberships__team__in=user.team_ids)
    people = members.union(User.objects.filter(pk__in=owners))
    names = {person.pk: str(person) for person in people} | {NOBODY: _("Nobody")}
    loads = load.loads(list(user.team_ids), leads, bands={band.key for band in bands}, now=now)
    return Picture(now, scales, bands, teams, found, leads, names, loads)
