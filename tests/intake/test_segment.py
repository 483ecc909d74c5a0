"""POST /v1/…: what Segment's SDKs send becomes leads and signals, each message once, in any order."""

import gzip
import itertools
import json
from bisect import bisect_left
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connections, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg.errors import ProgramLimitExceeded
from pytest_django import Settings

from leads.ingestion.leads import save_leads
from leads.ingestion.rows import LeadRow
from leads.intake import work
from leads.intake.mapping import Mappings
from leads.intake.reading import Unusable, check_not_future
from leads.models import (
    DatedValue,
    EventMapping,
    IgnoredEvents,
    IntakeMessage,
    Lead,
    Signal,
    SignalDetail,
    SignalType,
)
from leads.views import segment as view
from leadscoring.api.scopes import Scope
from leadscoring.people.models import User
from tests.api.conftest import key_for
from tests.intake.conftest import Tracker, now, said, set_aside, signals_of, use

TRAITS = {"email": "Jo@Brandt.example", "title": "VP Sales"}
JO = said("identify", userId="u1", anonymousId="a1", traits=TRAITS)
PRICES = said("track", userId="u1", event="Pricing Page Viewed", properties={"path": "/pricing", "deep": [1]})


def test_identify_makes_a_lead_and_track_a_signal(tracker: Tracker) -> None:
    answer = tracker.batch(JO, PRICES)
    assert (answer.status_code, json.loads(answer.content)) == (200, {"success": True})
    use()
    lead = Lead.objects.get()
    assert (lead.external_id, lead.email, lead.job_title) == ("u1", "jo@brandt.example", "vp sales")
    assert signals_of("jo@brandt.example") == ["pricing_view"]
    assert SignalDetail.objects.get().properties == {"path": "/pricing"}
    assert not IntakeMessage.objects.exists()


def test_a_message_counts_once_for_ever(tracker: Tracker) -> None:
    tracker.batch(JO, PRICES, PRICES)
    use()
    tracker.batch(PRICES)
    tracker.post("track", {**PRICES, "properties": {}})
    assert not IntakeMessage.objects.exists()
    assert Signal.objects.count() == 1


def test_each_call_has_an_address(tracker: Tracker) -> None:
    for call in ("identify", "track", "page", "screen", "group", "alias"):
        body = {**JO, "event": "Signed Up", "previousId": "old", "groupId": "g", "messageId": call}
        assert tracker.post(call, body).status_code == 200
    use()
    assert signals_of("jo@brandt.example") == ["form_submit", "page_view", "page_view"]


def test_a_page_is_known_by_its_path(tracker: Tracker) -> None:
    context = {"page": {"path": "/Pricing/teams", "title": "Prices"}, "campaign": {"name": "Spring"}}
    tracker.batch(JO, said("page", userId="u1", context=context), said("page", userId="u1", name="Home"))
    use()
    assert signals_of("jo@brandt.example") == ["page_view", "pricing_view"]
    assert SignalDetail.objects.get(properties__campaign="Spring").properties["title"] == "Prices"


def test_group_sets_the_company(tracker: Tracker) -> None:
    traits = {"name": "Brandt", "industry": "Tools", "website": "https://www.Brandt.example/x"}
    tracker.batch(said("group", userId="u1", groupId="77", traits=traits), JO)
    use()
    account = Lead.objects.get().account
    assert account is not None
    known = (account.company, account.company_domain, account.industry)
    assert known == ("brandt", "brandt.example", "tools")


LONG_AGO = "2026-01-01T10:00:00Z"
STORY = (
    JO,
    said("track", anonymousId="a1", event="Signed Up", timestamp="2026-03-01T10:00:00Z"),
    said("page", anonymousId="a1", context={"page": {"path": "/"}}, timestamp="2026-03-02T10:00:00Z"),
    said("track", userId="u1", event="Whitepaper Downloaded", timestamp="2026-03-03T10:00:00Z"),
    said("alias", previousId="a0", userId="u1"),
    said("track", anonymousId="a0", event="Webinar Attended", timestamp="2026-03-04T10:00:00Z"),
    said("identify", userId="u1", traits={"title": "Intern"}, timestamp=LONG_AGO),
    said("group", userId="u1", groupId="Old Ltd", timestamp=LONG_AGO, traits={"industry": "Toys"}),
    said("group", userId="u1", groupId="Brandt", traits={"industry": "Tools"}),
    said("identify", userId="u1", traits={"email": "jo@old.example"}, timestamp=LONG_AGO),
)


