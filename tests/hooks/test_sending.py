"""Messages on their way, to a real web server on this machine: sent once, again, later, or set aside."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from leads.models import Notice
from leads.notices.watching import watch
from leads.notices.wording import sentence
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.hooks import endpoints, forgetting, replaying, sending
from leadscoring.hooks.emitting import News, emit
from leadscoring.hooks.models import Attempt, Delivery, Endpoint, Event, EventKind, Off
from leadscoring.hooks.schedule import OFF_AFTER, TRIED_FOR
from leadscoring.ops.processes import wait_until
from leadscoring.people.models import User
from tests.hooks.conftest import NOW, Received, Receiver, register, switch

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def endpoint(receiver: Receiver, admin: User) -> Endpoint:
    return register(receiver.url, admin).endpoint


def news(number: int = 1, at: datetime = NOW) -> News:
    return News(EventKind.SCORE, at, {"score": number}, lead_id=number, points=50)


def happen(count: int = 1, at: datetime = NOW) -> None:
    emit([news(number + 1, at) for number in range(count)], now=at)


def send(at: datetime, seconds: float = 5) -> int:
    """A worker's turn, with the clock standing still."""
    return sending.send_due(clock=lambda: at, seconds=seconds)


def only() -> Delivery:
    return Delivery.objects.select_related("event", "endpoint").get()


def test_a_message_goes_out_once_with_its_signature_and_bytes(
    endpoint: Endpoint, receiver: Receiver, verified: Callable[..., bytes], admin: User
) -> None:
    issued = endpoints.rotate(endpoint_id=endpoint.pk, overlap=HOUR, actor=admin, at=NOW)
    happen()
    assert (send(NOW), send(NOW + HOUR)) == (1, 0)
    (got,) = receiver.received
    assert got.headers["content-type"] == "application/json"
    assert got.id == only().event.webhook_id
    assert got.body == only().event.body.encode()
    assert got.json == {
        "type": "lead.score_changed",
        "timestamp": "2026-03-02T12:00:00Z",
        "data": {"format": 1, "sequence": only().event.sequence, "score": 1},
    }
    assert verified(got.headers, got.body, issued.secret, now=NOW.timestamp()) == got.body
    assert len(got.headers["webhook-signature"].split()) == 2
    assert only().delivered_at == NOW
    attempt = Attempt.objects.get()
    assert (attempt.status, attempt.answer, attempt.error) == (204, "", "")


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_what_is_not_taken_is_sent_again_with_the_same_id(
    endpoint: Endpoint, receiver: Receiver, status: int
) -> None:
    receiver.says = lambda count: (status, {}, b"no") if count == 1 else (200, {}, b"")
    happen()
    assert [send(NOW), send(NOW + 4 * SECOND), send(NOW + 6 * SECOND)] == [1, 0, 1]
    first, second = receiver.received
    assert (first.id, first.body) == (second.id, second.body)
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 6
    assert only().delivered_at == NOW + 6 * SECOND
    assert list(Attempt.objects.order_by("pk").values_list("status", "answer")) == [(status, "no"), (200, "")]


def moments_of_a_failing_message(endpoint: Endpoint) -> Iterable[datetime]:
    """Moves the clock from try to try until it is set aside."""
    happen()
    now = NOW
    while only().dead_at is None:
        send(now)
        yield now
        rest = Endpoint.objects.get(pk=endpoint.pk).rests_until
        now = max(only().due_at, rest or NOW)


def test_after_ten_tries_in_three_days_it_is_set_aside(endpoint: Endpoint, receiver: Receiver) -> None:
    receiver.answer(500)
    tried = list(moments_of_a_failing_message(endpoint))
    assert len(tried) == 10 == len(receiver.received) == Attempt.objects.count()
    assert len({got.id for got in receiver.received}) == 1
    assert 2.5 * DAY < tried[-1] - NOW < TRIED_FOR
    assert only().reason == "HTTP 500"
    assert Endpoint.objects.get().is_on
    assert send(NOW + 4 * DAY) == 0


def test_retry_after_is_honoured(endpoint: Endpoint, receiver: Receiver) -> None:
    receiver.answer(429, retry_after="7200")
    happen()
    send(NOW)
    happen(at=NOW + SECOND)
    assert [send(NOW + 2 * HOUR - SECOND), send(NOW + 2 * HOUR + SECOND)] == [0, 1]


def test_an_endpoint_that_fails_is_tried_by_one_message_and_then_gets_all(
    endpoint: Endpoint, receiver: Receiver
) -> None:
    receiver.answer(500)
    happen(20)
    assert send(NOW) <= sending.AN_ENDPOINT
    assert send(NOW + HOUR) == 1
    receiver.answer(204)
    assert send(NOW + 5 * HOUR) == 20
    assert not Delivery.objects.filter(delivered_at=None).exists()
    healthy = Endpoint.objects.get()
    assert (healthy.failures, healthy.failing_since, healthy.answered_at) == (0, None, NOW + 5 * HOUR)


