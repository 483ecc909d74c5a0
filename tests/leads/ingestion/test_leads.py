"""Saving leads: found again, written, marked."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from leads.ingestion import lead_chunk, leads
from leads.ingestion.rows import LeadRow
from leads.ingestion.waiting import attach_waiting
from leads.models import Account, Attribute, Entity, Kind, Lead, Outcome, OutcomeKind, Stale
from leads.scorer import scorer
from leadscoring.people.models import Team
from tests.leads.ingestion.conftest import NOW, save

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sales")]


def marked() -> list[int]:
    """The leads marked stale, whose marks are then gone."""
    ids = sorted(set(Stale.objects.values_list("lead_id", flat=True)))
    Stale.objects.all().delete()
    return ids


def test_a_new_lead_is_written_with_what_was_given_and_its_facts() -> None:
    row = LeadRow(
        1,
        {
            "email": "Ann@Acme.com",
            "job_title": "VP,  Sales",
            "ssi_score": "70.50",
            "inbound": "Yes",
            "city": "",
        },
        external_id=" 7 ",
    )
    result = save(row)
    assert (result.read, result.created, result.refusals) == (1, 1, [])
    lead = Lead.objects.get(external_id="7")
    assert lead.attributes == {
        "email": "Ann@Acme.com",
        "job_title": "VP,  Sales",
        "ssi_score": "70.50",
        "inbound": "Yes",
    }
    assert (lead.email, lead.job_title, lead.inbound, lead.city) == ("ann@acme.com", "vp, sales", True, None)
    assert str(lead.ssi_score) == "70.50"
    assert lead.words == {"email": "ann acme com", "job_title": "vp sales"}
    assert (lead.created_at, lead.is_open, lead.account) == (NOW, True, None)
    assert marked() == [lead.pk]


def test_defined_attributes_go_into_facts_exactly() -> None:
    for key, kind in (
        ("visits", Kind.NUMBER),
        ("paid", Kind.BOOLEAN),
        ("met", Kind.DATE),
        ("topic", Kind.TEXT),
    ):
        Attribute.objects.create(key=key, label=key, kind=kind)
    save(
        LeadRow(
            1, {"visits": "0.10000000000000000001", "paid": "no", "met": "15 Mar 2024", "topic": "A/B"}, "1"
        )
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT facts->>'visits', facts->'paid', facts->>'met', facts->>'topic' FROM leads_lead"
        )
        assert cursor.fetchone() == (
            "0.10000000000000000001",
            "false",
            "2024-03-15T00:00:00.000000+00:00",
            "a/b",
        )
    assert Lead.objects.get().words == {"topic": "a b"}


def test_the_same_row_again_changes_and_marks_nothing() -> None:
    row = LeadRow(1, {"email": "ann@acme.com", "company": "Acme", "industry": "IT"}, external_id="7")
    save(row)
    marked()
    result = save(row, at=NOW + timedelta(days=1))
    assert (result.created, result.updated, result.unchanged) == (0, 0, 1)
    assert marked() == []
    assert Lead.objects.get().created_at == NOW


def test_a_known_lead_learns_and_an_empty_value_takes_nothing_away() -> None:
    save(LeadRow(1, {"job_title": "VP, Sales", "city": "Rome"}, external_id="7"))
    marked()
    result = save(LeadRow(1, {"job_title": "CEO", "city": None, "country": " "}, external_id="7"))
    assert result.updated == 1
    lead = Lead.objects.get()
    assert (lead.job_title, lead.city, lead.words) == ("ceo", "rome", None)
    assert lead.attributes == {"job_title": "CEO", "city": "Rome"}
    assert marked() == [lead.pk]


def test_a_lead_is_found_by_external_id_then_by_email_and_gets_what_it_lacked() -> None:
    save(LeadRow(1, {"email": "Ann@acme.com"}), LeadRow(2, {}, external_id="8"))
    result = save(
        LeadRow(1, {"email": "ann@ACME.com", "city": "Rome"}, external_id="7"),
        LeadRow(2, {"email": "bob@acme.com"}, external_id="8"),
    )
    assert (result.created, result.updated) == (0, 2)
    assert set(Lead.objects.values_list("external_id", "email")) == {
        ("7", "ann@acme.com"),
        ("8", "bob@acme.com"),
    }


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (LeadRow(5, {"email": "ann@acme.com"}, external_id="8"), "email", "belong to two different leads"),
        (
            LeadRow(5, {"email": "ann@acme.com"}, external_id="9"),
            "external_id",
            "has the external id “7”, not “9”",
        ),
        (LeadRow(5, {"city": "Rome"}), "", "neither an external id nor an e-mail address"),
        (
            LeadRow(5, {"ssi_score": "lots", "inbound": "hm"}, external_id="7"),
            "ssi_score; inbound",
            "“hm” is neither",
        ),
        (LeadRow(5, {"nonsense": "1"}, external_id="7"), "nonsense", "There is no attribute “nonsense”"),
        (LeadRow(5, {"unsubscribed": "hm"}, external_id="7"), "unsubscribed", "“hm” is neither"),
        (LeadRow(5, {}, external_id="x" * 1001), "external_id", "longer than 1,000 bytes"),
        (LeadRow(5, {}, external_id="7", team="Nobody"), "team", "There is no team “Nobody”"),
        (LeadRow(5, {}, external_id="7", owner="nobody@x.com"), "owner", "no active user “nobody@x.com”"),
    ],
)
def test_a_row_that_will_not_do_is_refused_and_the_others_go_in(
    row: LeadRow, column: str, reason: str
) -> None:
    save(LeadRow(1, {"email": "ann@acme.com"}, external_id="7"), LeadRow(2, {}, external_id="8"))
    marked()
    result = save(row, LeadRow(6, {"city": "Oslo"}, external_id="10"))
    (refusal,) = result.refusals
    assert (refusal.number, refusal.column) == (5, column)
    assert reason in refusal.reason
    assert (result.read, result.created, result.updated, result.unchanged) == (2, 1, 0, 0)
    assert marked() == [Lead.objects.get(external_id="10").pk]


def test_rows_of_one_lead_update_it_in_order_and_come_to_one_result() -> None:
    rows = (
        LeadRow(1, {"city": "Rome"}, external_id="7"),
        LeadRow(2, {"city": "Oslo", "email": "ann@acme.com"}, external_id="7"),
        LeadRow(3, {"city": "Bonn"}, external_id="7"),
        LeadRow(4, {"email": "ann@acme.com"}),
    )
    first = save(*rows)
    assert (first.created, first.updated, first.unchanged) == (1, 2, 1)
    assert Lead.objects.get().city == "bonn"
    marked()
    second = save(*rows)
    assert (second.created, second.updated, second.unchanged) == (0, 0, 4)
    assert marked() == []


def test_an_email_address_can_pass_from_one_lead_to_another() -> None:
    save(LeadRow(1, {"email": "a@x.com"}, external_id="1"), LeadRow(2, {"email": "b@x.com"}, external_id="2"))
    result = save(
        LeadRow(1, {"email": "c@x.com"}, external_id="2"),
        LeadRow(2, {"email": "b@x.com"}, external_id="1"),
        LeadRow(3, {"email": "a@x.com"}, external_id="3"),
    )
    assert not result.refusals
    emails = dict(Lead.objects.values_list("external_id", "email"))
    assert emails == {"1": "b@x.com", "2": "c@x.com", "3": "a@x.com"}


def test_created_at_is_what_the_source_says_then_stays() -> None:
    long_ago = datetime(2020, 1, 2, tzinfo=UTC)
    save(LeadRow(1, {}, external_id="7", created_at=long_ago))
    save(LeadRow(1, {"city": "Rome"}, external_id="7"), at=NOW)
    assert Lead.objects.get().created_at == long_ago


def test_the_source_of_an_import_is_that_of_new_leads_that_name_none() -> None:
    save(LeadRow(1, {}, external_id="1"))
    rows = [LeadRow(n, {"source": "Google"} if n == 2 else {}, external_id=str(n)) for n in (1, 2, 3)]
    save(*rows, source="Trade fair")
    assert dict(Lead.objects.values_list("external_id", "source")) == {
        "1": None,
        "2": "google",
        "3": "trade fair",
    }
    marked()
    assert save(*rows, source="Trade fair").unchanged == 3


def test_an_outcome_closes_the_lead_once_and_another_replaces_it() -> None:
    row = LeadRow(1, {}, external_id="7", outcome=OutcomeKind.LOST)
    save(row)
    assert not Lead.objects.get().is_open
    outcome = Outcome.objects.get()
    assert (outcome.kind, outcome.source, outcome.at, outcome.recorded_at) == ("lost", "import", NOW, NOW)
    assert save(row).unchanged == 1
    assert save(LeadRow(1, {}, external_id="7")).unchanged == 1
    assert not Lead.objects.get().is_open
    later = NOW + timedelta(days=1)
    assert save(LeadRow(1, {}, external_id="7", outcome=OutcomeKind.CONVERTED), at=later).updated == 1
    assert list(Outcome.objects.order_by("pk").values_list("kind", "voided_at")) == [
        ("lost", later),
        ("converted", None),
    ]


def test_a_chunk_that_fails_leaves_nothing_and_the_others_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leads, "CHUNK", 2)

    def power_cut(arrived: Iterable[tuple[int, str | None, str | None]]) -> int:
        if Lead.objects.count() > 2:
            raise RuntimeError("power cut")
        return attach_waiting(arrived)

    monkeypatch.setattr(lead_chunk, "attach_waiting", power_cut)
    rows = [LeadRow(n, {"company": f"Company {n}"}, external_id=str(n)) for n in range(4)]
    with pytest.raises(RuntimeError):
        save(*rows)
    assert set(Lead.objects.values_list("external_id", flat=True)) == {"0", "1"}
    assert Account.objects.count() == 2
    assert len(marked()) == 2
    monkeypatch.undo()
    result = save(*rows)
    assert (result.created, result.unchanged) == (2, 2)


def test_workers_are_woken_once_something_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    nudges: list[int] = []
    monkeypatch.setattr(type(scorer()), "nudge", lambda self: nudges.append(1))
    save(LeadRow(1, {}, external_id="7"))
    assert nudges
    nudges.clear()
    save(LeadRow(1, {}, external_id="7"))
    assert not nudges


# Accounts.


def account_of(external_id: str) -> Account:
    account = Lead.objects.get(external_id=external_id).account
    assert account is not None
    return account


def test_leads_share_an_account_by_domain_then_by_name_never_by_email() -> None:
    save(
        LeadRow(1, {"company": "Acme", "company_domain": "acme.com"}, external_id="1"),
        LeadRow(2, {"company": "Acme Corporation", "company_domain": "ACME.com"}, external_id="2"),
        LeadRow(3, {"company": " ACME "}, external_id="3"),
        LeadRow(4, {"email": "x@acme.com"}, external_id="4"),
        LeadRow(5, {"company": "Acme", "company_domain": "acme.de"}, external_id="5"),
    )
    assert account_of("1") == account_of("2") == account_of("3")
    assert Lead.objects.get(external_id="4").account is None
    assert account_of("5") != account_of("1")
    assert Account.objects.count() == 2


def test_an_account_known_by_name_takes_the_domain_that_comes_later() -> None:
    save(LeadRow(1, {"company": "Acme"}, external_id="1"))
    save(LeadRow(1, {"company": "ACME", "company_domain": "acme.com"}, external_id="2"))
    assert account_of("1") == account_of("2")
    assert account_of("1").company_domain == "acme.com"


def test_an_account_without_a_name_is_kept_and_named_later() -> None:
    save(
        LeadRow(1, {"industry": "Mining"}, external_id="1"),
        LeadRow(2, {"industry": "Retail"}, external_id="2"),
    )
    assert account_of("1") != account_of("2")
    before = account_of("1").pk
    save(LeadRow(1, {"company": "Acme"}, external_id="1"))
    assert (account_of("1").pk, account_of("1").company, account_of("1").industry) == (
        before,
        "acme",
        "mining",
    )


def test_a_lead_moves_to_the_company_that_it_is_said_to_work_for() -> None:
    save(LeadRow(1, {"company": "Acme"}, external_id="1"), LeadRow(2, {"company": "Beta"}, external_id="2"))
    marked()
    result = save(LeadRow(1, {"company": "Beta"}, external_id="1"))
    assert result.updated == 1
    assert account_of("1") == account_of("2")
    assert marked() == [Lead.objects.get(external_id="1").pk]


def test_whom_a_lead_leaves_is_marked_too() -> None:
    save(*(LeadRow(n, {"company": "Acme"}, external_id=str(n)) for n in (1, 2, 3)))
    marked()
    save(LeadRow(1, {"company": "Beta"}, external_id="1"))
    assert marked() == sorted(Lead.objects.values_list("pk", flat=True))


def test_news_of_an_account_marks_all_its_leads() -> None:
    save(*(LeadRow(n, {"company": "Acme"}, external_id=str(n)) for n in (1, 2, 3)))
    save(LeadRow(1, {"company": "Beta"}, external_id="4"))
    marked()
    result = save(LeadRow(1, {"company": "Acme", "is_competitor": "yes"}, external_id="1"))
    assert (result.updated, account_of("2").is_competitor) == (1, True)
    assert marked() == sorted(Lead.objects.exclude(external_id="4").values_list("pk", flat=True))


def test_what_rows_first_say_of_a_company_stays_and_the_others_are_counted() -> None:
    rows = [
        LeadRow(1, {"company": "Acme", "industry": "IT", "revenue": "5"}, external_id="1"),
        LeadRow(2, {"company": "ACME", "industry": "Software", "revenue": "5.0"}, external_id="2"),
    ]
    assert save(*rows).company_conflicts == 1
    assert (account_of("2").industry, account_of("2").revenue) == ("it", Decimal(5))
    again = save(*rows)
    assert (again.unchanged, again.company_conflicts) == (2, 1)
    save(rows[1])
    assert account_of("1").industry == "software"
    assert account_of("1").attributes == {"company": "Acme", "industry": "Software", "revenue": "5"}


def test_what_rows_first_say_of_a_company_stays_across_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leads, "CHUNK", 1)
    rows = [LeadRow(n, {"company": "Acme", "industry": f"I{n}"}, external_id=str(n)) for n in range(3)]
    save(*rows)
    marked()
    again = save(*rows)
    assert (again.unchanged, again.company_conflicts, marked()) == (3, 2, [])


def test_a_defined_attribute_of_the_company_is_stored_with_it() -> None:
    Attribute.objects.create(key="tier", label="Tier", kind=Kind.NUMBER, entity=Entity.ACCOUNT)
    save(LeadRow(1, {"company": "Acme", "tier": "2"}, external_id="1"))
    assert account_of("1").facts == {"tier": 2}
    assert Lead.objects.get().facts == {}


def test_no_lead_is_left_without_a_team(sales: Team) -> None:
    save(LeadRow(1, {}, external_id="1"))
    assert Lead.objects.get().team == sales