def state() -> object:
    """All that scores depend on."""
    signals = Signal.objects.values_list("type__key", "occurred_at", "key", "lead__external_id")
    values = DatedValue.objects.filter(key__in=("industry", "job_title")).exclude(since=None)
    now_known = Lead.objects.values_list("external_id", "email", "job_title", "account__company")
    return (
        sorted(signals.order_by()),
        sorted(map(str, values.values_list("key", "value", "since"))),
        sorted(now_known, key=str),
    )


ONE_FIXTURE = [HealthCheck.function_scoped_fixture]


@settings(max_examples=6, phases=[Phase.generate], suppress_health_check=ONE_FIXTURE)
@given(order=st.permutations(range(len(STORY))), cuts=st.sets(st.integers(1, len(STORY) - 1)))
def test_neither_order_nor_batches_nor_repetition_change_what_is_known(
    tracker: Tracker, order: list[int], cuts: set[int]
) -> None:
    def tell(pieces: list[list[dict[str, Any]]]) -> object:
        with transaction.atomic():
            for piece in pieces:
                tracker.batch(*piece)
                tracker.batch(*piece[:1])
                use()
            found = state()
            transaction.set_rollback(True)
        return found

    mixed = [STORY[place] for place in order]
    edges = [0, *sorted(cuts), len(STORY)]
    assert tell([mixed[a:b] for a, b in itertools.pairwise(edges)]) == tell([list(STORY)])


def test_what_an_anonymous_person_did_attaches_when_they_are_known(tracker: Tracker) -> None:
    tracker.batch(STORY[1], STORY[2])
    use()
    assert IntakeMessage.objects.filter(state=IntakeMessage.State.HELD).count() == 2
    tracker.batch(JO)
    use()
    assert signals_of("jo@brandt.example") == ["form_submit", "page_view"]
    assert not IntakeMessage.objects.exists()


def test_whom_an_import_makes_known_gets_what_is_held(tracker: Tracker) -> None:
    from_import = PRICES | {"userId": "crm-7"}
    tracker.batch(from_import)
    use()
    assert not Signal.objects.exists()
    imported("crm-7", "lee@brandt.example")
    use()
    assert signals_of("lee@brandt.example") == ["pricing_view"]


def imported(external_id: str, email: str) -> None:
    row = LeadRow(0, {"email": email}, external_id=external_id)
    save_leads([row], at=now(), actor=User.objects.system())


def test_a_lead_of_the_crm_is_found_by_its_address(tracker: Tracker) -> None:
    imported("crm-7", "jo@brandt.example")
    tracker.batch(PRICES, JO)
    use()
    assert Lead.objects.get().external_id == "crm-7"
    assert signals_of("jo@brandt.example") == ["pricing_view"]


def test_two_leads_that_are_said_to_be_one_are_set_aside(tracker: Tracker) -> None:
    imported("crm-7", "jo@brandt.example")
    imported("u1", "other@brandt.example")
    tracker.batch(JO | {"messageId": "clash"})
    use()
    assert set_aside() == [("clash", "refused")]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "dance", "userId": "u1"}, "message"),
        ("nonsense", "message"),
        (said("track", userId="u1"), "message"),
        (said("track", event="Signed Up"), "message"),
        (said("track", userId="u1", event="Signed Up", timestamp="soon"), "moment"),
        (said("track", userId="u1", event="Signed Up", timestamp=5), "moment"),
        (said("track", userId="u1", event="Danced \0\ud800"), "unmapped"),
        (said("track", userId="u" * 1001, event="Signed Up"), "name"),
        (said("track", userId="\0", event="Signed Up"), "name"),
        (said("identify", userId="u1", traits={"email": "nobody"}), "value"),
        (said("identify", userId="u2", traits={"email": "a@b.example", "phone": "\ud800" * 3}), ""),
        (said("group", userId="u1", traits={}), "message"),
        (said("alias", previousId="u0"), "message"),
    ],
)
def test_bad_messages_are_set_aside_and_take_no_good_ones_down(
    tracker: Tracker, message: Any, code: str
) -> None:
    assert tracker.batch(JO, message, PRICES).status_code == 200
    use()
    assert [found for _id, found in set_aside()] == ([code] if code else [])
    assert "pricing_view" in signals_of("jo@brandt.example")


def test_a_number_longer_than_python_reads_takes_no_good_message_down(tracker: Tracker) -> None:
    long = PRICES | {"messageId": "long", "properties": {"n": "@"}}
    body = json.dumps({"batch": [JO, long, PRICES]}).replace('"@"', "9" * 5_000)
    assert tracker.post("batch", body.encode()).status_code == 200
    use()
    assert signals_of("jo@brandt.example") == ["pricing_view"] * 2


