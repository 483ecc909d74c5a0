"""Signals: each counts once, waits for its lead, and can be taken back."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from leads.ingestion import signals
from leads.ingestion.rows import LeadRow, SignalRow
from leads.ingestion.signal_keys import key_of
from leads.ingestion.signal_types import create_types, type_key
from leads.ingestion.signals import SignalsResult, add_signal, retract_signal, save_signals
from leads.models import Lead, Retraction, Signal, SignalDetail, SignalKey, SignalType, Stale, WaitingSignal
from leadscoring.errors import DomainError
from tests.leads.ingestion.conftest import NOW, save

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sales")]
THEN = datetime(2026, 2, 1, 10, tzinfo=UTC)


@pytest.fixture
def lead() -> Lead:
    save(LeadRow(1, {"email": "ann@acme.com"}, external_id="1"))
    Stale.objects.all().delete()
    return Lead.objects.get()


def row(number: int = 1, **fields: object) -> SignalRow:
    given = {"lead_key": "external_id", "lead_value": "1", "type_key": "page_view", "occurred_at": THEN}
    return SignalRow(number, **given | fields)  # type: ignore[arg-type]


def take(*rows: SignalRow, source: str = "web", at: datetime = NOW) -> SignalsResult:
    return save_signals(rows, source=source, received_at=at)


def counts(result: SignalsResult) -> tuple[int, int, int, int]:
    return result.created, result.waiting, result.duplicates, result.conflicting


def test_a_signal_is_written_with_its_detail_and_marks_its_lead(lead: Lead) -> None:
    key = add_signal(
        lead_id=lead.pk,
        type_key="dm_received",
        occurred_at=THEN,
        received_at=NOW,
        source="linkedin",
        message_id="m1",
        properties={"text": "Hi"},
    )
    assert key is not None
    signal = Signal.objects.select_related("type").get()
    assert (signal.lead_id, signal.type.key, signal.key) == (lead.pk, "dm_received", key)
    assert (signal.occurred_at, signal.received_at, signal.retracted_at) == (THEN, NOW, None)
    detail = SignalDetail.objects.get(key=key)
    assert (detail.source, detail.message_id, detail.properties) == ("linkedin", "m1", {"text": "Hi"})
    assert list(Stale.objects.values_list("lead_id", flat=True)) == [lead.pk]


def test_a_message_id_counts_once_within_its_source(lead: Lead) -> None:
    def add(source: str, message_id: str) -> object:
        return add_signal(
            lead_id=lead.pk,
            type_key="page_view",
            occurred_at=THEN,
            received_at=NOW,
            source=source,
            message_id=message_id,
        )

    assert add("web", "1")
    Stale.objects.all().delete()
    assert add("web", "1") is None
    assert not Stale.objects.exists()
    assert add("crm", "1")
    assert add("web", "2")
    assert Signal.objects.count() == 3


def test_without_a_message_id_all_that_a_signal_says_is_its_identity(lead: Lead) -> None:
    distinct = [
        row(),
        row(type_key="form_submit"),
        row(occurred_at=THEN + timedelta(microseconds=1)),
        row(properties={"path": "/a"}),
        row(properties={"path": "/b"}),
    ]
    assert counts(take(*distinct, *reversed(distinct))) == (5, 0, 5, 0)
    assert counts(take(row(properties={"path": "/b"}), source="other")) == (1, 0, 0, 0)


def test_the_order_of_properties_and_the_zone_of_the_time_are_no_difference(lead: Lead) -> None:
    take(row(properties={"a": "1", "b": "2"}))
    elsewhere = datetime.fromisoformat("2026-02-01T12:00:00+02:00")
    assert counts(take(row(properties={"b": "2", "a": "1"}, occurred_at=elsewhere))) == (0, 0, 1, 0)


def test_a_repeat_with_other_content_is_reported_and_the_first_stays(lead: Lead) -> None:
    take(row(message_id="m1"))
    result = take(row(message_id="m1"), row(message_id="m1", type_key="form_submit"))
    assert counts(result) == (0, 0, 2, 1)
    assert Signal.objects.select_related("type").get().type.key == "page_view"
    within = take(row(message_id="m2"), row(message_id="m2", properties={"x": "y"}), row(message_id="m2"))
    assert counts(within) == (1, 0, 2, 1)


def test_a_row_of_an_unknown_type_is_refused_and_the_others_go_in(lead: Lead) -> None:
    result = take(row(1), row(2, type_key="nonsense"))
    assert counts(result) == (1, 0, 0, 0)
    assert [(one.number, one.reason) for one in result.refusals] == [
        (2, "There is no signal type “nonsense”: add it first.")
    ]


@pytest.mark.parametrize(
    ("lead_id", "type_key", "code"), [(0, "page_view", "lead.not_found"), (1, "x", "signal.type")]
)
def test_one_signal_of_no_lead_or_type_is_refused(lead: Lead, lead_id: int, type_key: str, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        add_signal(
            lead_id=lead.pk if lead_id else 0,
            type_key=type_key,
            occurred_at=THEN,
            received_at=NOW,
            source="web",
        )
    assert refused.value.code == code
    assert not SignalKey.objects.exists()


def test_many_chunks_are_one_import(lead: Lead, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "CHUNK", 2)
    told: list[int] = []
    rows = [row(n, occurred_at=THEN + timedelta(seconds=n % 4)) for n in range(7)]
    result = save_signals(
        rows, source="web", received_at=NOW, progress=lambda so_far: told.append(so_far.read)
    )
    assert (counts(result), told) == ((4, 0, 3, 0), [2, 4, 6, 7])


# Waiting.


def test_a_signal_waits_for_its_lead_and_attaches_when_it_comes() -> None:
    by_id = row(lead_value="9", properties={"path": "/"})
    by_email = row(lead_key="email", lead_value="zoe@acme.com", type_key="form_submit")
    assert counts(take(by_id, by_email)) == (0, 2, 0, 0)
    assert counts(take(by_id)) == (0, 0, 1, 0)
    result = save(LeadRow(1, {"email": "Zoe@acme.com"}, external_id="9"), at=NOW + timedelta(days=1))
    assert result.attached == 2
    lead = Lead.objects.get()
    assert set(Signal.objects.values_list("lead_id", "type__key", "occurred_at", "received_at")) == {
        (lead.pk, "page_view", THEN, NOW),
        (lead.pk, "form_submit", THEN, NOW),
    }
    assert set(SignalDetail.objects.values_list("lead_id", "source")) == {(lead.pk, "web")}
    assert not WaitingSignal.objects.exists()
    assert Stale.objects.filter(lead_id=lead.pk).exists()
    assert counts(take(by_id, by_email)) == (0, 0, 2, 0)


def test_a_signal_attaches_when_a_known_lead_gets_what_it_waits_for(lead: Lead) -> None:
    take(row(lead_key="email", lead_value="new@acme.com"))
    save(LeadRow(1, {}, external_id="1"))
    assert not Signal.objects.exists()
    save(LeadRow(1, {"email": "new@acme.com"}, external_id="1"))
    assert Signal.objects.get().lead_id == lead.pk
    assert Stale.objects.filter(lead_id=lead.pk).exists()


# Taking back.


def test_a_retracted_signal_is_dated_once_and_its_key_stays_taken(lead: Lead) -> None:
    take(row(message_id="m1"))
    Stale.objects.all().delete()
    key = key_of("web", "m1")
    assert retract_signal(key=key, at=NOW)
    assert Signal.objects.get().retracted_at == NOW
    assert list(Stale.objects.values_list("lead_id", flat=True)) == [lead.pk]
    assert not retract_signal(key=key, at=NOW + timedelta(hours=1))
    assert Signal.objects.get().retracted_at == NOW
    assert Retraction.objects.get(pk=key).received_at == NOW
    assert counts(take(row(message_id="m1"))) == (0, 0, 1, 0)


def test_a_waiting_signal_can_be_taken_back() -> None:
    take(row(message_id="m1"))
    assert retract_signal(key=key_of("web", "m1"), at=NOW)
    assert save(LeadRow(1, {}, external_id="1")).attached == 0
    assert counts(take(row(message_id="m1"))) == (0, 0, 1, 0)


def test_a_signal_that_comes_after_its_retraction_never_counts(lead: Lead) -> None:
    assert retract_signal(key=key_of("web", "m1"), at=NOW)
    assert not retract_signal(key=key_of("web", "m1"), at=NOW)
    assert Retraction.objects.get().received_at == NOW
    assert counts(take(row(message_id="m1"))) == (0, 0, 1, 0)
    assert not Signal.objects.exists()


def test_taking_back_what_was_never_there_changes_no_lead() -> None:
    retract_signal(key=uuid4(), at=NOW)
    assert not Stale.objects.exists()


# Types.


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("page_view", "page_view"),
        ("Product View", "product_view"),
        (" product-view ", "product_view"),
        ("Página vista", "pagina_vista"),
        ("404 Error", "event_404_error"),
        ("a" * 60, "a" * 60),
    ],
)
def test_the_name_of_an_event_becomes_the_key_of_a_type(name: str, key: str) -> None:
    assert type_key(name) == key


def test_a_name_without_latin_letters_or_too_long_keeps_a_key_of_its_own() -> None:
    keys = {type_key("购买"), type_key("浏览"), type_key("b" * 61), type_key("b" * 62)}
    assert len(keys) == 4
    for key in keys:
        SignalType(key=key, label="x").full_clean()


def test_new_types_count_as_nothing_and_known_ones_stay() -> None:
    assert create_types(["Page View", "Wishlist Add", "wishlist-add"]) == {"wishlist_add": "Wishlist Add"}
    made = SignalType.objects.get(key="wishlist_add")
    assert (made.label, made.signal_class, made.is_engagement, made.standard) == (
        "Wishlist Add",
        "other",
        False,
        False,
    )
    assert SignalType.objects.get(key="page_view").standard
    assert create_types(["Wishlist Add"]) == {}


def test_a_column_that_holds_no_types_is_found_out() -> None:
    before = SignalType.objects.count()
    with pytest.raises(DomainError, match="map the column that holds what happened"):
        create_types([f"user {n}" for n in range(201)])
    assert SignalType.objects.count() == before
