"""Notices in a team's chat: what is posted, to whom, once, and what becomes of what is not taken."""

import json
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_network

import pytest
from django.core import mail
from pytest_django import Settings

from leads.models import Channel, ChatWebhook, Delivery, Lead, NoticeKind, Override, OverrideKind
from leads.notices import outbox, reading, webhooks
from leads.notices.telling import ONE_BY_ONE, News, tell
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from tests.leads.work.conftest import NOW, Cast, make_lead, person
from tests.leads.work.test_overrides import override, refusal
from tests.web_stub import Stub, say

HOUR = timedelta(hours=1)
SECRET = "/services/T0/B0/s3cret"


class Chat(Stub):
    """A chat that takes what it is sent, or answers with another status."""

    def __init__(self) -> None:
        self.status = 200

        def answer(handler: BaseHTTPRequestHandler, _: bytes) -> None:
            say(handler, self.status, f"no such hook {handler.path}".encode())

        super().__init__(answer)

    @property
    def texts(self) -> list[str]:
        return [json.loads(body)["text"] for *_, body in self.seen]


@pytest.fixture
def chat(settings: Settings) -> Iterator[Chat]:
    settings.OUTGOING_ALLOWED_NETWORKS = [ip_network("127.0.0.1/32")]
    settings.OUTGOING_PLAIN_HTTP = True
    made = Chat()
    yield made
    made.close()


def connect(team: Team, chat: Chat, actor: User, *kinds: str) -> ChatWebhook:
    url = f"http://127.0.0.1:{chat.port}{SECRET}"
    return webhooks.set_webhook(team=team, url=url, kinds=kinds or NoticeKind.values, actor=actor, at=NOW)


def reached(user: User, lead: Lead) -> News:
    link = f"/leads/{lead.pk}/"
    return News(user.pk, NoticeKind.REACHED, f"lead:{lead.pk}", "1", link, lead.pk, {"band": "Hot"})


def waits(user: User) -> News:
    return News(user.pk, NoticeKind.REVIEW, "version:1", "1", "/models/1/", data={"version": "Version 1"})


def send(*, at: object = NOW) -> int:
    return outbox.send_due(Channel.CHAT, now=at)  # type: ignore[arg-type]


def test_the_teams_chat_is_told_whom_it_concerns(cast: Cast, chat: Chat) -> None:
    connect(cast.north, chat, cast.carol)
    lead = make_lead(cast.north, 90, external_id="Maren", owner=cast.alice)
    tell([reached(cast.alice, lead), reached(cast.dan, make_lead(cast.south, 90, owner=cast.dan))], at=NOW)
    assert (send(), send()) == (1, 0)
    assert chat.texts == [f"For Alice: Maren has reached Hot.\nhttp://127.0.0.1:8000/leads/{lead.pk}/"]
    assert chat.seen[0][0] == SECRET and chat.seen[0][1]["Content-Type"] == "application/json"
    assert webhooks.last_delivery(cast.north).startswith("Posted on ")


def test_what_many_are_told_is_posted_once_a_team(cast: Cast, chat: Chat) -> None:
    connect(cast.north, chat, cast.carol)
    tell([waits(cast.alice), waits(cast.bob), waits(cast.carol), waits(cast.dan)], at=NOW)
    assert send() == 1
    assert [text.splitlines()[0] for text in chat.texts] == ["Version 1 waits for review."]


def test_a_kind_that_the_team_or_the_person_does_not_want_is_not_posted(cast: Cast, chat: Chat) -> None:
    connect(cast.north, chat, cast.carol, NoticeKind.REACHED)
    reading.choose(actor=cast.alice, wanted={(NoticeKind.REACHED, Channel.APP)}, at=NOW)
    leads = [make_lead(cast.north, 90, owner=owner) for owner in (cast.alice, cast.bob)]
    tell([reached(cast.alice, leads[0]), reached(cast.bob, leads[1]), waits(cast.bob)], at=NOW)
    assert send() == 1
    assert chat.texts[0].startswith("For Bob: ")


def test_no_name_calls_everybody_or_makes_a_link(cast: Cast, chat: Chat) -> None:
    connect(cast.north, chat, cast.carol)
    name = "<!channel> @Here & <https://evil.example|Hot>"
    lead = make_lead(cast.north, 90, external_id=name, owner=cast.alice)
    tell([reached(cast.alice, lead)], at=NOW)
    send()
    [text] = chat.texts
    assert "&lt;!channel&gt; @\u200bHere &amp; &lt;https://evil.example|Hot&gt;" in text


