"""What a page of the queue holds, who gets one, and what it costs."""

from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from leads.models import Account, OverrideKind, OverrideReason
from leads.overrides import set_override
from leads.queue import claims
from leads.queue.criteria import Criteria, Sort
from leads.queue.cursor import Cursor, decode
from leads.queue.ranking import GREATEST_PAGE, Page, looked_at, ranked, waiting
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from tests.leads.work.conftest import NOW, Cast, fresh, make_lead, person
from tests.leads.work.fixed_scorer import REFERENCE, FixedScorer, scale_of


def queue(user: User, after: str | None = None, size: int = 50) -> Page:
    return ranked(user=user, now=NOW, after=after, size=size)


def test_a_row_says_who_it_is_and_what_counts(cast: Cast) -> None:
    account = Account.objects.create(attributes={"company": "Brandt Logistik"})
    lead = make_lead(
        cast.north,
        52,
        account=account,
        attributes={"first_name": "Maren", "last_name": "Vogel", "job_title": "Head of Operations"},
    )
    claim = claims.claim(lead_id=lead.pk, actor=cast.alice, at=NOW)
    override = set_override(
        lead_id=lead.pk,
        kind=OverrideKind.POINTS,
        points=23,
        reason=OverrideReason.MET,
        actor=cast.alice,
        at=NOW,
    )

    [row] = queue(cast.alice).rows

    assert (row.name, row.title, row.company) == ("Maren Vogel", "Head of Operations", "Brandt Logistik")
    assert (row.score, row.band.key, row.model_score, row.model_band.key) == (75, "sql", 52, "mql")
    assert (row.claim, row.override) == (claim, override)


def test_a_row_of_a_lead_of_whom_little_is_known_has_a_name(cast: Cast) -> None:
    lead = make_lead(cast.north, external_id="X-1")

    [row] = queue(cast.alice).rows

    assert (row.lead, row.name, row.title, row.company) == (lead, "X-1", "", "")
    assert (row.claim, row.override, row.lead.owner) == (None, None, None)


def test_bands_come_before_scores_and_intent_before_ids(cast: Cast) -> None:
    plain = make_lead(cast.north, 70)
    recent = make_lead(cast.north, 70, last_intent_at=NOW)
    earlier = make_lead(cast.north, 70, last_intent_at=NOW - timedelta(microseconds=1))
    also_plain = make_lead(cast.north, 70)
    hot = make_lead(cast.north, 81)

    assert [row.lead for row in queue(cast.alice).rows] == [hot, recent, earlier, plain, also_plain]


def test_pages_break_within_a_tie_and_lose_nothing(cast: Cast) -> None:
    leads = [make_lead(cast.north, 70) for _each in range(5)]
    first = queue(cast.alice, size=2)
    second = queue(cast.alice, after=first.next, size=2)
    third = queue(cast.alice, after=second.next, size=2)

    assert [row.lead for page in (first, second, third) for row in page.rows] == leads
    assert queue(cast.alice, after=third.previous, size=2).rows == second.rows
    assert third.next is None


@pytest.mark.parametrize("name", ["mia", "adam"])
def test_who_works_no_leads_has_no_queue(cast: Cast, name: str) -> None:
    make_lead(cast.north)
    user = getattr(cast, name)

    assert queue(user) == Page(())
    assert waiting(user=user, now=NOW) == []


def test_without_a_live_model_it_is_empty(cast: Cast) -> None:
    make_lead(cast.north)
    FixedScorer.live = None

    assert queue(cast.alice) == Page(())
    assert waiting(user=cast.alice, now=NOW) == []


def test_a_band_that_only_an_earlier_version_had_stays_in_sight(cast: Cast) -> None:
    lead = make_lead(cast.north, 70)
    FixedScorer.live = scale_of(("low", None, "marketing"), ("high", 50, "sales"), version_id=2)
    FixedScorer.earlier = (REFERENCE,)

    [row] = queue(cast.alice).rows

    assert (row.lead, row.band.key) == (lead, "sql")
    counts = [(entry.band.key, entry.count) for entry in waiting(user=cast.alice, now=NOW)]
    assert counts == [("high", 0), ("sql", 1)]


