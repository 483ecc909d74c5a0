"""/api/v1/models/ and /versions/: the life of a version, by programs of several people."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from leadscoring.api.scopes import Scope
from scoring_models.evidence_pack import packs
from scoring_models.models import ModelVersion, RescoreRun
from scoring_models.spec_text import spec_of
from tests.api.conftest import Program, Reply
from tests.company import Company

Make = Callable[..., Program]


@pytest.fixture
def live(company: Company) -> int:
    return ModelVersion.objects.get().pk


@pytest.fixture
def draft(program: Make, live: int) -> int:
    """Sam's draft, whose points differ from what is live."""
    text = program("sam").get(f"/versions/{live}/export/").text.replace("points: 40", "points: 35")
    return int(program("sam").post("/versions/", {"text": text, "note": "Less for messages"}).body["id"])


def compute_evidence(version: int) -> None:
    """Do what a worker does."""
    asked = packs.latest_request(ModelVersion.objects.get(pk=version))
    assert asked is not None
    packs.work(evidence_id=asked.pk)


def seen(program: Program, version: int) -> dict[str, Any]:
    evidence = program.get(f"/versions/{version}/evidence/").body
    return {"digest": evidence["digest"], "evidence": evidence["sha256"]}


def submitted(program: Make, version: int) -> dict[str, Any]:
    assert program("sam").post(f"/versions/{version}/submit/").status == 200
    compute_evidence(version)
    return seen(program("mara"), version)


def test_a_version_is_drafted_sent_approved_put_live_and_gone_back_from(
    program: Make, live: int, draft: int
) -> None:
    mara = program("mara")
    states = [mara.get(f"/versions/{draft}/").body["state"]]
    what = submitted(program, draft)
    for step, body in (("approve", what), ("activate", None)):
        states.append(mara.get(f"/versions/{draft}/").body["state"])
        assert mara.post(f"/versions/{draft}/{step}/", body).status == 200
    states.append(mara.get(f"/versions/{draft}/").body["state"])
    back = mara.post(f"/versions/{live}/go-back/")
    states += [back.body["state"], mara.get(f"/versions/{draft}/").body["state"]]
    assert states == ["draft", "in_review", "approved", "live", "live", "retired"]
    detail = mara.get(f"/versions/{draft}/").body
    assert [one["decision"] for one in detail["reviews"]] == ["approve"]
    assert [one["name"] for one in detail["editors"]] == ["Sam Test"]


def test_nobody_approves_what_they_edited_with_any_key(program: Make, company: Company, draft: int) -> None:
    what = submitted(program, draft)
    sam = company.person("sam")
    sam.groups.set(company.person("mara").groups.all())
    sam.is_superuser = True
    sam.save()
    answer = program("sam").post(f"/versions/{draft}/approve/", what)
    assert (answer.status, answer.code) == (403, "edited_it")
    assert program("sam").get(f"/versions/{draft}/").body["state"] == "in_review"


def test_an_approval_is_of_what_was_seen(program: Make, draft: int) -> None:
    what = submitted(program, draft)
    mara = program("mara")
    for other in ({"digest": "0"}, {"evidence": "0"}):
        answer = mara.post(f"/versions/{draft}/approve/", {**what, **other})
        assert (answer.status, answer.code) == (409, "changed_since")
    assert mara.post(f"/versions/{draft}/approve/", {}).places == ["/digest", "/evidence"]


@pytest.mark.parametrize(("step", "state"), [("return", "draft"), ("reject", "rejected")])
def test_what_waits_is_returned_or_rejected_with_a_comment(
    program: Make, draft: int, step: str, state: str
) -> None:
    digest, mara = submitted(program, draft)["digest"], program("mara")
    path = f"/versions/{draft}/{step}/"
    assert mara.post(path, {"digest": digest}).places == ["/comment"]
    assert mara.post(path, {"digest": digest, "comment": " "}).code == "no_comment"
    assert mara.post(path, {"digest": digest, "comment": "No"}).body["state"] == state
    assert mara.post(path, {"digest": digest, "comment": "No"}).status == 409


def test_a_version_is_planned_and_called_off(program: Make, draft: int) -> None:
    mara = program("mara")
    mara.post(f"/versions/{draft}/approve/", submitted(program, draft))
    path, ahead = f"/versions/{draft}/schedule/", timezone.now() + timedelta(days=2)
    assert mara.ask("PUT", path, if_match="*", body={"starts_at": "2020-01-01T00:00:00Z"}).code == "not_ahead"
    planned = mara.ask("PUT", path, if_match="*", body={"starts_at": ahead.isoformat()})
    assert planned.body["state"] == "scheduled"
    assert datetime.fromisoformat(planned.body["starts_at"]) == ahead.astimezone(UTC)
    model = mara.get(f"/models/{planned.body['model']}/").body
    assert model["planned"]["version"] == draft
    assert mara.delete(path).body["state"] == "approved"
    assert mara.delete(path).code == "not_planned"


