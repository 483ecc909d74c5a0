"""What every page tells somebody: how much waits for them where, and that another version is live.

All of it is asked for by one statement, whatever their roles.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from leads import access, override_reviews
from leads.notices import reading
from leadscoring.people.models import User
from leadscoring.prepared import prepared_cursor
from scoring_models import notices, setup_tasks, upkeep
from scoring_models.live import LIVE, PLACE
from scoring_models.permissions import Step, may

NEWS_COLUMNS = len(notices.NewsRow._fields)


@dataclass(frozen=True, slots=True)
class EveryPage:
    """How many notices are unread, how much waits at /team/, /models/ and /set-up/; `news` of a version."""

    unread: int = 0
    team: int = 0
    models: int = 0
    set_up: int = 0
    news: notices.Notice | None = None


class _Live(NamedTuple):
    """A live version, the one that scores whoever no other does last. Where there is none, all are None."""

    owner_id: int | None
    reviewed_at: datetime | None
    starts_at: datetime
    digest: str | None
    agreements: list[list[str]]


def every_page(user: User, *, at: datetime) -> EveryPage:
    """What the pages of this person tell at a moment."""
    owns, drafts = user.has_role(*upkeep.OWNERS), may(user, Step.DRAFT)
    asked = {
        "person": user.pk,
        "teams": list(user.team_ids),
        "at": at,
        "manages": access.works_whole_teams(user),
        "reviews": may(user, Step.REVIEW),
        "models": owns or drafts,
        "since": notices.told_since(user, at=at),
    }
    with prepared_cursor() as cursor:
        cursor.execute(_QUERY, asked)
        rows = cursor.fetchall()
    unread, team, in_review, *rest = rows[0]
    news = notices.NewsRow(*rest[:NEWS_COLUMNS])
    live = [_Live(*row[3 + NEWS_COLUMNS :]) for row in rows]
    return EveryPage(
        unread=unread,
        team=team,
        models=sum(_tasks(one, at) for one in live if owns and upkeep.is_theirs(one.owner_id, user)),
        set_up=in_review + (setup_tasks.empty_lists(live[-1].digest) if drafts else 0),
        news=notices.notice(news),
    )


def _tasks(live: _Live, at: datetime) -> int:
    if live.digest is None:
        return 0
    looked_at = max(filter(None, (live.starts_at, live.reviewed_at)))
    return upkeep.tasks(live.digest, looked_at, live.agreements, at=at)


_QUERY = f"""
SELECT ({reading.UNREAD}),
       CASE WHEN %(manages)s THEN ({override_reviews.TO_REVIEW}) ELSE 0 END,
       CASE WHEN %(reviews)s THEN ({setup_tasks.TO_REVIEW}) ELSE 0 END,
       news.*, live.owner_id, live.reviewed_at, live.starts_at, live.digest, live.agreements
  FROM (VALUES (1)) one
  LEFT JOIN LATERAL ({notices.UNSEEN}) news ON TRUE
  LEFT JOIN LATERAL (
       SELECT m.owner_id, m.reviewed_at, a.starts_at, v.digest, {PLACE.format(at="%(at)s")} AS place,
              (SELECT COALESCE(json_agg(json_build_array(g.band_key, g.means, g.side)), '[]')
                 FROM scoring_models_bandagreement g WHERE g.model_id = m.id) AS agreements
       {LIVE.format(at="%(at)s")}
  ) live ON %(models)s
 ORDER BY live.place
"""
