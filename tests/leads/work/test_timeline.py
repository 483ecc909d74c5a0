"""What a lead did, a page at a time."""

from datetime import timedelta

import pytest

from leads.ingestion.signals import add_signal
from leads.timeline import timeline, types_of
from leadscoring.errors import DomainError
from tests.leads.work.conftest import NOW, Cast, make_lead


def test_only_signals_of_one_type_are_shown_where_so_asked(cast: Cast) -> None:
    lead = make_lead(cast.north)
    for number, type_key in enumerate(("profile_view", "post_comment", "profile_view")):
        at = NOW - timedelta(hours=number)
        add_signal(lead_id=lead.pk, type_key=type_key, occurred_at=at, received_at=at, source="test")
    first = timeline(lead, type_key="profile_view", size=1)
    rest = timeline(lead, type_key="profile_view", before=first.next)
    assert [event.signal.type.key for event in (*first.events, *rest.events)] == ["profile_view"] * 2
    assert [kind.key for kind in types_of(lead)] == ["post_comment", "profile_view"]


def test_pages_show_every_signal_once_the_latest_first(cast: Cast) -> None:
    lead = make_lead(cast.north)
    for hours in (1, 2, 2, 3, 5):
        happened = NOW - timedelta(hours=hours)
        add_signal(
            lead_id=lead.pk,
            type_key="page_view",
            occurred_at=happened,
            received_at=NOW,
            source="web",
            message_id=str(lead.signals.count()),
        )

    pages = [timeline(lead, size=2)]
    while pages[-1].next is not None:
        pages.append(timeline(lead, size=2, before=pages[-1].next))

    shown = [event.signal for page in pages for event in page.events]
    assert shown == list(lead.signals.order_by("-occurred_at", "-pk"))
    assert [len(page.events) for page in pages] == [2, 2, 1]


@pytest.mark.parametrize(
    "word",
    [
        "x",
        "2026-03-02T12:00:00_1",  # without a zone
        "2026-03-02T12:00:00+00:00_",
        f"2026-03-02T12:00:00+00:00_{2**63}",
        "0001-01-01T00:00:00+23:59_1",  # before the first year
        "9999-12-31T23:59:59-23:59_1",  # after the last
    ],
)
def test_a_broken_cursor_is_refused(cast: Cast, word: str) -> None:
    with pytest.raises(DomainError) as refused:
        timeline(make_lead(cast.north), before=word)
    assert refused.value.code == "cursor.invalid"
