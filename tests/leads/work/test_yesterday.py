"""How scores moved since yesterday, from the history that is kept."""

from datetime import timedelta

from leads.effective import band_of
from leads.models import Cause, Lead, ScoreChange
from leads.queue import ranking
from leads.queue.yesterday import Moved
from tests.leads.work.conftest import NOW, Cast, fresh, make_lead
from tests.leads.work.fixed_scorer import REFERENCE

DAY = timedelta(days=1)


def kept(lead: Lead, total: int, *, ago: timedelta) -> None:
    ScoreChange.objects.create(
        lead_id=lead.pk,
        at=NOW - ago,
        version_id=REFERENCE.version_id,
        total=total,
        engagement=total,
        fit=0,
        band=band_of(total, REFERENCE).rank,
        cause=Cause.SIGNAL,
    )


def moved(cast: Cast) -> Moved | None:
    [row] = ranking.ranked(user=fresh(cast.alice), now=NOW).rows
    return row.moved


def test_it_is_against_the_last_score_that_was_kept_a_day_ago(cast: Cast) -> None:
    lead = make_lead(cast.north, 75)
    for total, ago in ((10, 9 * DAY), (63, DAY), (40, DAY / 2), (75, DAY / 4)):
        kept(lead, total, ago=ago)

    assert moved(cast) == Moved(12, 63, NOW - DAY)


def test_another_band_is_named(cast: Cast) -> None:
    lead = make_lead(cast.north, 65)
    kept(lead, 90, ago=2 * DAY)
    kept(lead, 65, ago=DAY / 4)

    found = moved(cast)

    assert found is not None
    assert (found.points, found.band and found.band.key) == (-25, "hot")


def test_what_came_since_is_new(cast: Cast) -> None:
    lead = make_lead(cast.north, 65)
    kept(lead, 65, ago=DAY / 4)
    assert moved(cast) == Moved(None)
    Lead.objects.filter(pk=lead.pk).update(created_at=NOW - 2 * DAY)
    assert moved(cast) is None  # scored since, known before


def test_what_went_there_and_back_did_not_move(cast: Cast) -> None:
    lead = make_lead(cast.north, 65)
    kept(lead, 65, ago=3 * DAY)
    assert moved(cast) is None
    kept(lead, 80, ago=DAY / 4)
    kept(lead, 65, ago=DAY / 8)
    assert moved(cast) is None


def test_what_happens_later_is_not_seen(cast: Cast) -> None:
    lead = make_lead(cast.north, 65)
    kept(lead, 50, ago=2 * DAY)
    kept(lead, 65, ago=-DAY)
    assert moved(cast) is None
