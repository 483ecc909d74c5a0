"""What a score was, asked by programs: the same as on the lead's page."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from leads.models import ScoreChange
from leads.score_history import history
from tests.api.conftest import Program
from tests.company import Company, happen, score

Make = Callable[..., Program]
DAY = timedelta(days=1)


def grow(company: Company, name: str, *types: str) -> str:
    """Let a lead do things one after the other, each scored; the address of the lead."""
    for type_key in types:
        happen(company.lead(name), type_key, at=timezone.now())
        score()
    return f"/leads/{company.lead(name).pk}"


def test_every_change_is_told_with_its_cause_and_adds_up(program: Make, company: Company) -> None:
    path = grow(company, "Wei", "dm_received", "content_save")
    ana = program("ana")
    ana.post("/overrides/", {"lead": company.lead("Wei").pk, "kind": "points", "points": 3, "reason": "met"})
    entries = ana.get(f"{path}/history/").body["results"]
    assert [entry["kind"] for entry in entries] == ["override_began", "score", "score", "score"]
    save, message, first = entries[1:]
    assert (save["causes"], save["points"]) == (["signal"], 15)
    assert (message["causes"], message["points"]) == (["signal"], 40)
    assert sum(change["points"] for change in message["changes"]) == 40
    assert message["band_before"] != message["band"]
    assert (first["points"], first["total"] + 40) == (None, message["total"])


def test_the_pages_of_a_history_are_its_parts_whatever_comes_in_between(
    program: Make, company: Company
) -> None:
    path = grow(company, "Wei", "dm_received", "content_save", "profile_view")
    ana = program("ana")
    whole = ana.get(f"{path}/history/").body["results"]
    found: list[object] = []
    cursor: str | None = ""
    while cursor is not None:
        page = ana.get(f"{path}/history/?limit=1{cursor and '&cursor=' + cursor}").body
        found += page["results"]
        cursor = page["next"]
        grow(company, "Wei", "connection_request_received")
    assert found == whole and len(whole) == 3
    assert len(history(company.lead("Wei"), now=timezone.now()).entries) > 3


def test_a_history_can_be_had_as_of_a_moment(program: Make, company: Company) -> None:
    path = grow(company, "Wei", "dm_received", "content_save")
    moments = ScoreChange.objects.filter(lead_id=company.lead("Wei").pk).order_by("at")
    second = moments.values_list("at", flat=True)[1]
    as_of = second.isoformat().replace("+00:00", "Z")
    entries = program("ana").get(f"{path}/history/?as_of={as_of}").body["results"]
    assert entries[0]["at"] == as_of and len(entries) == 2


def test_two_moments_are_compared_in_steps_that_add_up(program: Make, company: Company) -> None:
    since = timezone.now().isoformat().replace("+00:00", "Z")
    path = grow(company, "Wei", "dm_received")
    found = program("ana").get(f"{path}/comparison/?since={since}").body
    assert found["points"] == found["after"]["effective_total"] - found["before"]["effective_total"] == 40
    assert [(step["kind"], step["points"]) for step in found["steps"]] == [("signals", 40)]
    assert program("ana").get(f"{path}/comparison/").places == ["since"]


def test_another_teams_lead_has_no_history(program: Make, company: Company) -> None:
    path = f"/leads/{company.lead('Otto').pk}"
    for address in ("history/", "comparison/?since=2026-01-01T00:00:00Z", "merges/", "notes/", "clocks/"):
        assert program("ana").get(f"{path}/{address}").code == "lead.not_found", address
    assert program("ana").get(f"{path}/history/?cursor=yesterday").code == "lead.not_found"
    own = f"/leads/{company.lead('Wei').pk}/history/?cursor=yesterday"
    assert program("ana").get(own).code == "cursor.invalid"
