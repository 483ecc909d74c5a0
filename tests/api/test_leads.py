"""/api/v1/leads/: who may read and write, what is refused, and edits that cross."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from rest_framework import serializers

from leads import overrides
from leads.api.shown import LeadShown, shown
from leads.models import Lead, OverrideKind, OverrideReason
from leadscoring.api.scopes import Scope
from tests.api.conftest import Program
from tests.company import Company

Make = Callable[..., Program]
JO = {"external_id": "crm-1", "attributes": {"email": "Jo@Brandt.example", "company": "Brandt"}}


def test_a_new_lead_is_made_and_the_same_again_is_an_update(program: Make) -> None:
    sam = program("sam")
    made = sam.post("/leads/", JO)
    again = sam.post("/leads/", {**JO, "attributes": {"email": "jo@brandt.example", "job_title": "CEO"}})
    assert (made.status, again.status) == (201, 200)
    assert made.body["id"] == again.body["id"]
    assert made.headers["Location"] == f"/api/v1/leads/{made.body['id']}/"
    assert again.body["attributes"]["company"] == "Brandt"
    assert again.body["attributes"]["job_title"] == "CEO"
    assert again.body["account"]["name"] == "Brandt"


def test_a_lead_is_found_by_its_email_where_it_has_no_id(program: Make) -> None:
    sam = program("sam")
    first = sam.post("/leads/", {"attributes": {"email": "a@b.example"}})
    second = sam.post("/leads/", {"attributes": {"email": " A@B.example "}, "external_id": "x"})
    assert (first.status, second.status) == (201, 200)
    assert second.body["external_id"] == "x"


def test_what_nobody_described_is_refused_by_its_name(program: Make) -> None:
    answer = program("sam").post(
        "/leads/", {"is_open": False, "team_id": 1, "attributes": {"nope": 1, "email": 3, "inbound": "x"}}
    )
    assert (answer.status, answer.code) == (400, "invalid")
    assert answer.places == ["/is_open", "/team_id"]
    answer = program("sam").post("/leads/", {"attributes": {"nope": 1, "email": 3}})
    assert answer.places == ["/attributes/nope", "/attributes/email"]
    assert not Lead.objects.filter(is_open=False).exists()


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"attributes": {"email": "nobody"}, "external_id": "1"}, "/attributes/email"),
        ({"attributes": {"email": "a@b.example"}, "team": "Nowhere"}, "/team"),
        ({"attributes": {"ssi_score": "many"}, "external_id": "1"}, "/attributes/ssi_score"),
    ],
)
def test_content_that_cannot_be_used_is_told_by_field(program: Make, body: object, place: str) -> None:
    answer = program("sam").post("/leads/", body)
    assert (answer.status, answer.places) == (422, [place])


def test_a_lead_without_an_identity_is_refused(program: Make) -> None:
    assert program("sam").post("/leads/", {}).code == "lead.refused"


def test_each_sees_the_leads_of_their_teams_and_no_others(program: Make, company: Company) -> None:
    otto = company.lead("Otto").pk
    assert len(program("ana").get("/leads/").body["results"]) == 5
    assert len(program("sam").get("/leads/").body["results"]) == 6
    assert program("ana").get(f"/leads/{otto}/").code == "lead.not_found"
    assert program("rita").get(f"/leads/{otto}/").status == 200
    assert program("ana").get("/leads/999999/").status == 404


def test_the_list_is_turned_page_by_page(program: Make) -> None:
    ana, seen, cursor = program("ana"), [], ""
    while True:
        page = ana.get(f"/leads/?limit=2{cursor}").body
        seen += [lead["id"] for lead in page["results"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)
    assert [lead["name"] for lead in ana.get("/leads/?q=frey").body["results"]] == ["Freya Vogel"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=9999999999999999999999999999",
        "limit=0",
        "limit=501",
        "limit=%2B1",
        "limit=1.0",
        "limit=٣",
        "limit=",
        "cursor=garbage",
        "cursor=99999999999999999999999999999",
        "cursor=%00",
        "nope=1",
    ],
)
def test_a_query_that_cannot_be_read_is_a_problem(program: Make, query: str) -> None:
    answer = program("ana").get(f"/leads/?{query}")
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_lead_shows_its_score(program: Make, company: Company) -> None:
    score = program("ana").get(f"/leads/{company.lead('Freya').pk}/").body["score"]
    assert score["band"] == "hot"
    assert score["effective_total"] == score["total"] == score["engagement"] + score["fit"]


def test_what_is_shown_of_a_lead_is_what_its_fields_say(company: Company) -> None:
    at = timezone.now()
    overrides.set_override(
        lead_id=company.lead("Freya").pk,
        kind=OverrideKind.POINTS,
        points=5,
        reason=OverrideReason.MET,
        actor=company.person("ana"),
        at=at,
    )
    Lead.objects.create()
    leads = Lead.objects.select_related("account", "owner", "team", "score")
    ones = shown(leads, at=at)
    assert any(one.scored is None for one in ones)
    assert any(one.scored and one.scored.override_id for one in ones)
    for one in ones:
        field_by_field = serializers.Serializer.to_representation(LeadShown(), one)
        assert LeadShown().to_representation(one) == field_by_field


@pytest.mark.parametrize("name", ["ana", "mara", "ines"])
def test_only_marketing_makes_leads(program: Make, company: Company, name: str) -> None:
    answer = program(name).post("/leads/", JO)
    assert (answer.status, answer.code) == (403, "role.missing")


def test_admins_change_no_lead(program: Make, company: Company) -> None:
    freya = company.lead("Freya").pk
    answer = program("ines").patch(f"/leads/{freya}/", {"attributes": {}}, if_match="*")
    assert (answer.status, answer.code) == (403, "role.missing")


def test_a_key_without_the_scope_writes_nothing(program: Make, company: Company) -> None:
    reader, writer = program("sam", Scope.READ), program("sam", Scope.LEADS_WRITE)
    freya = company.lead("Freya").pk
    assert reader.post("/leads/", JO).code == "scope.missing"
    assert reader.patch(f"/leads/{freya}/", {"attributes": {}}).code == "scope.missing"
    assert writer.get("/leads/").code == "scope.missing"
    assert writer.get(f"/leads/{freya}/").code == "scope.missing"


def test_strangers_get_nothing(company: Company) -> None:
    for method, path in (
        ("GET", "/leads/"),
        ("POST", "/leads/"),
        ("PATCH", f"/leads/{company.lead('Wei').pk}/"),
    ):
        answer = Program(None).ask(method, path, {})
        assert (answer.status, answer.code) == (401, "not_authenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_edit_needs_what_its_author_has_seen(program: Make, company: Company) -> None:
    sam, path = program("sam"), f"/leads/{company.lead('Freya').pk}/"
    change = {"attributes": {"job_title": "Chief Revenue Officer", "industry": "Retail"}}
    tag = sam.get(path).headers["ETag"]
    assert sam.patch(path, change).status == 428
    assert sam.patch(path, change, if_match='"else"').status == 412
    done = sam.patch(path, change, if_match=tag)
    assert done.status == 200
    assert done.body["attributes"]["job_title"] == "Chief Revenue Officer"
    assert done.body["attributes"]["industry"] == "Retail"
    assert sam.patch(path, change, if_match=tag).status == 412
    assert done.headers["ETag"] == sam.get(path).headers["ETag"]


def test_a_lead_known_by_its_email_only_keeps_it(program: Make) -> None:
    sam = program("sam")
    made = sam.post("/leads/", {"attributes": {"email": "a@b.example"}}).body["id"]
    sam.post("/leads/", {"attributes": {"email": "c@d.example"}})
    refused = sam.patch(f"/leads/{made}/", {"attributes": {"email": "c@d.example"}}, if_match="*")
    changed = sam.patch(f"/leads/{made}/", {"attributes": {"city": "Bonn"}}, if_match="*")
    assert refused.places == ["/attributes/email"]
    assert (changed.body["id"], changed.body["attributes"]["city"]) == (made, "Bonn")