def test_what_is_refused_is_tried_again_and_no_reason_shows_the_secret(cast: Cast, chat: Chat) -> None:
    connect(cast.north, chat, cast.carol)
    tell([waits(cast.alice)], at=NOW)
    chat.status = 404
    send()
    delivery = Delivery.objects.get(channel=Channel.CHAT)
    assert delivery.reason == "127.0.0.1 answered 404."
    assert "Next try on" in webhooks.last_delivery(cast.north)
    chat.status = 200
    assert send(at=NOW + outbox.WAITS[0]) == 1
    assert Delivery.objects.get(pk=delivery.pk).sent_at is not None


def test_a_chat_that_never_takes_it_is_given_up_in_the_end(cast: Cast, chat: Chat) -> None:
    connect(cast.north, chat, cast.carol)
    tell([waits(cast.alice)], at=NOW)
    chat.status, at = 500, NOW
    while send(at=at):
        at += 9 * HOUR
    assert len(chat.seen) == len(outbox.WAITS) + 1
    assert webhooks.last_delivery(cast.north).startswith("Given up on ")


def test_mail_does_not_wait_for_a_chat(cast: Cast, chat: Chat) -> None:
    connect(cast.north, chat, cast.carol)
    tell([waits(cast.alice)], at=NOW)
    assert outbox.send_due(Channel.EMAIL, now=NOW) == 1
    assert len(mail.outbox) == 1 and not chat.seen


def test_a_webhook_is_set_by_the_teams_manager_or_an_admin_only(cast: Cast, chat: Chat) -> None:
    for actor in (cast.alice, cast.erin, person("Mark", Role.MARKETING, cast.north)):
        with pytest.raises(DomainError, match="Only an Admin or a manager of this team"):
            connect(cast.north, chat, actor)
    webhook = connect(cast.north, chat, cast.carol)
    code = refusal(lambda: webhooks.remove(webhook=webhook, actor=cast.erin, at=NOW))
    assert code == "webhook.not_yours"
    webhooks.remove(webhook=webhook, actor=cast.carol, at=NOW)
    assert not ChatWebhook.objects.exists()


def test_the_audit_log_has_the_host_and_not_the_secret(cast: Cast, chat: Chat) -> None:
    connect(cast.north, chat, cast.carol)
    entry = AuditEntry.objects.get(action="chat_webhook.set")
    assert entry.data["host"] == "127.0.0.1"
    assert "s3cret" not in json.dumps(entry.data)


def test_an_empty_address_keeps_the_one_that_is_set(cast: Cast, chat: Chat) -> None:
    first = connect(cast.north, chat, cast.carol)
    again = webhooks.set_webhook(team=cast.north, url="", kinds=[NoticeKind.REVIEW], actor=cast.carol, at=NOW)
    assert (again.pk, again.url, again.kinds) == (first.pk, first.url, ["review"])


@pytest.mark.parametrize(
    "url", ["https://10.0.0.1/x", "http://hooks.example.com/x", "https://user:pass@hooks.example.com/x"]
)
def test_an_address_that_may_not_be_called_is_refused_when_it_is_set(cast: Cast, url: str) -> None:
    def set_it() -> object:
        return webhooks.set_webhook(
            team=cast.north, url=url, kinds=NoticeKind.values, actor=cast.carol, at=NOW
        )

    assert refusal(set_it) == "address_refused"


class TestLargeOverrides:
    def large(self, cast: Cast, author: User, **fields: object) -> Override:
        lead = make_lead(cast.north, 10, **fields)  # type: ignore[arg-type]
        return override(lead, author, OverrideKind.BAND, band="hot")

    def told(self, user: User) -> list[str]:
        return [notice.kind for notice in reading.notices_of(user)]

    def test_the_teams_managers_are_told_and_nobody_else(self, cast: Cast) -> None:
        made = self.large(cast, cast.alice)
        assert made.is_large
        assert self.told(cast.carol) == ["override_review"]
        assert [self.told(one) for one in (cast.alice, cast.bob, cast.erin)] == [[], [], []]

    def test_who_set_it_is_not_told_and_a_small_one_tells_nobody(self, cast: Cast) -> None:
        self.large(cast, cast.carol)
        override(make_lead(cast.north, 40), cast.alice, points=1)
        assert self.told(cast.carol) == []

    def test_many_are_one_line(self, cast: Cast) -> None:
        for _ in range(ONE_BY_ONE + 3):
            self.large(cast, cast.alice)
        assert len(self.told(cast.carol)) == ONE_BY_ONE + 1
