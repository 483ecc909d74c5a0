"""Values that people set: from now on, in the log, and taken back."""

from datetime import datetime, timedelta

import pytest

from leads import activities
from leads.ingestion.leads import save_leads
from leads.ingestion.rows import LeadRow
from leads.ingestion.signals import add_signal
from leads.models import Account, Attribute, DatedValue, Kind, Lead, Stale
from leads.standing import consent_of, stage_of
from leads.value_history import first, history_of, origins_of
from leads.values import set_company_value, set_value
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from tests.leads.merging.conftest import by_id, pair
from tests.leads.work.conftest import NOW, Cast, cast, live_scale, make_lead

__all__ = ("cast", "live_scale", "pair")

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=2)


def say(cast: Cast, key: str, raw: str, lead: Lead | None = None) -> None:
    set_value(lead_id=(lead or by_id("k-1")).pk, key=key, raw=raw, actor=cast.alice, at=NOW)


def refused(code: str) -> "pytest.RaisesExc[DomainError]":
    return pytest.raises(DomainError, check=lambda error: error.code == code)


def test_a_value_holds_from_now_on_and_can_be_taken_back(cast: Cast, pair: tuple[Lead, Lead]) -> None:
    Stale.objects.all().delete()
    before = Lead.objects.filter(pk=pair[0].pk).values().get()
    deed = set_value(lead_id=pair[0].pk, key="job_title", raw="  Chief  Buyer ", actor=cast.alice, at=NOW)
    kim = by_id("k-1")
    assert (kim.job_title, kim.attributes["job_title"]) == ("chief buyer", "  Chief  Buyer ")
    [step, before_it] = history_of(kim, "job_title")
    assert (step.origin.since, step.origin.source, before_it.given) == (NOW, "Alice", "Buyer")
    assert origins_of(kim, now=LATER)["job_title"].source == "Alice"
    assert set(Stale.objects.values_list("lead_id", flat=True)) == {kim.pk}
    assert AuditEntry.objects.get(action="lead.value_set").data["attribute"] == "job_title"
    activities.undo(activity_id=deed.pk, actor=cast.alice, at=LATER)
    assert Lead.objects.filter(pk=kim.pk).values().get() == before
    assert history_of(kim, "job_title")[0].taken_back


def test_a_value_names_the_file_or_the_program_that_told_of_it(cast: Cast) -> None:
    def tell(title: str, told_by: str, at: datetime) -> None:
        row = LeadRow(1, {"job_title": title, "company": "Acme"}, external_id="k-9")
        save_leads([row], at=at, actor=cast.adam, told_by=told_by, team=cast.south)

    tell("Buyer", "fair.csv", NOW)
    tell("Chief Buyer", "CRM", LATER)
    lead = by_id("k-9")
    assert lead.account is not None
    assert (first(lead).source, first(lead).shown_at, first(lead.account).source) == (
        "fair.csv",
        NOW,
        "fair.csv",
    )
    assert origins_of(lead, now=LATER)["job_title"].source == "CRM"
    assert [step.origin.source for step in history_of(lead, "job_title")] == ["CRM", "fair.csv"]


def test_a_value_can_be_taken_away_and_defined_ones_are_exact(cast: Cast, pair: tuple[Lead, Lead]) -> None:
    Attribute.objects.create(key="budget", label="Budget", kind=Kind.NUMBER)
    say(cast, "budget", "0.10000000000000000001")
    say(cast, "job_title", "")
    assert (by_id("k-1").job_title, "job_title" in by_id("k-1").attributes) == (None, False)
    assert str(DatedValue.objects.get(key="budget", since__isnull=False).given) == "0.10000000000000000001"


def test_what_says_nothing_new_or_nothing_readable_is_refused(cast: Cast, pair: tuple[Lead, Lead]) -> None:
    with refused("value.same"):
        say(cast, "job_title", "Buyer")
    with refused("attribute.value"):
        say(cast, "ssi_score", "many")
    for key in ("nothing", "company"):
        with refused("value.unknown"):
            say(cast, key, "x")
    with refused("value.taken"):
        say(cast, "email", "Kim@home.example")


def test_only_who_works_the_lead_may_set_a_value(cast: Cast, pair: tuple[Lead, Lead]) -> None:
    for user, code in (
        (cast.mia, "lead.not_yours"),
        (cast.adam, "lead.not_yours"),
        (cast.dan, "lead.not_found"),
    ):
        with refused(code):
            set_value(lead_id=pair[0].pk, key="city", raw="Ulm", actor=user, at=NOW)


def test_the_stage_is_what_a_person_set_until_a_signal_comes(cast: Cast) -> None:
    lead = make_lead(cast.north)
    assert stage_of(lead, now=NOW) is None
    happened(lead, "profile_view", NOW - timedelta(days=1))
    assert stage_of(lead, now=NOW) is not None
    say(cast, "journey_stage", "decision", lead)
    stage = stage_of(Lead.objects.get(pk=lead.pk), now=LATER)
    assert stage is not None
    assert (stage.value, stage.since, stage.by_hand) == ("decision", NOW, True)
    happened(lead, "post_comment", LATER)
    stage = stage_of(Lead.objects.get(pk=lead.pk), now=LATER)
    assert stage is not None
    assert (stage.value, stage.by_hand) == ("consideration", False)