def test_gone_switches_it_off_at_once(endpoint: Endpoint, receiver: Receiver) -> None:
    receiver.answer(410)
    happen()
    send(NOW)
    off = Endpoint.objects.get()
    assert (off.is_on, off.off_because, off.off_at) == (False, Off.GONE, NOW)
    assert only().dead_at == NOW
    assert AuditEntry.objects.filter(action="endpoint.switched_off").count() == 1
    happen(at=NOW + HOUR)
    assert Delivery.objects.count() == 1


def test_days_of_failure_switch_it_off(endpoint: Endpoint, receiver: Receiver, admin: User) -> None:
    receiver.answer(500)
    happen()
    send(NOW)
    happen(at=NOW + OFF_AFTER - HOUR)
    send(NOW + OFF_AFTER - HOUR)
    assert Endpoint.objects.get().is_on
    send(NOW + OFF_AFTER)
    off = Endpoint.objects.get()
    assert (off.is_on, off.off_because) == (False, Off.FAILING)
    switch(off, admin, is_on=True, at=NOW + OFF_AFTER + HOUR)
    receiver.answer(200)
    assert send(NOW + OFF_AFTER + HOUR) == 1
    assert Endpoint.objects.get().failing_since is None


def test_what_waits_while_it_is_off_goes_out_after_or_is_given_up_after_three_days(
    endpoint: Endpoint, receiver: Receiver, admin: User
) -> None:
    happen()
    switch(endpoint, admin, is_on=False, at=NOW)
    assert send(NOW) == 0
    assert [forgetting.give_up(now=NOW + days * DAY) for days in (2, 3, 4)] == [0, 1, 0]
    assert only().reason == "The endpoint gave no good answer for three days."


def test_what_no_worker_came_to_for_days_is_tried_before_it_is_given_up(
    endpoint: Endpoint, receiver: Receiver
) -> None:
    happen()
    assert forgetting.give_up(now=NOW + 9 * DAY) == 0
    assert send(NOW + 9 * DAY) == 1
    assert only().delivered_at is not None


def test_redirects_are_not_followed(
    endpoint: Endpoint, receive: Callable[[], Receiver], receiver: Receiver
) -> None:
    elsewhere = receive()
    receiver.answer(307, Location=elsewhere.url)
    happen()
    send(NOW)
    assert elsewhere.received == []
    assert only().reason == "HTTP 307"


def test_an_address_on_the_inside_is_never_called(
    endpoint: Endpoint, receiver: Receiver, settings: Settings
) -> None:
    settings.OUTGOING_ALLOWED_NETWORKS = [ip_network("192.0.2.0/24")]
    happen()
    assert send(NOW) == 1
    assert receiver.received == []
    assert "not an address on the internet" in Attempt.objects.get().error


def test_a_new_key_of_the_environment_stops_sending_with_a_reason(
    endpoint: Endpoint, receiver: Receiver, settings: Settings
) -> None:
    settings.WEBHOOKS_KEY = "another one"
    happen()
    send(NOW)
    assert receiver.received == []
    assert "WEBHOOKS_KEY" in only().reason


def test_a_claim_is_a_lease_that_ends(endpoint: Endpoint, receiver: Receiver) -> None:
    happen()
    (claimed,) = sending.claim(NOW)
    assert sending.claim(NOW + sending.LEASE - SECOND) == []
    (again,) = sending.claim(NOW + sending.LEASE)
    assert (again.delivery_id, again.webhook_id) == (claimed.delivery_id, claimed.webhook_id)
    sending.note(claimed, sending.Answered(5, 500), at=NOW + sending.LEASE)
    assert only().tries == 0, "who lost the lease decides nothing"
    sending.note(again, sending.Answered(5, 200), at=NOW + sending.LEASE)
    assert only().delivered_at is not None
    assert Attempt.objects.count() == 2


def test_whoever_answers_slowly_holds_up_nobody_else(receive: Callable[[], Receiver], admin: User) -> None:
    slow, quick = receive(), receive()
    for receiver in (slow, quick):
        register(receiver.url, admin)
    happen(12)
    seen: list[tuple[int, int]] = []

    def think() -> None:
        # Less than the sender waits for an answer.
        wait_until(lambda: len(quick.received) == 12 and len(slow.received) >= sending.AN_ENDPOINT, 8)
        seen.append((len(slow.received), len(quick.received)))

    slow.before = think
    assert send(timezone.now()) == 24
    assert seen[0] == (sending.AN_ENDPOINT, 12), "all of the quick one's came while the slow one thought"
    assert len(slow.received) == 12