def test_a_message_of_the_far_future_waits_in_quarantine(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon, late = now() + timedelta(hours=23), now() + timedelta(hours=25)
    tracker.batch(JO, *(PRICES | {"timestamp": at.isoformat(), "messageId": f"{at}"} for at in (soon, late)))
    use()
    assert set_aside() == [(f"{late}", "future")]
    assert signals_of("jo@brandt.example") == ["pricing_view"]


def test_messages_that_lie_ahead_are_told_by_their_day() -> None:
    told = []
    for hour in (1, 23):
        with pytest.raises(Unusable) as refusal:
            check_not_future(datetime(2026, 3, 9, hour, tzinfo=UTC), now=datetime(2026, 3, 1, tzinfo=UTC))
        told.append(refusal.value.reason)
    assert told == ["It happens more than a day from now, on 2026-03-09 (UTC)."] * 2


def test_the_clock_of_a_browser_may_be_wrong(tracker: Tracker) -> None:
    wrong = now() + timedelta(days=40)
    sent = (wrong + timedelta(seconds=10)).isoformat()
    tracker.batch(JO)
    before = now()
    tracker.post("batch", {"sentAt": sent, "batch": [PRICES | {"timestamp": wrong.isoformat()}]})
    use()
    happened = Signal.objects.get().occurred_at
    assert before <= happened + timedelta(seconds=10) <= now()


def test_marketing_decides_what_events_are(tracker: Tracker) -> None:
    course = said("track", userId="u1", event="Course Clicked", properties={"title": "A", "lesson": "B"})
    tracker.batch(JO, course, said("track", userId="u1", event="Noise 5"))
    use()
    assert [code for _id, code in set_aside()] == ["unmapped", "unmapped"]
    EventMapping.objects.create(
        pattern="COURSE *", signal_type=SignalType.objects.get(key="content_save"), properties=["title"]
    )
    EventMapping.objects.create(pattern="noise*", signal_type=None)
    IntakeMessage.objects.update(state=0, code="", reason="")
    use()
    assert signals_of("jo@brandt.example") == ["content_save"]
    assert SignalDetail.objects.get().properties == {"title": "A"}
    assert [(one.name, one.count) for one in IgnoredEvents.objects.all()] == [("Noise 5", 1)]


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("signed up", "Signed  UP", True),
        ("signed", "Signed Up", False),
        ("/blog/*", "/blog/", True),
        ("/blog/*", "/blog", False),
        ("*pricing*", "/en/pricing/teams", True),
        ("a*b*a", "aba", True),
        ("a*a", "a", False),
        ("*ab*ba*", "aba", False),
        # Trying all places would take longer than anybody waits.
        ("*a*a*a*a*b", "a" * 30_000, False),
    ],
)
def test_a_star_stands_for_anything(pattern: str, name: str, matches: bool) -> None:
    one = EventMapping(call="track", pattern=pattern)
    assert (Mappings([one], [], {}).event("track", [name]) is one) == matches