def test_the_latest_word_on_contact_counts(cast: Cast) -> None:
    lead = make_lead(cast.north)
    assert consent_of(lead, now=NOW) is None
    happened(lead, "unsubscribed", NOW - timedelta(days=1))
    assert said(lead) == "unsubscribed"
    say(cast, "unsubscribed", "no", lead)
    assert said(lead) == "resubscribed"
    happened(lead, "disconnected", LATER)
    assert said(lead) == "disconnected"
    happened(lead, "reconnected", LATER + timedelta(seconds=1))
    assert said(lead) == "reconnected"


def said(lead: Lead) -> str | None:
    word = consent_of(Lead.objects.get(pk=lead.pk), now=LATER + timedelta(minutes=1))
    return None if word is None else word.value


def happened(lead: Lead, type_key: str, at: object) -> None:
    add_signal(lead_id=lead.pk, type_key=type_key, occurred_at=at, received_at=at, source="test")  # type: ignore[arg-type]


def of_company(cast: Cast, key: str, raw: str, actor: User | None = None) -> None:
    lead = by_id("k-1")
    set_company_value(lead_id=lead.pk, key=key, raw=raw, actor=actor or cast.mia, at=NOW)


@pytest.mark.parametrize("name", ["mia", "adam"])
def test_a_company_is_described_from_now_on_for_all_who_work_there(
    cast: Cast, pair: tuple[Lead, Lead], name: str
) -> None:
    account = by_id("k-1").account
    assert account is not None
    colleague = make_lead(cast.south, account=account)
    Stale.objects.all().delete()
    of_company(cast, "industry", "  Software ", getattr(cast, name))
    account.refresh_from_db()
    assert (account.industry, account.attributes["industry"]) == ("software", "  Software ")
    [step] = [step for step in history_of(account, "industry") if step.given is not None]
    assert (step.origin.since, step.origin.source) == (NOW, name.capitalize())
    assert set(Stale.objects.values_list("lead_id", flat=True)) == {colleague.pk, by_id("k-1").pk}
    assert AuditEntry.objects.get(action="account.value_set").object_id == str(account.pk)


def test_a_value_of_a_company_can_be_taken_back(cast: Cast, pair: tuple[Lead, Lead]) -> None:
    account = by_id("k-1").account
    assert account is not None
    before = Account.objects.filter(pk=account.pk).values().get()
    industry, domain = (
        set_company_value(lead_id=pair[0].pk, key=key, raw=raw, actor=cast.mia, at=NOW)
        for key, raw in (("industry", "Software"), ("company_domain", "acme.example"))
    )
    Stale.objects.all().delete()
    activities.undo(activity_id=industry.pk, actor=cast.mia, at=LATER)
    activities.undo(activity_id=domain.pk, actor=cast.mia, at=LATER)
    assert Account.objects.filter(pk=account.pk).values().get() == before
    assert set(Stale.objects.values_list("lead_id", flat=True)) == {pair[0].pk}
    assert history_of(account, "industry")[0].taken_back
    with refused("activity.not_yours"):
        deed = set_company_value(lead_id=pair[0].pk, key="industry", raw="x", actor=cast.mia, at=LATER)
        activities.undo(activity_id=deed.pk, actor=cast.alice, at=LATER)


def test_a_company_is_not_given_back_a_name_that_another_took(cast: Cast, pair: tuple[Lead, Lead]) -> None:
    renamed = set_company_value(lead_id=pair[0].pk, key="company", raw="Beta", actor=cast.mia, at=NOW)
    Account.objects.create(company="acme")
    with refused("value.taken"):
        activities.undo(activity_id=renamed.pk, actor=cast.mia, at=LATER)
    assert Account.objects.get(pk=by_id("k-1").account_id or 0).company == "beta"


def test_what_a_company_cannot_be_is_refused(cast: Cast, pair: tuple[Lead, Lead]) -> None:
    Account.objects.create(company="beta", company_domain="beta.example")
    with refused("value.taken"):
        of_company(cast, "company_domain", "Beta.example")
    with refused("value.same"):
        of_company(cast, "company", "Acme")
    with refused("value.unknown"):
        of_company(cast, "job_title", "x")
    with refused("attribute.value"):
        of_company(cast, "revenue", "much")
    with refused("value.no_company"):
        set_company_value(lead_id=pair[1].pk, key="industry", raw="x", actor=cast.mia, at=NOW)


@pytest.mark.parametrize("name", ["alice", "carol"])
def test_sales_does_not_describe_companies(cast: Cast, pair: tuple[Lead, Lead], name: str) -> None:
    with refused("value.not_yours"):
        of_company(cast, "industry", "Software", getattr(cast, name))
