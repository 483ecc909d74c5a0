"""What could not be used: shown with its reason, and tried again after a fix."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from leads.intake import quarantine
from leads.models import EventMapping, IntakeMessage, SignalType
from leadscoring.api import keys
from leadscoring.api.scopes import Scope
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from tests.intake.conftest import Tracker, now, said, signals_of, use

People = Callable[[str], User]
JO = said("identify", userId="u1", traits={"email": "jo@brandt.example"})


def clicks(event: str, count: int) -> list[dict[str, object]]:
    return [said("track", userId="u1", event=event, messageId=f"{event}{number}") for number in range(count)]


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def sam(tracker: Tracker, people: People) -> Client:
    """Marketing, after five events that no mapping knows."""
    tracker.batch(JO, *clicks("Course Clicked", 3), *clicks("Tile Turned", 2))
    use()
    return client_of(people("sam"))


def test_reasons_are_shown_with_their_messages(sam: Client) -> None:
    groups = quarantine.groups()
    assert [(group.code, group.count) for group in groups] == [("unmapped", 3), ("unmapped", 2)]
    html = sam.get("/intake/").content.decode()
    assert "Course Clicked" in html and "3 messages" in html
    listed = sam.get("/intake/", {"code": "unmapped", "reason": groups[0].reason}).content.decode()
    assert listed.count('name="message"') == 3 and "&quot;event&quot;:&quot;Course Clicked&quot;" in listed


def test_one_several_or_all_are_tried_again_after_a_fix(sam: Client) -> None:
    saved = SignalType.objects.get(key="content_save")
    EventMapping.objects.create(pattern="course clicked", signal_type=saved)
    course = quarantine.groups()[0]
    ids = [one.pk for one in quarantine.of_reason(course.code, course.reason)]
    sam.post("/intake/replay/", {"message": ids[:1]})
    use()
    assert signals_of("jo@brandt.example") == ["content_save"]
    sam.post("/intake/replay-reason/", {"code": course.code, "reason": course.reason})
    use()
    assert signals_of("jo@brandt.example") == ["content_save"] * 3
    assert [group.count for group in quarantine.groups()] == [2]
    entries = AuditEntry.objects.filter(action="intake.replayed").order_by("pk")
    assert [entry.data["count"] for entry in entries] == [1, 2]


def test_what_is_still_wrong_comes_back(sam: Client) -> None:
    before = quarantine.groups()
    for group in before:
        sam.post("/intake/replay-reason/", {"code": group.code, "reason": group.reason})
    use()
    assert [group.count for group in quarantine.groups()] == [group.count for group in before]


def test_only_marketing_and_admins_replay(sam: Client, people: People) -> None:
    for name in ("ana", "mara"):
        with pytest.raises(DomainError, match="Marketing"):
            quarantine.replay(ids=[1], actor=people(name), at=now())
        assert client_of(people(name)).get("/intake/").status_code == 403
    assert client_of(people("ines")).get("/intake/").status_code == 200


def test_numbers_that_are_none_replay_nothing(sam: Client) -> None:
    answer = sam.post("/intake/replay/", {"message": ["x", "9" * 30, "²"]}, follow=True)
    assert "nothing to try again" in answer.content.decode()


def test_after_a_year_it_is_forgotten(sam: Client) -> None:
    assert quarantine.forget(at=now() + timedelta(days=364)) == 0
    assert quarantine.forget(at=now() + timedelta(days=366)) == 5
    assert not IntakeMessage.objects.exists()


def test_mappings_are_for_marketing(sam: Client, people: People) -> None:
    page = "/admin/leads/eventmapping/add/"
    body = {"call": "track", "pattern": "tile *", "signal_type": "", "properties": "a\nb", "position": "5"}
    assert sam.post(page, body).status_code == 302
    assert EventMapping.objects.get(pattern="tile *").properties == ["a", "b"]
    assert AuditEntry.objects.filter(action="eventmapping.added").exists()
    for name in ("mara", "ines"):
        assert client_of(people(name)).post(page, body | {"pattern": "x"}).status_code == 403
    trait = {"call": "group", "trait": "size", "attribute": ""}
    assert "Fills" in sam.post("/admin/leads/traitmapping/add/", trait).content.decode()


def test_a_write_key_does_nothing_else(people: People) -> None:
    make = {"name": "Site", "user": people("sam"), "expires_at": now() + timedelta(days=9)}
    with pytest.raises(DomainError) as refused:
        keys.create(**make, scopes=[Scope.TRACK, Scope.READ], actor=people("ines"), at=now())  # type: ignore[arg-type]
    assert refused.value.code == "key.track"
    issued = keys.create(**make, scopes=[Scope.TRACK], actor=people("ines"), at=now())  # type: ignore[arg-type]
    assert Tracker(issued.text).batch(JO).status_code == 200