def test_bands_of_two_models_stand_in_one_order_from_the_top(cast: Cast) -> None:
    partners = scale_of(
        ("cold", None, "marketing"), ("warm", 20, "sales"), ("hot", 200, "sales"), version_id=2
    )
    FixedScorer.before = (partners,)
    hot = make_lead(cast.north, 90)
    hotter = make_lead(cast.north, 210, scale=partners)
    warm = make_lead(cast.north, 75, scale=partners)
    sql = make_lead(cast.north, 70)
    mql = make_lead(cast.north, 40)
    make_lead(cast.north, 10, scale=partners)  # of the same rank as the MQL, but marketing's

    rows = queue(cast.alice).rows
    counts = [(entry.band.key, entry.count) for entry in waiting(user=cast.alice, now=NOW)]

    assert [row.lead for row in rows] == [hotter, hot, warm, sql, mql]
    assert [row.band.key for row in rows] == ["hot", "hot", "warm", "sql", "mql"]
    assert counts == [("hot", 2), ("warm", 1), ("sql", 1), ("mql", 1)]
    only_warm = ranked(user=cast.alice, now=NOW, criteria=Criteria(bands=frozenset({"warm"})))
    assert [row.lead for row in only_warm.rows] == [warm]


def test_an_override_counts_from_its_start_and_not_at_its_end(cast: Cast) -> None:
    lead = make_lead(cast.north, 70)
    end = NOW + timedelta(hours=1)
    set_override(
        lead_id=lead.pk,
        kind=OverrideKind.HOLD,
        reason=OverrideReason.NOT_NOW,
        actor=cast.alice,
        at=NOW,
        ends_at=end,
    )

    def length(seconds: float) -> int:
        return len(ranked(user=cast.alice, now=end + timedelta(seconds=seconds)).rows)

    assert (length(-3600.001), length(-3600), length(-0.001), length(0)) == (1, 0, 0, 1)


def test_somebody_without_a_team_sees_the_leads_without_one(cast: Cast) -> None:
    make_lead(cast.north)
    lost = make_lead(None)

    assert [row.lead for row in queue(person("Nora", Role.REP)).rows] == [lost]


@pytest.mark.parametrize("rare", [0, 5000])
def test_a_source_is_found_whether_few_or_many_leads_have_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, rare: int
) -> None:
    monkeypatch.setattr("leads.queue.values_sql.RARE", rare)
    mine = make_lead(cast.north, 70, source="webinar", owner=cast.alice)
    held, other = (make_lead(cast.north, 65, source="webinar") for _each in range(2))
    claims.claim(lead_id=held.pk, actor=cast.alice, at=NOW)
    claims.claim(lead_id=other.pk, actor=cast.bob, at=NOW)
    make_lead(cast.north, 90, source="list")
    make_lead(cast.north, 90, source="webinar", owner=cast.bob)
    make_lead(cast.south, 90, source="webinar")
    criteria = Criteria(source="webinar")

    rows = ranked(user=cast.alice, now=NOW, criteria=criteria).rows
    counted = waiting(user=cast.alice, now=NOW, criteria=criteria)

    assert [row.lead for row in rows] == [mine, held]
    assert [entry.count for entry in counted] == [0, 2, 0]


