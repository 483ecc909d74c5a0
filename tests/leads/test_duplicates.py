"""Leads that may be one person are suggested, and only to whom it concerns."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from leads import duplicates
from leads.duplicates import EMAIL, NAME, duplicates_of, say_not_same, suggestions, take_back_not_same
from leads.merging.verbs import merge
from leads.models import Account, Lead, NotSame
from leadscoring.errors import DomainError
from leadscoring.people.models import Team
from tests.leads.work.conftest import NOW, Cast, cast, live_scale, make_lead

__all__ = ("cast", "live_scale")

pytestmark = pytest.mark.django_db


def kim(team: Team, account: Account | None, first_name: str = "kim") -> Lead:
    return make_lead(team, account=account, first_name=first_name, last_name="lee")


@pytest.fixture
def acme(db: None) -> Account:
    return Account.objects.create(company="acme")


@pytest.fixture
def kims(cast: Cast, acme: Account) -> tuple[Lead, Lead]:
    return kim(cast.north, acme), kim(cast.north, acme)


def pairs(cast: Cast) -> list[tuple[int, int, str]]:
    return [(pair.newer, pair.older, pair.why) for pair in suggestions(user=cast.alice).pairs]


def refused(code: str) -> "pytest.RaisesExc[DomainError]":
    return pytest.raises(DomainError, check=lambda error: error.code == code)


def test_the_same_name_at_the_same_company_is_suggested(cast: Cast, kims: tuple[Lead, Lead]) -> None:
    one, other = kims
    kim(cast.north, Account.objects.create(company="other"))
    kim(cast.north, one.account, first_name="max")
    kim(cast.north, None)
    assert pairs(cast) == [(other.pk, one.pk, NAME)]
    for lead in kims:
        assert duplicates_of(lead, user=cast.alice) == [(other.pk, one.pk, NAME)]


@pytest.mark.parametrize(
    ("first", "second", "is_pair"),
    [
        ("kim@acme.example", "kim+news@acme.example", True),
        ("kim+news@acme.example", "kim@acme.example", True),
        ("kim+a@acme.example", "kim+b@acme.example", True),
        ("kim+a@acme.example", "kim+a@other.example", False),
        ("kim@acme.example", "kimi@acme.example", False),
    ],
)
def test_addresses_of_one_mailbox_are_suggested(cast: Cast, first: str, second: str, is_pair: bool) -> None:
    one, other = (make_lead(cast.north, email=email) for email in (first, second))
    expected = [(other.pk, one.pk, EMAIL)] if is_pair else []
    assert pairs(cast) == expected
    assert duplicates_of(one, user=cast.alice) == expected


def test_nobody_hears_of_leads_of_other_teams(cast: Cast, acme: Account) -> None:
    kim(cast.north, acme)
    kim(cast.south, acme)
    assert suggestions(user=cast.alice).pairs == suggestions(user=cast.dan).pairs == []
    assert len(suggestions(user=cast.adam).pairs) == 1


def test_who_was_merged_is_not_suggested(cast: Cast, kims: tuple[Lead, Lead]) -> None:
    merge(kept_id=kims[0].pk, absorbed_id=kims[1].pk, actor=cast.alice, at=NOW)
    assert pairs(cast) == []


def test_not_the_same_is_remembered_until_it_is_taken_back(cast: Cast, kims: tuple[Lead, Lead]) -> None:
    one, other = kims
    said = say_not_same(lead_ids=(other.pk, one.pk), actor=cast.alice, at=NOW)
    assert say_not_same(lead_ids=(one.pk, other.pk), actor=cast.bob, at=NOW) == said
    assert pairs(cast) == duplicates_of(one, user=cast.alice) == []
    take_back_not_same(not_same_id=said.pk, actor=cast.alice, at=NOW + timedelta(hours=1))
    assert len(pairs(cast)) == 1
    with refused("not_same.not_found"):
        take_back_not_same(not_same_id=said.pk, actor=cast.alice, at=NOW)


def test_only_who_works_both_may_say_so(cast: Cast, kims: tuple[Lead, Lead]) -> None:
    Lead.objects.filter(pk=kims[1].pk).update(owner=cast.bob)
    ids = (kims[0].pk, kims[1].pk)
    for user, code in (
        (cast.alice, "lead.not_yours"),
        (cast.mia, "lead.not_yours"),
        (cast.dan, "lead.not_found"),
    ):
        with refused(code):
            say_not_same(lead_ids=ids, actor=user, at=NOW)
    say_not_same(lead_ids=ids, actor=cast.carol, at=NOW)


def test_the_database_keeps_one_word_a_pair(cast: Cast, kims: tuple[Lead, Lead]) -> None:
    one, other = kims
    say_not_same(lead_ids=(one.pk, other.pk), actor=cast.alice, at=NOW)
    for first, second in ((one, other), (other, one)):
        with pytest.raises(IntegrityError), transaction.atomic():
            NotSame.objects.create(first=first, second=second, said_by=cast.bob, said_at=NOW)


def test_pages_of_suggestions_leave_nobody_out(
    cast: Cast, acme: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "LOOKED_AT", 3)
    monkeypatch.setattr(duplicates, "PAIRS", 2)
    leads = [kim(cast.north, acme) for _ in range(5)]
    found: list[tuple[int, int]] = []
    before: int | None = None
    for _ in range(20):
        page = suggestions(user=cast.alice, before=before)
        found += [(pair.newer, pair.older) for pair in page.pairs]
        before = page.next
        if before is None:
            break
    first, *others = [lead.pk for lead in leads]
    assert found == [(lead_id, first) for lead_id in reversed(others)]
    assert before is None


def test_a_page_reads_by_index_however_many_leads_there_are(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN " + duplicates._NEWEST,
            {"before": 10**9, "all": False, "teams": [cast.north.pk], "most": 3000, "pairs": 21},
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan on leads_lead" not in plan, plan
    assert "leads_lead_name_at" in plan, plan
    assert "leads_lead_mailbox" in plan, plan
