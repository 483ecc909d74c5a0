"""Trying versions by programs: test on a lead, golden leads, health, other models and their order."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.utils import timezone

from scoring_models.demo.versions import propose
from scoring_models.models import ModelVersion, ScoringModel
from tests.api.conftest import Program
from tests.company import Company

Make = Callable[..., Program]
BUYER = {"attributes": {"job_title": "VP Sales"}, "signals": [{"type": "dm_received", "days_ago": 2}]}


def draft(program: Make, company: Company) -> str:
    live = ModelVersion.objects.get()
    return f"/versions/{program('sam').post(f'/versions/{live.pk}/draft/').body['id']}/"


def test_a_version_is_tested_on_a_lead_that_is_there_and_on_one_that_is_not(
    program: Make, company: Company
) -> None:
    sam, path = program("sam"), draft(program, company)
    freya = company.lead("Freya").pk
    on_freya = sam.get(f"{path}test/?lead={freya}").body
    assert on_freya["tested"]["total"] == sam.get(f"/leads/{freya}/").body["score"]["total"]
    assert on_freya["difference"] == 0
    imagined = sam.post(f"{path}test/", BUYER).body["tested"]
    assert imagined["total"] == sum(line["points"] for line in imagined["lines"]) == 55
    otto = company.lead("Otto").pk
    assert program("mara").get(f"{path}test/?lead={otto}").code == "lead.not_found"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"attributes": {"no_such": "x"}}, "/attributes/no_such"),
        ({"attributes": {"ssi_score": "many"}}, "/attributes/ssi_score"),
        ({"signals": [{"type": "no_such", "days_ago": 1}]}, "/signals/0/type"),
        ({"signals": [{"type": "dm_received", "days_ago": -1}]}, "/signals/0/days_ago"),
        ({"signals": [{"type": "dm_received", "days_ago": 1, "when": 1}]}, "/signals/0/when"),
        (
            {"signals": [{"type": "dm_received", "days_ago": 1, "properties": {"a": [1]}}]},
            "/signals/0/properties",
        ),
    ],
)
def test_what_nobody_can_imagine_is_refused_where_it_is(
    program: Make, company: Company, change: dict[str, object], place: str
) -> None:
    assert program("sam").post(f"{draft(program, company)}test/", BUYER | change).places == [place]


def test_golden_leads_are_kept_with_a_draft_and_checked(program: Make, company: Company) -> None:
    sam, path = program("sam"), draft(program, company)
    numbers = {"attributes": {"job_title": "VP Sales", "ssi_score": "72.5", "unsubscribed": False}}
    kept = sam.post(f"{path}golden/", {"name": "Buyer", "band": "sql", **BUYER, **numbers})
    assert (kept.status, kept.body["results"][0]["is_green"]) == (201, False)
    assert sam.post(f"{path}golden/", {"name": "Other", **BUYER}).code == "nothing_expected"
    twice = sam.post(f"{path}golden/", {"name": "Buyer", "score": 1, **BUYER})
    assert (twice.status, twice.code) == (409, "golden_twice")
    [check] = program("ana").get(f"{path}golden/").body["results"]
    assert (check["name"], check["total"], check["band"]) == ("Buyer", 60, "mql")
    assert "72.5" in sam.get(f"{path}export/").text
    assert sam.post(f"{path}golden/remove/", {"name": "Buyer"}).body == {"results": []}
    assert sam.post(f"{path}golden/remove/", {"name": "Buyer"}).code == "golden.not_found"


def test_a_frozen_version_keeps_its_golden_leads(program: Make, company: Company) -> None:
    version = propose(author=company.person("sam"), now=timezone.now())
    answer = program("nora").post(
        f"/versions/{version.pk}/golden/", {"name": "Buyer", "band": "hot", **BUYER}
    )
    assert (answer.status, answer.code) == (409, "not_a_draft")


def test_the_health_of_a_version_is_read(program: Make, company: Company) -> None:
    text = program("sam").get(f"{draft(program, company)}export/").text
    odd = text.replace("points: 40", "points: 400").replace("cap: 90", "cap: null")
    made = program("sam").post("/versions/", {"text": odd}).body["id"]
    health = program("ana").get(f"/versions/{made}/health/").body
    assert health["leads"] == 6
    assert {"balance"} <= {finding["kind"] for finding in health["findings"]}
    assert all(finding["sentence"] for finding in health["findings"])
    path = f"/versions/{made}/health/leads/"
    counted = [finding for finding in health["findings"] if finding["count"]]
    assert counted
    for finding in counted:
        leads = program("sam").get(f"{path}?terms={quote(finding['terms'])}").body["results"]
        assert len({lead["lead"]["id"] for lead in leads}) == finding["count"], finding
    hot = program("sam").get(f"{path}?terms=band:hot&limit=1").body
    assert [lead["band"] for lead in hot["results"]] == ["hot"]
    assert program("sam").get(f"{path}?terms=salary:9").places == ["terms"]
    assert program("sam").get(f"{path}?terms=band:none").code == "selection.not_found"
    assert program("mara").get(f"{path}?terms=band:hot").code == "role.missing"


def test_another_model_begins_and_the_order_is_changed_as_it_was_seen(
    program: Make, company: Company
) -> None:
    sam, mara = program("sam"), program("mara")
    keys = [one["key"] for one in sam.get("/models/beginnings/").body["results"]]
    assert "consumer" in keys and str(ModelVersion.objects.get().pk) in keys
    assert sam.post("/models/", {"name": "Partners", "start": "nothing"}).code == "no_beginning"
    assert sam.post("/models/", {"name": "Partners", "start": keys[0]}).status == 201
    assert (taken := sam.post("/models/", {"name": "Partners", "start": keys[0]})).status == 409, taken
    seen = mara.get("/models/order/")
    turned = {"models": seen.body["models"][::-1]}
    assert mara.ask("PUT", "/models/order/", turned).status == 428
    assert mara.ask("PUT", "/models/order/", {"models": [1]}, if_match="*").code == "changed_since"
    changed = mara.ask("PUT", "/models/order/", turned, if_match=seen.headers["ETag"])
    assert changed.body == turned == mara.get("/models/order/").body
    assert mara.ask("PUT", "/models/order/", turned, if_match=seen.headers["ETag"]).status == 412
    assert mara.ask("PUT", "/models/order/", turned, if_match="*").code == "same_order"


def test_who_looks_after_a_model_is_said_by_who_has_seen_who_does(program: Make, company: Company) -> None:
    mara, path = program("mara"), f"/models/{ScoringModel.objects.get().pk}/"
    seen, nora = mara.get(path), company.person("nora").pk
    assert mara.ask("PUT", f"{path}owner/", {"owner": nora}).status == 428
    changed = mara.ask("PUT", f"{path}owner/", {"owner": nora}, if_match=seen.headers["ETag"])
    assert changed.body["owner"]["id"] == nora
    assert mara.ask("PUT", f"{path}owner/", {"owner": nora}, if_match=seen.headers["ETag"]).status == 412


def test_nobody_is_tested_who_objects_to_being_scored(program: Make, company: Company) -> None:
    path, wei = draft(program, company), company.lead("Wei").pk
    program("ana").post(f"/leads/{wei}/objection/")
    for address in (f"{path}test/?lead={wei}", f"/leads/{wei}/explanation/"):
        answer = program("sam").get(address)
        assert (answer.status, answer.code) == (409, "not_scored")
