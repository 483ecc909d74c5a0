"""The cast of tests.leads.work, with bands that say how soon they are to be answered."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from pytest_django import Settings

from leads.ingestion.signals import add_signal
from leads.models import Lead, Response, Stale
from leads.response.refresh import refresh
from leads.scorer import Band, Scale, scorer
from tests.leads.work.conftest import Cast, make_cast
from tests.leads.work.fixed_scorer import REFERENCE, FixedScorer

HOURS = {"nurture": None, "mql": 72, "sql": 24, "hot": 2}
ANSWERED = Scale(
    1,
    1,
    "Test",
    "Test, version 1",
    tuple(
        Band(rank, key, key.title(), edge, "", "", "sales" if hours else "marketing", hours)
        for rank, ((key, hours), edge) in enumerate(zip(HOURS.items(), (None, 31, 61, 81), strict=True), -4)
    ),
    0,
    None,
)


@pytest.fixture(autouse=True)
def live_scale(settings: Settings) -> Iterator[Scale]:
    settings.LEADS_SCORER = "tests.leads.work.fixed_scorer.FixedScorer"
    scorer.cache_clear()
    FixedScorer.live = ANSWERED
    yield ANSWERED
    FixedScorer.live = REFERENCE
    scorer.cache_clear()


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def signal(lead: Lead, at: datetime, type_key: str = "dm_received") -> None:
    """Something the lead did comes in."""
    add_signal(lead_id=lead.pk, type_key=type_key, occurred_at=at, received_at=at, source="test")


def settle() -> None:
    """Do what workers do: the leads are scored (their scores are given here), then their clocks are set."""
    Stale.objects.all().delete()
    while refresh():
        pass


def clocks_of(lead: Lead) -> Response | None:
    settle()
    return Response.objects.filter(lead=lead).first()
