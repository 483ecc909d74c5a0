"""Which leads meet the conditions of a segment."""

import csv
import io
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from leads.models import Account, Attribute, DatedValue, Lead, Merge, Override, OverrideKind, OverrideReason
from leads.queue.criteria import Criteria
from leads.queue.nurture import how_many, looked_at, nurture, nurture_rows, waiting
from leads.segments.narrowing import narrowed
from leads.segments.reading import MOST, read, read_all
from leads.spreadsheets.writing import csv_pieces
from leads.standing import stage_of
from leads.text import words
from leads.values import set_value
from leadscoring.errors import DomainError
from tests.leads.response.conftest import signal
from tests.leads.work.conftest import NOW, Cast, make_lead

DAY = timedelta(days=1)


@pytest.fixture
def leads(cast: Cast) -> dict[str, Lead]:
    """Three leads of whom different things are known."""
    Attribute.objects.create(key="visits", label="Visits", kind="number")
    Attribute.objects.create(key="renewal", label="Renewal", kind="date")
    Attribute.objects.create(key="partner", label="Partner", kind="boolean")
    acme = Account.objects.create(company="acme", industry="software", revenue=Decimal(5_000_000))
    title = "director, sales_ops"
    known: dict[str, dict[str, Any]] = {
        "ada": {
            "job_title": title,
            "words": {"job_title": words(title)},
            "account": acme,
            "inbound": True,
            "facts": {"visits": 12, "renewal": "2026-06-01T00:00:00.000000+00:00", "partner": True},
        },
        "bo": {
            "job_title": "codirector",
            "inbound": False,
            "facts": {"visits": 3.5, "renewal": "2027-01-01T00:00:00.000000+00:00", "partner": False},
        },
        "cy": {"facts": {"visits": "many", "partner": "x", "renewal": "soon"}},
    }
    return {name: make_lead(cast.north, 10, external_id=name, **fields) for name, fields in known.items()}


def found(cast: Cast, *conditions: str) -> set[str]:
    within = narrowed(read_all(conditions))
    return {str(row.lead) for row in nurture(user=cast.mia, now=NOW, within=within).rows}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("attribute:job_title:is:Director,  Sales_Ops", "ada"),
        ("attribute:job_title:is_not:codirector", "ada"),
        ("attribute:job_title:contains:director", "ada"),
        ("attribute:job_title:contains:Sales_ops", "ada"),
        ("attribute:job_title:contains:salesXops", ""),
        ("attribute:job_title:known", "ada bo"),
        ("attribute:job_title:unknown", "cy"),
        ("attribute:industry:is:Software", "ada"),
        ("attribute:industry:unknown", "bo cy"),
        ("attribute:revenue:at_least:5000000", "ada"),
        ("attribute:revenue:at_least:5000000.01", ""),
        ("attribute:inbound:yes", "ada"),
        ("attribute:inbound:no", "bo"),
        ("attribute:visits:at_most:3.5", "bo"),
        ("attribute:visits:is:12", "ada"),
        ("attribute:visits:known", "ada bo"),
        ("attribute:partner:yes", "ada"),
        ("attribute:partner:unknown", "cy"),
        ("attribute:renewal:at_least:2026-07-01", "bo"),
        ("attribute:renewal:between:2026-06-01, 2026-12-31", "ada"),
        ("attribute:visits:between:3.5, 12", "ada bo"),
        ("attribute:revenue:between:1, 2", ""),
        ("attribute:visits:any_of:12, 99", "ada"),
        ("attribute:visits:none_of:12, 99", "bo"),
        ("attribute:job_title:any_of:Codirector, other", "bo"),
        ("attribute:industry:any_of:Software", "ada"),
        ("attribute:renewal:at_most:2026-06-01", "ada"),
    ],
)
def test_attributes(cast: Cast, leads: dict[str, Lead], condition: str, expected: str) -> None:
    assert found(cast, condition) == set(expected.split())


def test_signals_are_counted_within_the_days(cast: Cast, leads: dict[str, Lead]) -> None:
    for days in (1, 20, 40):
        signal(leads["ada"], NOW - days * DAY, "page_view")
    signal(leads["bo"], NOW - 30 * DAY, "page_view")  # The window leaves out its beginning.
    signal(leads["cy"], NOW + DAY, "page_view")
    signal(leads["bo"], NOW - DAY, "dm_received")
    assert found(cast, "signal:page_view:1:30") == {"ada"}
    assert found(cast, "signal:page_view:2:30") == {"ada"}
    assert found(cast, "signal:page_view:3:30") == set()
    assert found(cast, "signal:page_view:1:31") == {"ada", "bo"}
    assert found(cast, "no_signal:page_view:2:30") == {"bo", "cy"}