@pytest.mark.parametrize("error", [RuntimeError(), OperationalError()])
def test_a_batch_that_fails_is_tried_message_by_message(
    error: Exception, tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    error.__cause__ = ProgramLimitExceeded()  # which Django calls operational
    tracker.batch(JO, PRICES, said("track", userId="u1", event="Signed Up", messageId="poison"))
    read = work.READERS["segment"]

    def trip(message: Any, **options: Any) -> Any:
        if message["messageId"] == "poison":
            raise error
        return read(message, **options)

    monkeypatch.setitem(work.READERS, "segment", trip)
    use()
    assert set_aside() == [("poison", "failed")]
    assert signals_of("jo@brandt.example") == ["pricing_view"]


def test_the_longest_names_and_ids_stop_nothing(tracker: Tracker) -> None:
    # Each fits into an index by itself, both together don't.
    name, own_id = (
        "".join(chr(0x20000 + 7 * place % 40_000) for place in range(size)) for size in (250, 500)
    )
    tracker.batch(JO, said("identify", userId="u1", anonymousId=name, messageId=own_id), PRICES)
    tracker.batch(said("track", anonymousId=name, event="Pricing Page Viewed", messageId=own_id + "!"))
    use()
    assert (set_aside(), len(signals_of("jo@brandt.example"))) == ([], 2)


# What requests may be.


def test_bodies_may_be_gzipped(tracker: Tracker) -> None:
    assert tracker.batch(JO, packed=True).status_code == 200
    broken = tracker.post("batch", gzip.compress(b'{"batch": []}')[:-4], content_encoding="gzip")
    assert broken.status_code == 400
    assert tracker.post("batch", b"nonsense", content_encoding="gzip").status_code == 400


def test_bombs_and_what_is_too_large_are_refused(tracker: Tracker) -> None:
    bomb = gzip.compress(b'{"batch": [' + b" " * 50_000_000)
    assert len(bomb) < view.LARGEST
    assert tracker.post("batch", bomb, content_encoding="gzip").status_code == 413
    assert tracker.post("batch", b" " * (view.LARGEST + 1)).status_code == 413
    assert tracker.post("track", {**PRICES, "properties": {"a": "x" * 33_000}}).status_code == 413


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{", b'{"batch": 1}', b'{"batch": [NaN]}', b"\xff", b"[" * 100_000, b'{"batch": {}}']
)
def test_what_is_no_batch_is_refused(tracker: Tracker, raw: bytes) -> None:
    answer = tracker.post("batch", raw)
    assert answer.status_code == 400
    assert json.loads(answer.content)["success"] is False


def test_what_is_nested_too_deep_is_refused_from_the_first_level_on(tracker: Tracker) -> None:
    def status(levels: int) -> int:
        nested = '{"userId": "u1", "properties": ' + "[" * levels + "]" * levels + "}"
        return tracker.post("track", nested.encode()).status_code

    deepest = bisect_left(range(1_000), True, key=lambda levels: status(levels) != 200) - 1
    assert {status(deepest + more) for more in range(-4, 8)} == {200, 400}


def test_a_key_may_come_in_the_body(tracker: Tracker) -> None:
    body = JO | {"writeKey": tracker.text}
    answer = Client().post("/v1/identify", json.dumps(body), content_type="text/plain")
    assert answer.status_code == 200 and answer["Access-Control-Allow-Origin"] == "*"
    assert tracker.text not in IntakeMessage.objects.get().raw


def test_only_a_write_key_of_marketing_gets_in(tracker: Tracker, people: Callable[[str], User]) -> None:
    assert Tracker("ls_nothing").batch(JO).status_code == 401
    assert tracker.batch(JO, authorization="Basic %%%").status_code == 401
    assert tracker.batch(JO, authorization="Bearer x").status_code == 401
    assert Tracker(key_for(people("sam"), {Scope.SIGNALS_WRITE}).text).batch(JO).status_code == 401
    assert Tracker(key_for(people("ana"), {Scope.TRACK}).text).batch(JO).status_code == 403
    assert not IntakeMessage.objects.exists()


def test_a_key_has_its_rate(people: Callable[[str], User]) -> None:
    slow = Tracker(key_for(people("sam"), {Scope.TRACK}, a_minute=1).text)
    assert slow.batch(JO).status_code == 200
    answer = slow.batch(PRICES)
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 0


def test_a_browser_may_ask_before_it_posts(tracker: Tracker) -> None:
    answer = tracker.client.options("/v1/track")
    assert answer.status_code == 204 and "Content-Type" in answer["Access-Control-Allow-Headers"]
    assert tracker.client.get("/v1/track").status_code == 405
    assert "Access-Control-Allow-Origin" not in tracker.client.get("/login/")


def test_a_full_inbox_sends_away_and_loses_nothing(tracker: Tracker, settings: Settings) -> None:
    settings.INTAKE_BOUND = 1
    assert tracker.batch(JO, PRICES).status_code == 200
    answer = tracker.batch(STORY[1])
    assert answer.status_code == 503 and int(answer["Retry-After"]) > 0
    use()
    assert tracker.batch(STORY[1]).status_code == 200


def test_without_the_database_senders_are_asked_to_come_again(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object, **_options: object) -> None:
        raise OperationalError

    monkeypatch.setattr(view, "keep", away)
    answer = tracker.batch(JO)
    assert answer.status_code == 503 and int(answer["Retry-After"]) > 0
    assert not IntakeMessage.objects.exists()


def test_while_one_worker_is_at_the_inbox_the_others_do_something_else(tracker: Tracker) -> None:
    tracker.batch(JO, PRICES)
    other = connections.create_connection("default")
    with closing(other), other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [work.LOCK])
        assert work.work() == 0
        cursor.execute("SELECT pg_advisory_unlock(%s)", [work.LOCK])  # A session that closes ends later.
    assert work.work() == 2