def test_a_draft_is_withdrawn_discarded_and_started_from(program: Make, live: int, draft: int) -> None:
    sam = program("sam")
    sam.post(f"/versions/{draft}/submit/")
    assert sam.delete(f"/versions/{draft}/").code == "not_a_draft"
    assert sam.post(f"/versions/{draft}/withdraw/").body["state"] == "draft"
    gone = sam.delete(f"/versions/{draft}/")
    assert (gone.status, gone.text) == (204, "")
    assert sam.get(f"/versions/{draft}/").code == "version.not_found"
    started = sam.post(f"/versions/{live}/draft/")
    assert (started.status, started.body["state"]) == (201, "draft")
    assert started.headers["Location"] == f"/api/v1/versions/{started.body['id']}/"


def test_an_export_is_text_that_makes_the_same_version(program: Make, live: int) -> None:
    sam = program("sam")
    exported = sam.get(f"/versions/{live}/export/", accept="application/yaml")
    assert exported.headers["Content-Type"] == "application/yaml"
    made = sam.post("/versions/", {"text": exported.text}).body["id"]
    assert sam.get(f"/versions/{made}/diff/?old={live}").body["lines"] == []
    assert sam.get(f"/versions/{live}/export/", accept="text/html").status == 406


def test_a_text_that_is_no_version_is_told_by_its_lines(program: Make) -> None:
    answer = program("sam").post("/versions/", {"text": "format: 1\nmodel: X\nnope: 1\n"})
    assert (answer.status, answer.code) == (422, "invalid_version")
    assert any("line 3" in fault["detail"] for fault in answer.body["errors"])
    for text in (
        "\t",
        "[",
        "&a [*a]",
        "- 1",
        "!!python/object:os.system x",
        "a: &b [*b, *b]",
        "a: \0",
        "\ud800",
        "",
    ):
        assert program("sam").post("/versions/", {"text": text}).status == 422, text


def test_two_versions_are_compared_in_words(program: Make, live: int, draft: int) -> None:
    changes = program("ana").get(f"/versions/{draft}/diff/").body
    assert (changes["old"], changes["new"]) == (live, draft)
    assert [(rule["old_points"], rule["new_points"]) for rule in changes["rules"]] == [(40, 35)]
    assert program("ana").get(f"/versions/{live}/diff/").code == "version.not_found"
    assert program("ana").get(f"/versions/{draft}/diff/?old=x").status == 400


def test_evidence_is_for_who_decides_and_is_asked_for_again(program: Make, draft: int) -> None:
    path = f"/versions/{draft}/evidence/"
    assert program("mara").get(path).code == "evidence.not_found"
    submitted(program, draft)
    shown = program("mara").get(path).body
    assert shown["sha256"] and shown["content"]["about"]
    again = program("sam").post(path)
    assert (again.status, again.body["content"]) == (202, None)
    assert program("mara").get(path).body["sha256"] == ""
    assert program("ana").get(path).code == "role.missing"


def test_a_draft_that_was_overtaken_is_brought_onto_what_is_live(
    program: Make, live: int, draft: int
) -> None:
    mara, sam = program("mara"), program("sam")
    text = sam.get(f"/versions/{live}/export/").text.replace("points: 15", "points: 12", 1)
    other = sam.post("/versions/", {"text": text}).body["id"]
    mara.post(f"/versions/{other}/approve/", submitted(program, other))
    mara.post(f"/versions/{other}/activate/")
    assert sam.post(f"/versions/{draft}/submit/").code == "stale"
    assert sam.post(f"/versions/{draft}/rebase/", {"onto": live}).code == "changed_since"
    made = sam.post(f"/versions/{draft}/rebase/", {"onto": other, "choices": []})
    assert (made.status, made.body["based_on"]) == (201, other)
    bad = sam.post(f"/versions/{draft}/rebase/", {"onto": other, "choices": [{"kind": "x", "side": "y"}]})
    assert set(bad.places) == {"/choices/0/name", "/choices/0/side"}


def test_scoring_all_leads_is_watched_stopped_and_resumed(program: Make, live: int) -> None:
    mara, path = program("mara"), f"/versions/{live}/scoring/"
    RescoreRun.objects.update(finished_at=None)
    assert program("ana").get(path).body["finished_at"] is None
    assert mara.post(f"{path}stop/").body["stopped_at"] is not None
    assert mara.post(f"{path}stop/").code == "not_running"
    assert mara.post(f"{path}resume/").body["stopped_at"] is None
    assert mara.post(f"{path}resume/").code == "not_stopped"


