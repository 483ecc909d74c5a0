"""What attributes were: kept for whatever changes them, and dated by their source where it says when."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from django.db import connection

from leads.ingestion.history import begin_values
from leads.ingestion.rows import LeadRow
from leads.models import Account, Attribute, DatedValue, Lead, Stale
from tests.leads.ingestion.conftest import NOW, save

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sales")]

DAY = timedelta(days=1)


def row(values: dict[str, object], values_at: datetime | None = None) -> LeadRow:
    return LeadRow(1, values, external_id="1", values_at=values_at)  # type: ignore[arg-type]


def history(key: str) -> list[tuple[object, datetime | None]]:
    return list(DatedValue.objects.filter(key=key).order_by("since", "pk").values_list("value", "since"))


def was(table: str, column: str, as_of: datetime, known_at: datetime | None = None) -> object:
    """What the only lead or account was at a moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (leads_{table}_at(t, %s, %s)).{column} FROM leads_{table} t", [as_of, known_at]
        )
        [(value,)] = cursor.fetchall()
    return value


def test_what_comes_with_a_new_lead_has_no_history() -> None:
    save(row({"job_title": "VP", "company": "Acme"}))
    assert not DatedValue.objects.exists()
    assert was("lead", "job_title", NOW - 1000 * DAY) == "vp"


def test_a_change_is_dated_by_its_receipt_and_what_was_before_is_kept() -> None:
    save(row({"job_title": "VP", "ssi_score": "70.50"}))
    save(row({"job_title": "CEO"}), at=NOW + DAY)
    assert history("job_title") == [("ceo", NOW + DAY), ("vp", None)]
    assert not history("ssi_score")
    assert [was("lead", "job_title", NOW + DAY * days) for days in (0, 0.99, 1)] == ["vp", "vp", "ceo"]
    assert was("lead", "ssi_score", NOW) == Decimal("70.50")


def test_nothing_was_known_before_a_lead_came() -> None:
    save(row({"job_title": "VP", "company": "Acme"}))
    assert was("lead", "job_title", NOW, NOW) == "vp"
    assert was("lead", "job_title", NOW, NOW - DAY) is None
    assert was("account", "company", NOW, NOW - DAY) is None
    save(row({"job_title": "CEO"}), at=NOW + DAY)
    assert was("lead", "job_title", NOW + 2 * DAY, NOW) == "vp"
    assert was("lead", "job_title", NOW + 2 * DAY, NOW - DAY) is None


def test_no_change_goes_round_the_history() -> None:
    save(row({"company": "Acme", "company_size": "1-10"}))
    Account.objects.update(company_size="11-50")
    Lead.objects.update(country="de", facts={})
    assert [value for value, _ in history("company_size")] == ["11-50", "1-10"]
    assert [value for value, _ in history("country")] == ["de", None]


def test_changes_of_nothing_that_scores_leave_no_history() -> None:
    save(row({"job_title": "VP"}))
    Lead.objects.update(is_open=False)
    save(row({"job_title": " vp "}))
    assert not DatedValue.objects.exists()


def test_attributes_of_our_own_and_the_account_have_a_history_too() -> None:
    Attribute.objects.create(key="visits", label="Visits", kind="number")
    save(row({"visits": "3", "company": "Acme"}))
    first = Lead.objects.get().account_id
    save(row({"visits": "4.50", "company": "Bolt"}), at=NOW + DAY)
    assert was("lead", "facts", NOW) == '{"visits": 3}'
    assert was("lead", "facts", NOW + DAY) == '{"visits": 4.50}'
    assert was("lead", "account_id", NOW) == first
    assert was("lead", "account_id", NOW + DAY) == Lead.objects.get().account_id != first


# Values with a time of their own.


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_values_hold_since_the_time_that_their_source_names_in_whatever_order_they_come(
    order: tuple[int, ...],
) -> None:
    save(row({"job_title": "Clerk"}))
    told = [("VP", NOW - 9 * DAY), ("Head", NOW - 5 * DAY), ("CEO", NOW - DAY)]
    for place in order:
        save(row({"job_title": told[place][0]}, told[place][1]), at=NOW)
    assert Lead.objects.get().job_title == "ceo"
    assert Lead.objects.get().attributes["job_title"] == "CEO"
    days = [was("lead", "job_title", NOW - day * DAY) for day in (10, 9, 5, 1)]
    assert days == ["clerk", "vp", "head", "ceo"]


def test_the_same_told_again_is_no_news() -> None:
    save(row({"job_title": "Clerk", "company": "Acme", "industry": "Steel"}))
    again = row({"job_title": "VP", "company": "Acme", "industry": "Wood"}, NOW - DAY)
    assert save(again).updated == 1
    assert Account.objects.get().industry == "wood"
    count = DatedValue.objects.count()
    Stale.objects.all().delete()
    assert save(again).unchanged == 1
    assert (DatedValue.objects.count(), Stale.objects.count()) == (count, 0)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_values_since_one_moment_the_same_holds_in_whatever_order_they_come(
    order: tuple[int, ...],
) -> None:
    save(row({"job_title": "Clerk"}))
    for place in order:
        save(row({"job_title": ("VP", "Head")[place]}, NOW - DAY), at=NOW)
    last = DatedValue.objects.filter(message_id__isnull=False).order_by("message_id").last()
    assert last is not None
    assert Lead.objects.get().job_title == last.value


def test_a_value_that_is_dated_ahead_begins_then() -> None:
    save(row({"job_title": "Clerk", "company": "Acme", "industry": "Steel"}))
    save(row({"job_title": "VP", "company": "Acme", "industry": "Wood"}, NOW + DAY))
    lead = Lead.objects.get()
    assert (lead.job_title, lead.next_value_at) == ("clerk", NOW + DAY)
    Stale.objects.all().delete()
    assert begin_values(at=NOW + DAY / 2) == 0
    assert begin_values(at=NOW + DAY) == 2
    lead.refresh_from_db()
    assert (lead.job_title, lead.next_value_at) == ("vp", None)
    assert Account.objects.get().industry == "wood"
    assert set(Stale.objects.values_list("lead_id", flat=True)) == {lead.pk}
    assert history("job_title") == [("vp", NOW + DAY), ("clerk", None)]


def test_what_is_derived_can_be_set_since_a_moment() -> None:
    save(row({}))
    save(row({"unsubscribed": "yes", "journey_stage": "Decision"}, NOW - DAY))
    assert Lead.objects.get().facts == {"unsubscribed": True, "journey_stage": "decision"}
    assert history("unsubscribed") == [(True, NOW - DAY), (None, None)]


def test_who_is_erased_leaves_no_history() -> None:
    save(row({"job_title": "VP"}))
    save(row({"job_title": "CEO"}))
    Lead.objects.all().delete()
    assert not DatedValue.objects.exists()