def test_a_count_that_looks_at_lead_after_lead_says_that_there_may_be_more(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leads.queue.values_sql.RARE", 0)
    for n in range(6):
        make_lead(cast.north, 90, inbound=n % 2 == 0)
    make_lead(cast.north, 70, inbound=True)
    inbound = Criteria(inbound=True)

    def counted(looked: int) -> list[tuple[int, bool]]:
        monkeypatch.setattr("leads.queue.ranking_sql.FAR_ENOUGH", looked)
        _page, counts = looked_at(user=cast.alice, now=NOW, criteria=inbound, after=None, sort=Sort.RANK)
        return [(entry.count, entry.more) for entry in counts]

    assert counted(7) == [(3, False), (1, False), (0, False)]
    (hot, more), *others = counted(4)
    assert (1 <= hot <= 3, more, others) == (True, True, [(1, False), (0, False)])


def test_counts_stop_at_a_thousand(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leads.queue.ranking.COUNT_LIMIT", 3)
    for _each in range(3):
        make_lead(cast.north, 70)
        make_lead(cast.north, 90)
    make_lead(cast.north, 90)

    counted = [(entry.band.key, entry.count, entry.more) for entry in waiting(user=cast.alice, now=NOW)]

    assert counted == [("hot", 3, True), ("sql", 3, False), ("mql", 0, False)]


def test_a_page_is_never_larger_than_allowed(cast: Cast) -> None:
    for _each in range(3):
        make_lead(cast.north)

    assert len(queue(cast.alice, size=0).rows) == 1
    assert len(queue(cast.alice, size=GREATEST_PAGE + 1).rows) == 3


def test_a_page_costs_as_many_queries_for_fifty_rows_as_for_two(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    account = Account.objects.create(attributes={"company": "Brandt Logistik"})
    for _each in range(50):
        make_lead(cast.north, account=account, owner=cast.alice)
    for held in (make_lead(cast.north, 90, account=account), make_lead(cast.north, 91, account=account)):
        claims.claim(lead_id=held.pk, actor=cast.alice, at=NOW)
        set_override(
            lead_id=held.pk,
            kind=OverrideKind.SCORE,
            points=85,
            reason=OverrideReason.MET,
            actor=cast.alice,
            at=NOW,
        )

    for size in (2, 50):
        user = fresh(cast.alice)
        with django_assert_num_queries(0):  # all that there is, is prepared
            rows = queue(user, size=size).rows
            for row in rows:
                assert row.name and row.company
                assert row.lead.owner is None or row.lead.owner.name
                assert row.override is None or row.override.author.name
        assert len(rows) == size


class TestCursors:
    def test_it_comes_back_as_it_was(self) -> None:
        cursor = Cursor(3, -100, NOW, 2**62, backwards=True)

        assert decode(cursor.encode()) == cursor

    @pytest.mark.parametrize(
        "word",
        [
            "x",
            "ü",
            "bm90IGpzb24",  # not json
            "WzEsMiwzXQ",  # [1,2,3]
            "e30",  # {}
            "WzEsMiwiMjAyNi0wMy0wMlQxMjowMDowMCIsNSwwXQ",  # a time without a zone
            "Wzk5OTk5LDIsIjIwMjYtMDMtMDJUMTI6MDA6MDArMDA6MDAiLDUsMF0",  # band 99999
            "WzEsMS41LCIyMDI2LTAzLTAyVDEyOjAwOjAwKzAwOjAwIiw1LDBd",  # score 1.5
            "W" * 10_000,
            Cursor(1, 2, datetime.fromisoformat("0001-01-01T00:00:00+23:59"), 5).encode(),
            Cursor(1, 2**31, NOW, 5).encode(),
            Cursor(1, 2, NOW, 10**28).encode(),
        ],
    )
    def test_whatever_else_is_refused(self, cast: Cast, word: str) -> None:
        with pytest.raises(DomainError) as refused:
            queue(cast.alice, after=word)
        assert refused.value.code == "cursor.invalid"

    def test_the_lead_that_it_names_may_be_gone(self, cast: Cast) -> None:
        first, second, third = (make_lead(cast.north, total) for total in (90, 80, 70))
        page = queue(cast.alice, size=1)
        assert [row.lead for row in page.rows] == [first]
        first.score.delete()

        assert [row.lead for row in queue(cast.alice, after=page.next).rows] == [second, third]