def test_a_model_is_kept_and_owned(program: Make, company: Company) -> None:
    mara = program("mara")
    model = mara.get("/models/").body["results"][0]
    path = f"/models/{model['id']}/"
    assert model["live"] and model["freshness"] == "stale"
    assert mara.post(f"{path}keep/").body["freshness"] == "fresh"
    sam, ana = company.person("sam").pk, company.person("ana").pk
    assert mara.ask("PUT", f"{path}owner/", {"owner": sam}, if_match="*").body["owner"]["name"] == "Sam Test"
    assert mara.ask("PUT", f"{path}owner/", {"owner": ana}, if_match="*").code == "no_owner"
    assert mara.ask("PUT", f"{path}owner/", {"owner": 10**9}).code == "no_owner"


def test_a_band_is_agreed_on_by_one_of_each_side(program: Make, live: int) -> None:
    path = f"/versions/{live}/bands/hot/agree/"
    spec = spec_of(ModelVersion.objects.get(pk=live))
    means = next(band.means for band in spec.bands if band.key == "hot")
    body = {"means": means, "side": "sales"}
    first = program("ana").post(path, body)
    assert first.status == 200, first.body
    assert program("jon").post(path, body).code == "agreed_already"
    assert program("sam").post(path, {**body, "means": "Else", "side": "marketing"}).code == "changed_since"
    assert program("sam").post(path, body).code == "not_allowed"


def test_lists_of_versions_and_models_are_turned(program: Make, live: int, draft: int) -> None:
    ana = program("ana")
    page = ana.get("/versions/?limit=1").body
    rest = ana.get(f"/versions/?limit=1&cursor={page['next']}").body
    assert [one["id"] for one in (*page["results"], *rest["results"])] == [draft, live]
    assert rest["next"] is None
    assert ana.get("/versions/?model=999").body["results"] == []
    assert ana.get("/models/?cursor=x").code == "cursor.invalid"


def test_a_score_is_explained_at_any_moment(program: Make, company: Company) -> None:
    ana, freya = program("ana"), company.lead("Freya").pk
    path = f"/leads/{freya}/explanation/"
    now = ana.get(path).body
    assert sum(line["points"] for line in now["lines"]) == now["total"] > 80
    assert now["band"] == "hot"
    past = timezone.now() - timedelta(days=30)
    then = ana.get(f"{path}?as_of={past:%Y-%m-%dT%H:%M:%SZ}").body
    assert then["engagement"] == 0
    unknown = ana.get(f"{path}?known_at={past:%Y-%m-%dT%H:%M:%SZ}").body
    assert unknown["engagement"] == 0 and unknown["as_of"] > then["as_of"]
    assert ana.get(f"{path}?as_of=tomorrow").places == ["as_of"]
    assert ana.get(f"/leads/{company.lead('Otto').pk}/explanation/").code == "lead.not_found"
    assert program("ana", Scope.WORK).get(path).code == "scope.missing"


def test_every_step_refuses_what_is_not_there(program: Make) -> None:
    mara, sam = program("mara"), program("sam")
    replies: list[Reply] = [
        sam.post("/versions/999/submit/"),
        sam.post("/versions/999/withdraw/"),
        sam.post("/versions/999/draft/"),
        mara.post("/versions/999/activate/"),
        mara.post("/versions/999/go-back/"),
        mara.get("/versions/999/export/"),
        mara.get("/versions/999/scoring/"),
        mara.get("/models/999/"),
    ]
    assert {reply.status for reply in replies} == {404}


def test_the_leads_behind_the_moves_of_the_evidence_are_listed(
    program: Make, company: Company, draft: int
) -> None:
    path = f"/versions/{draft}/evidence/"
    assert program("mara").get(f"{path}moves/").code == "evidence.not_found"
    submitted(program, draft)
    sam, mara = program("sam"), program("mara")
    cells = sam.get(path).body["content"]["moves"]["cells"]
    everybody = sam.get(f"{path}moves/").body["results"]
    assert len(everybody) == sum(cell["leads"] for cell in cells) == 6
    moved = sam.get(f"{path}moves/?moved=any").body["results"]
    assert moved and all(each["was"] != each["becomes"] for each in moved)
    first = moved[0]
    same = sam.get(f"{path}moves/?was={first['was']}&becomes={first['becomes']}").body["results"]
    assert first in same
    assert company.lead("Otto").pk not in {
        each["lead"]["id"] for each in mara.get(f"{path}moves/").body["results"]
    }
    page = sam.get(f"{path}moves/?limit=4").body
    rest = sam.get(f"{path}moves/?limit=4&cursor={page['next']}").body
    assert page["results"] + rest["results"] == everybody and rest["next"] is None
    assert sam.get(f"{path}missed/").body == {"results": [], "next": None, "previous": None}
    for wrong in ("was=none", "by=team", "by=team&group=99", "moved=sideways"):
        assert sam.get(f"{path}moves/?{wrong}").status == 400, wrong
    assert program("ana").get(f"{path}moves/").code == "role.missing"
