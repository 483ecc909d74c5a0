"""What is due today for one person: answers, new hot leads, what ends, claims, reviews."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from leads import access, override_reviews, overrides
from leads.models import Claim, Lead, Override, Score, Snooze
from leads.models.score_change import Cause, ScoreChange
from leads.queue import ranking
from leads.queue.criteria import Criteria
from leads.response.clocks import Waiting, running
from leads.response.team_hours import end_of_day
from leads.scorer import scorer
from leadscoring.people.models import User

SHOWN = 5
LOOKED_AT = 50
COUNTED = 100
DAY = timedelta(days=1)
TOP = -1  # the rank of the highest band
OfLead = TypeVar("OfLead", Score, Snooze, Override, Claim)


@dataclass(frozen=True, slots=True)
class Line:
    """A lead, and the clock that runs or the moment that matters."""

    lead: Lead
    waiting: Waiting | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Some leads that want something today. `count` goes up to `COUNTED`; `link` is the list behind."""

    key: str
    heading: str
    count: int
    lines: Sequence[Line]
    link: str
    link_text: str

    @property
    def more(self) -> bool:
        return self.count >= COUNTED


def today(user: User, *, now: datetime) -> list[Section]:
    """The parts of this person's day that aren't empty, the most urgent first."""
    sections = [
        *_to_answer(user, now),
        _new_hot(user, now),
        _back(user, now),
        _ending(user, now),
        _claimed(user, now),
        _to_review(user),
    ]
    return [section for section in sections if section.count]


def _to_answer(user: User, now: datetime) -> Iterable[Section]:
    """Who is overdue, and who is due by the end of the day, each in the order in which they are due."""
    by = end_of_day(user, now=now)
    page = ranking.ranked(user=user, now=now, criteria=Criteria(due_by=by), size=LOOKED_AT)
    leads = {row.lead.pk: row.lead for row in page.rows}
    clocks = sorted(running(leads, now=now).items(), key=lambda item: item[1].first.due_at)
    lines = [Line(leads[lead_id], waiting) for lead_id, waiting in clocks]
    late = [line for line in lines if line.waiting and line.waiting.first.is_late]
    rest = [line for line in lines if line not in late]
    overdue = _how_many(user, now, due_by=now)
    due = _how_many(user, now, due_by=by)
    yield Section(
        "overdue", _("Overdue"), overdue, late[:SHOWN], "/queue/?only=overdue", _("All that is overdue")
    )
    yield Section(
        "due", _("Due today"), due - overdue, rest[:SHOWN], "/queue/?only=today", _("All that is due today")
    )


def _how_many(user: User, now: datetime, *, due_by: datetime) -> int:
    return ranking.how_many(user=user, now=now, criteria=Criteria(due_by=due_by), limit=COUNTED).leads


def _new_hot(user: User, now: datetime) -> Section:
    """Own leads that rose into the top band since yesterday, by neither time nor another version."""
    since = end_of_day(user, now=now) - 2 * DAY
    rose = Exists(risen_to_top(since).filter(lead_id=OuterRef("lead_id")))
    mine = Score.objects.filter(rose, owner_id=user.pk, is_open=True, band=TOP)
    bands = scorer().scales().bands()
    query = f"?band={bands[0].key}&owner=me" if bands else ""
    lines = [Line(score.lead) for score in _first(mine, "-total", "pk")]
    heading = _("New in %(band)s since yesterday") % {"band": bands[0].name if bands else ""}
    return Section("hot", heading, _count(mine), lines, f"/queue/{query}", _("All of yours up there"))


def risen_to_top(since: datetime) -> QuerySet[ScoreChange]:
    """The kept changes since then by which something learned brought a lead into the top band."""
    before = ScoreChange.objects.filter(lead_id=OuterRef("lead_id"), at__lt=OuterRef("at")).order_by("-at")
    return (
        ScoreChange.objects.filter(at__gte=since, band=TOP)
        .exclude(cause__in=(Cause.TIME, Cause.TIME | Cause.MODEL))
        .annotate(
            version=F("cause").bitand(Cause.VERSION.value),
            was=Coalesce(Subquery(before.values("band")[:1]), -99),
        )
        .filter(version=0, was__lt=TOP)
    )


def _back(user: User, now: datetime) -> Section:
    ended = Snooze.objects.filter(
        user=user, ended_at=None, until__gt=now - DAY, until__lte=now, lead__is_open=True
    )
    lines = [Line(snooze.lead, at=snooze.until) for snooze in _first(ended, "-until", "-pk")]
    heading, every = _("Back from snooze"), _("All that are back")
    return Section("back", heading, _count(ended), lines, "/queue/?only=back", every)


def _ending(user: User, now: datetime) -> Section:
    mine = overrides.active(at=now).filter(author=user, ends_at__lte=now + DAY)
    lines = [Line(override.lead, at=override.ends_at) for override in _first(mine, "ends_at", "pk")]
    heading, every = _("Your overrides that end within a day"), _("All that are overridden")
    return Section("ending", heading, _count(mine), lines, "/queue/?only=overridden", every)


def _claimed(user: User, now: datetime) -> Section:
    mine = Claim.objects.filter(user=user, expires_at__gt=now)
    lines = [Line(claim.lead, at=claim.expires_at) for claim in _first(mine, "expires_at", "pk")]
    heading, every = _("Claimed by you"), _("All that you claimed")
    return Section("claimed", heading, _count(mine), lines, "/queue/?only=claimed", every)


def _to_review(user: User) -> Section:
    waiting = override_reviews.to_review(user) if access.works_whole_teams(user) else Override.objects.none()
    lines = [Line(override.lead, at=override.starts_at) for override in _first(waiting, "starts_at", "pk")]
    heading, every = _("Large overrides to look at"), _("All that wait")
    return Section("reviews", heading, _count(waiting), lines, "/team/overrides/", every)


def _first(found: QuerySet[OfLead], *order: str) -> QuerySet[OfLead]:
    return found.select_related("lead__account").order_by(*order)[:SHOWN]


def _count(found: QuerySet[OfLead]) -> int:
    return found[:COUNTED].count()