def test_signals_of_an_absorbed_lead_are_those_of_the_one_that_has_them(
    cast: Cast, leads: dict[str, Lead]
) -> None:
    signal(leads["bo"], NOW - DAY, "page_view")
    signal(leads["ada"], NOW - DAY, "page_view")
    merge = Merge.objects.create(kept=leads["ada"], absorbed=leads["bo"], merged_by=cast.carol, merged_at=NOW)
    assert "ada" in found(cast, "signal:page_view:2:30")
    Merge.objects.filter(pk=merge.pk).update(undone_at=NOW)
    assert found(cast, "signal:page_view:2:30") == set()


@pytest.mark.parametrize("told_at", [None, NOW - 50 * DAY, NOW - 2 * DAY])
def test_the_stage_is_that_of_the_leads_page(
    cast: Cast, leads: dict[str, Lead], told_at: datetime | None
) -> None:
    signal(leads["ada"], NOW - 10 * DAY, "demo_request")
    signal(leads["bo"], NOW - 100 * DAY, "demo_request")
    signal(leads["bo"], NOW - 10 * DAY, "page_view")
    if told_at is not None:
        for name in ("ada", "cy"):
            Lead.objects.filter(pk=leads[name].pk).update(facts={"journey_stage": "consideration"})
            DatedValue.objects.create(
                lead=leads[name],
                key="journey_stage",
                value="consideration",
                since=told_at,
                recorded_at=told_at,
            )
    for stage in ("decision", "consideration", "awareness", "none"):
        expected = set()
        for name, lead in leads.items():
            lead.refresh_from_db()
            word = stage_of(lead, now=NOW)
            if (word.value if word else "none") == stage:
                expected.add(name)
        assert found(cast, f"stage:{stage}") == expected, stage


def test_contact_is_what_the_leads_page_says(cast: Cast, leads: dict[str, Lead]) -> None:
    signal(leads["ada"], NOW - 3 * DAY, "unsubscribed")
    signal(leads["bo"], NOW - 3 * DAY, "disconnected")
    signal(leads["cy"], NOW - 3 * DAY, "unsubscribed")
    signal(leads["cy"], NOW - 2 * DAY, "resubscribed")
    assert found(cast, "contact:unsubscribed") == {"ada"}
    assert found(cast, "contact:disconnected") == {"bo"}
    assert found(cast, "contact:possible") == {"cy"}
    set_value(lead_id=leads["cy"].pk, key="unsubscribed", raw="yes", actor=cast.carol, at=NOW - DAY)
    assert found(cast, "contact:unsubscribed") == {"ada", "cy"}


def test_all_conditions_have_to_be_met_and_the_counts_and_the_export_agree(
    cast: Cast, leads: dict[str, Lead]
) -> None:
    signal(leads["ada"], NOW - DAY, "page_view")
    conditions = ("attribute:visits:known", "signal:page_view:1:30", "stage:awareness")
    assert found(cast, *conditions) == {"ada"}
    within = narrowed(read_all(conditions))
    assert how_many(user=cast.mia, now=NOW, criteria=Criteria(), within=within, limit=10) == 1
    assert [entry.count for entry in waiting(user=cast.mia, now=NOW, within=within)] == [1]
    text = "".join(csv_pieces(nurture_rows(user=cast.mia, now=NOW, within=within)))
    assert [line["external_id"] for line in csv.DictReader(io.StringIO(text))] == ["ada"]
    inbound = Criteria(inbound=False)
    assert nurture(user=cast.mia, now=NOW, criteria=inbound, within=within).rows == ()


def test_a_page_of_a_segment_is_followed_by_the_rest(cast: Cast) -> None:
    for number in range(5):
        make_lead(cast.north, number, external_id=str(number), inbound=True)
    within = narrowed(read_all(["attribute:inbound:yes"]))
    first = nurture(user=cast.mia, now=NOW, within=within, size=3)
    rest = nurture(user=cast.mia, now=NOW, within=within, size=3, after=first.next)
    assert [str(row.lead) for row in (*first.rows, *rest.rows)] == ["4", "3", "2", "1", "0"]


CONDITIONS = (
    "stage:decision",
    "stage:none",
    "signal:page_view:2:30",
    "no_signal:page_view:1:30",
    "signal:page_view:1:30 attribute:job_title:known contact:possible",
)


