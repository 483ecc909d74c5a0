"""Within how many business hours leads of a band are answered: by the live version, or by their team."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from leads import access
from leads.models import ResponseTime
from leads.models.response import GREATEST_HOURS
from leads.scorer import Band, Scale, Scales, scorer
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import SettingChange, Team, User
from leadscoring.people.setting_changes import Settings, note
from leadscoring.prepared import prepared_cursor

SALES = "sales"


@dataclass(frozen=True, slots=True)
class Targets:
    """The response times that hold now. `own` are those that teams set, by team and key of the band."""

    scales: Scales
    own: Mapping[tuple[int, str], int]

    def within(self, team_id: int, version_id: int, rank: int) -> timedelta | None:
        """How soon that team answers leads whose score is in a band; None where nobody waits for sales."""
        if not self.scales.all:
            return None
        band = self._now(self.scales.of(version_id), rank)
        hours = self.hours(team_id, band)
        return timedelta(hours=hours) if hours and band.worked_by == SALES else None

    def hours(self, team_id: int, band: Band) -> int | None:
        return self.own.get((team_id, band.key), band.respond_within_hours)

    def _now(self, scale: Scale, rank: int) -> Band:
        """The band, or the one of its key that is live where its own version no longer is."""
        band = scale.band_at(rank)
        if scale in self.scales.live:
            return band
        bands = (live for scale in self.scales.live for live in scale.bands)
        return next((live for live in bands if live.key == band.key), band)


def current_targets() -> Targets:
    with prepared_cursor() as cursor:
        cursor.execute(_OWN, {})
        own = {(team_id, band): hours for team_id, band, hours in cursor.fetchall() if hours is not None}
    return Targets(scorer().scales(), own)


_OWN = """
SELECT DISTINCT ON (team_id, band) team_id, band, hours
  FROM leads_responsetime ORDER BY team_id, band, id DESC
"""


@transaction.atomic
def set_response_times(*, team: Team, hours: Mapping[str, int | None], actor: User, at: datetime) -> int:
    """Set a team's own response times by key of the band, in business hours; None takes one away.

    Bands that aren't named keep theirs. Returns how many changed. Raises DomainError `response.not_yours`,
    `response.band` or `response.hours`.
    """
    if not access.may_set_team(actor, team):
        raise DomainError(
            "response.not_yours", _("Only an Admin or a manager of this team can set its response times.")
        )
    _check(hours)
    Team.objects.select_for_update().get(pk=team.pk)
    own = current_targets().own
    changed = {band: wanted for band, wanted in hours.items() if own.get((team.pk, band)) != wanted}
    ResponseTime.objects.bulk_create(
        ResponseTime(team=team, band=band, hours=wanted, since=at, set_by=actor)
        for band, wanted in changed.items()
    )
    if changed:
        _note(team, changed, own, actor, at)
        record(action="team.response_times_set", target=team, actor=actor, at=at, hours=changed)
    return len(changed)


def own_times(team_id: int) -> Settings:
    """A team's own response times in hours by key of the band, as they are kept."""
    return {band: hours for (of_team, band), hours in current_targets().own.items() if of_team == team_id}


def _note(
    team: Team, changed: Settings, own: Mapping[tuple[int, str], int], actor: User, at: datetime
) -> None:
    note(
        of=SettingChange.Of.RESPONSE_TIMES,
        subject_id=team.pk,
        name=team.name,
        before={band: own.get((team.pk, band)) for band in changed},
        after=changed,
        actor=actor,
        at=at,
    )


def _check(hours: Mapping[str, int | None]) -> None:
    known = {band.key for band in scorer().scales().bands(worked_by=SALES)}
    if unknown := sorted(hours.keys() - known):
        raise DomainError("response.band", _("Sales works no band “%(band)s”.") % {"band": unknown[0]})
    if any(wanted is not None and not 1 <= wanted <= GREATEST_HOURS for wanted in hours.values()):
        raise DomainError(
            "response.hours",
            _("A response time is from 1 to %(greatest)s hours.") % {"greatest": GREATEST_HOURS},
        )