def ids(received: Iterable[Received]) -> list[str]:
    return [got.id for got in received]


def set_aside(endpoint: Endpoint, receiver: Receiver, at: datetime) -> None:
    """Some messages that could not be delivered."""
    happen(3, at=at)
    Delivery.objects.filter(delivered_at=None, dead_at=None).update(dead_at=at, tries=10, reason="HTTP 500")


def test_what_was_set_aside_is_sent_again_one_all_or_since_a_moment(
    endpoint: Endpoint, receiver: Receiver, admin: User
) -> None:
    set_aside(endpoint, receiver, NOW)
    set_aside(endpoint, receiver, NOW + DAY)
    later = NOW + 5 * DAY
    one = Delivery.objects.order_by("pk")[0]
    replaying.replay(delivery_id=one.pk, actor=admin, at=later)
    assert send(later) == 1
    assert ids(receiver.received) == [one.event.webhook_id]
    since = {"endpoint_id": endpoint.pk, "actor": admin, "at": later, "since": NOW + HOUR}
    assert replaying.replay_all(**since) == 3  # type: ignore[arg-type]
    assert send(later) == 3
    assert replaying.replay_all(endpoint_id=endpoint.pk, actor=admin, at=later) == 2
    assert send(later) == 2
    assert replaying.replay_all(**since, delivered_too=True) == 3  # type: ignore[arg-type]
    assert send(later) == 3
    assert len(ids(receiver.received)) == 9 and len(set(ids(receiver.received))) == 6
    assert AuditEntry.objects.filter(action="endpoint.replayed").count() == 4


def test_what_is_on_its_way_or_of_an_endpoint_that_is_off_is_not_replayed(
    endpoint: Endpoint, receiver: Receiver, admin: User
) -> None:
    happen()
    codes = []
    for is_on in (True, False):
        switch(endpoint, admin, is_on=is_on, at=NOW)
        with pytest.raises(DomainError) as refused:
            replaying.replay(delivery_id=only().pk, actor=admin, at=NOW)
        codes.append(refused.value.code)
    with pytest.raises(DomainError) as refused:
        replaying.send_test(endpoint_id=endpoint.pk, actor=admin, at=NOW)
    assert [*codes, refused.value.code] == ["message.waiting", "endpoint.off", "endpoint.off"]


def test_a_test_goes_to_its_endpoint_alone(endpoint: Endpoint, receiver: Receiver, admin: User) -> None:
    register(receiver.url, admin, EventKind.ACTIVATED)
    replaying.send_test(endpoint_id=endpoint.pk, actor=admin, at=NOW)
    assert send(NOW) == 1
    assert receiver.types == ["test"]


def test_the_log_is_kept_for_its_days(endpoint: Endpoint, receiver: Receiver, settings: Settings) -> None:
    settings.WEBHOOK_LOG_DAYS = 30
    happen(2)
    send(NOW)
    happen(1, at=NOW + DAY)
    Event.objects.update(recorded_at=NOW)
    assert [forgetting.forget(now=NOW + days * DAY) for days in (30, 31, 32)] == [0, 2, 0]
    assert Event.objects.count() == Delivery.objects.count() == 1, "what waits stays"
    assert not Attempt.objects.exists()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"url": "http://crm.example.com/"}, "address_refused"),
        ({"url": "https://10.0.0.1/"}, "address_refused"),
        ({"url": "https://me:pass@crm.example.com/"}, "address_refused"),
        ({"events": []}, "endpoint.events"),
        ({"events": [EventKind.TEST]}, "endpoint.events"),
        ({"threshold": 0}, "endpoint.threshold"),
        ({"description": " "}, "endpoint.description"),
    ],
)
def test_what_an_endpoint_may_not_be_is_refused(admin: User, given: dict[str, Any], code: str) -> None:
    fine = {"url": "https://crm.example.com/", "description": "CRM", "events": [EventKind.BAND]}
    with pytest.raises(DomainError) as refused:
        endpoints.create(**(fine | given), actor=admin, at=NOW)
    assert refused.value.code == code
    assert not Endpoint.objects.exists()


def test_admins_are_told_once_that_an_endpoint_was_switched_off(
    endpoint: Endpoint, receiver: Receiver, admin: User
) -> None:
    receiver.answer(410)
    happen()
    send(NOW)
    assert [watch(now=NOW), watch(now=NOW + HOUR)] == [1, 0]
    notice = Notice.objects.get()
    assert (notice.person, notice.link) == (admin, f"/admin/hooks/endpoint/{endpoint.pk}/change/")
    assert sentence(notice) == "The endpoint “CRM” said that it is gone, and was switched off."
    switch(endpoint, admin, is_on=True, at=NOW + HOUR)
    switch(endpoint, admin, is_on=False, at=NOW + HOUR)
    assert watch(now=NOW + 2 * HOUR) == 0