@pytest.mark.parametrize("conditions", CONDITIONS)
@pytest.mark.parametrize("looked", [3, 9])
def test_leads_tested_one_by_one_are_those_that_are_found_at_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, conditions: str, looked: int
) -> None:
    """Pages of two, forwards and back, of leads of several owners and scores, one of them overridden."""
    leads = many_leads(cast)
    within = narrowed(read_all(conditions.split()))
    monkeypatch.setattr("leads.queue.walk_sql.FAR_ENOUGH_FOR_A_PAGE", 0)
    at_once = nurture(user=cast.mia, now=NOW, within=within, size=500).rows
    monkeypatch.setattr("leads.queue.walk_sql.FAR_ENOUGH_FOR_A_PAGE", looked)
    assert 2 < len(at_once) < len(leads)

    pages = [nurture(user=cast.mia, now=NOW, within=within, size=2)]
    while pages[-1].next:
        pages.append(nurture(user=cast.mia, now=NOW, within=within, size=2, after=pages[-1].next))
    assert [row.lead for page in pages for row in page.rows] == [row.lead for row in at_once]
    before = nurture(user=cast.mia, now=NOW, within=within, size=2, after=pages[-1].previous)
    assert [row.lead for row in before.rows] == [row.lead for row in pages[-2].rows]


def test_a_page_that_is_soon_full_is_not_of_all_signals(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    many_leads(cast)
    monkeypatch.setattr("leads.queue.ranking.PAGE_SIZE", 2)
    monkeypatch.setattr("leads.queue.ranking_sql.FAR_ENOUGH", 5)
    within = narrowed(read_all(["signal:page_view:1:30"]))
    page, (counted,) = looked_at(
        user=cast.mia, now=NOW, criteria=Criteria(), within=within, after=None, teams=[cast.north.pk]
    )
    assert len(page.rows) == 2 and page.next
    # Of the five leads that were looked at for it.
    assert (counted.more, 0 < counted.count <= 5) == (True, True)


def many_leads(cast: Cast) -> list[Lead]:
    """Twelve of marketing's band, of which every second viewed pages and every third has a decision."""
    owners = (None, cast.alice, cast.bob)
    leads = [
        make_lead(cast.north, 10 + n % 3, owner=owners[n % 2], external_id=str(n), job_title=f"t{n}")
        for n in range(12)
    ]
    for n, lead in enumerate(leads):
        for days in range(1, 3 * (n % 2) + 1):
            signal(lead, NOW - days * DAY, "page_view")
        if n % 3 == 0:
            signal(lead, NOW - DAY, "demo_request")
    Override.objects.create(
        lead=leads[3], kind=OverrideKind.POINTS, points=-1, reason=OverrideReason.MET, author=cast.carol,
        starts_at=NOW - DAY, ends_at=NOW + DAY,
    )  # fmt: skip
    return leads


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "nonsense",
        "attribute",
        "attribute:nobody_knows:is:x",
        "attribute:unsubscribed:yes",
        "attribute:job_title:at_least:3",
        "attribute:job_title:drop:x",
        "attribute:job_title:is:",
        "attribute:job_title:is:" + "x" * 201,
        "attribute:job_title:contains:!!!",
        "attribute:revenue:at_least:much",
        "attribute:inbound:is:yes",
        "attribute:visits_or_so:between:1, 2",
        "attribute:revenue:between:1",
        "attribute:revenue:between:2, 1",
        "attribute:revenue:between:1, 2, 3",
        "attribute:revenue:any_of:1, much",
        "attribute:job_title:any_of: , ,",
        "contact:never",
        "stage:enthusiasm",
        "signal:page_view",
        "signal:page_view:0:30",
        "signal:page_view:1:99999",
        "signal:page_view:1.5:30",
        "signal:nothing_such:1:30",
    ],
)
def test_what_is_no_condition_is_refused_and_never_left_out(db: None, condition: str) -> None:
    with pytest.raises(DomainError) as refused:
        read(condition)
    assert refused.value.code == "segment.condition"


def test_there_is_a_most(db: None) -> None:
    with pytest.raises(DomainError):
        read_all([f"attribute:job_title:is:{number}" for number in range(MOST + 1)])


def test_a_condition_is_read_as_it_is_spelled(db: None) -> None:
    texts = (
        "attribute:job_title:is:a:b",
        "contact:possible",
        "attribute:revenue:between:1, 2",
        "stage:none",
        "signal:page_view:2:30",
        "no_signal:dm_received:1:7",
    )
    for text in texts:
        assert read(text).text == text
    assert read("attribute:job_title:is:a:b").sentence.endswith("is a:b")
    assert read("signal:page_view:2:30").sentence == "Viewed a page at least 2 times in the last 30 days"
