"""Drafts edited by programs: rules, bands, caps, lists and settings, and what that would do."""

from collections.abc import Callable
from typing import Any

import pytest

from leadscoring.audit.models import AuditEntry
from scoring_models.admin.checks import stamp
from scoring_models.models import ModelVersion
from scoring_models.spec_text import spec_of
from tests.api.conftest import Program
from tests.company import Company

Make = Callable[..., Program]


@pytest.fixture
def draft(program: Make, company: Company) -> str:
    live = ModelVersion.objects.get()
    return f"/versions/{program('sam').post(f'/versions/{live.pk}/draft/').body['id']}/"


def read(program: Program, draft: str) -> tuple[dict[str, Any], str]:
    answer = program.get(f"{draft}rows/")
    return answer.body, answer.headers["ETag"]


def stored(draft: str) -> ModelVersion:
    return ModelVersion.objects.get(pk=int(draft.split("/")[2]))


def test_what_is_read_can_be_written_back_and_changes_nothing(program: Make, draft: str) -> None:
    nora, before = program("nora"), spec_of(stored(draft))
    rows, tag = read(nora, draft)
    del rows["model"]
    answer = nora.patch(f"{draft}rows/", rows, if_match=tag)
    assert (answer.status, answer.headers["ETag"]) == (200, tag)
    assert spec_of(stored(draft)) == before
    assert {editor.user.name for editor in stored(draft).editors.all()} == {"Sam Test", "Nora Test"}


def test_each_part_is_edited_and_the_others_stay(program: Make, draft: str) -> None:
    nora = program("nora")
    rows, tag = read(nora, draft)
    rules = [
        rule | {"points": 41} if rule["key"] == "started-conversation" else rule for rule in rows["rules"]
    ]
    rules[0]["enabled"] = False
    bands = [*rows["bands"][:-1], rows["bands"][-1] | {"from": 90, "name": "Burning"}]
    lists = rows["lists"] | {"target titles": ["Pilot"]}
    dimensions = {"engagement": {"cap": 80, "floor": -5}, "fit": {"cap": 30, "floor": None}}
    audience = [{"field": "country", "op": "is_any_of", "value": ["DE", "AT"]}]
    parts = {"rules": rules, "bands": bands, "lists": lists, "dimensions": dimensions, "audience": audience}
    settings = {"floor": None, "ceiling": 150, "note": "All of it."}
    changed = nora.patch(f"{draft}rows/", parts | settings, if_match=tag)
    assert changed.status == 200 and changed.headers["ETag"] != tag
    spec, version = spec_of(stored(draft)), stored(draft)
    assert {rule.key: rule.points for rule in spec.rules}["started-conversation"] == 41
    assert not spec.rules[0].enabled and all(rule.enabled for rule in spec.rules[1:])
    assert (spec.bands[-1].name, spec.bands[-1].lower_edge) == ("Burning", 90)
    assert dict(spec.lists)["target titles"] == ("Pilot",)
    assert (spec.engagement.cap, spec.engagement.floor, spec.fit.cap, spec.fit.floor) == (80, -5, 30, None)
    assert (spec.floor, spec.ceiling, version.note) == (None, 150, "All of it.")
    assert [condition.field for condition in spec.audience] == ["country"]
    entry = AuditEntry.objects.filter(action="version.edited").latest("pk")
    assert (entry.actor_id, entry.object_id) == (nora_id(version), str(version.pk))


def nora_id(version: ModelVersion) -> int:
    return version.editors.get(user__name="Nora Test").user_id


def test_of_two_who_edit_the_same_the_second_reads_again(program: Make, draft: str) -> None:
    sam, nora = program("sam"), program("nora")
    _rows, tag = read(sam, draft)
    page = stamp(stored(draft))
    assert sam.patch(f"{draft}rows/", {"floor": 1}).status == 428
    assert nora.patch(f"{draft}rows/", {"floor": 1}, if_match=tag).status == 200
    assert sam.patch(f"{draft}rows/", {"floor": 2}, if_match=tag).status == 412
    assert stored(draft).floor == 1
    assert stamp(stored(draft)) != page, "the editor's page would overwrite it"


@pytest.mark.parametrize(
    ("parts", "status", "place"),
    [
        ({"rules": [{"key": "x", "dimension": "fit", "points": 0}]}, 422, "/rules/0/points"),
        ({"rules": 5}, 422, "/rules"),
        ({"rules": [None]}, 422, "/rules/0"),
        ({"bands": []}, 422, "/bands"),
        ({"dimensions": {"fit": {"cap": 1, "floor": 2}}}, 422, "/dimensions/fit/cap"),
        ({"floor": "many"}, 422, "/floor"),
        ({"floor": 10, "ceiling": 9}, 422, "/ceiling"),
        ({"lists": {"x": [{}]}}, 422, "/lists/x/0"),
        ({"audience": [{"field": "no_such", "op": "is_set"}]}, 422, "/audience/0/field"),
        ({"rules": ["\0"]}, 400, "/rules"),
        ({"lists": {"\ud800": []}}, 400, "/lists"),
        ({"model": "Another"}, 400, "/model"),
        ({"frozen": "{}"}, 400, "/frozen"),
    ],
)
def test_what_makes_no_version_is_told_by_its_place_and_changes_nothing(
    program: Make, draft: str, parts: dict[str, Any], status: int, place: str
) -> None:
    sam, before = program("sam"), spec_of(stored(draft))
    _rows, tag = read(sam, draft)
    for answer in (
        sam.patch(f"{draft}rows/", parts, if_match=tag),
        sam.post(f"{draft}preview/", parts),
    ):
        assert answer.status == status and place in answer.places
    assert spec_of(stored(draft)) == before


def test_what_is_frozen_is_read_and_not_edited(program: Make, company: Company) -> None:
    sam, live = program("sam"), f"/versions/{ModelVersion.objects.get().pk}/"
    rows, tag = read(sam, live)
    assert rows["rules"]
    for answer in (
        sam.patch(f"{live}rows/", {"floor": 1}, if_match=tag),
        sam.post(f"{live}preview/", {"floor": 1}),
    ):
        assert (answer.status, answer.code) == (409, "not_a_draft")


def test_what_a_draft_would_do_is_counted_without_writing_it(program: Make, draft: str) -> None:
    sam, before = program("sam"), spec_of(stored(draft))
    same = sam.post(f"{draft}preview/").body
    numbers = same["numbers"]
    assert (same["counted"], numbers["leads"], numbers["moved"], numbers["moves"]) == (None, 6, 0, [])
    assert {band["key"]: band["then"] for band in numbers["bands"]}["hot"] == 1
    assert same["balance"]["is_good"] is True
    rows, _tag = read(sam, draft)
    fewer = [rule for rule in rows["rules"] if rule["key"] != "started-conversation"]
    other = sam.post(f"{draft}preview/", {"rules": fewer}).body["numbers"]
    assert other["moved"] > 0 and sum(move["leads"] for move in other["moves"]) == other["moved"]
    assert "started-conversation" in numbers["fired"] and "started-conversation" not in other["fired"]
    assert spec_of(stored(draft)) == before
