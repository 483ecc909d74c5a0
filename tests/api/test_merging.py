"""Merging leads by programs: looked at first, done, undone, and only by whoever may work both."""

from collections.abc import Callable

from django.utils import timezone

from leads.ingestion.leads import save_leads
from leads.ingestion.rows import LeadRow
from leads.models import Lead
from leads.values import set_value
from leadscoring.people.models import User
from tests.api.conftest import Program
from tests.company import Company, score

Make = Callable[..., Program]


def twin(company: Company) -> int:
    """Freya once more, who has another title."""
    values = {"first_name": "Freya", "last_name": "Vogel", "company": "Brandt", "job_title": "CEO"}
    values |= {"email": "freya.vogel@brandt.example", "country": "DE"}
    row = LeadRow(0, values, external_id="twin", team="Europe")
    save_leads([row], at=timezone.now(), actor=User.objects.system())
    Lead.objects.update(owner=None)
    score()
    return Lead.objects.get(external_id="twin").pk


def test_what_a_merge_brings_is_seen_first_and_then_done_and_undone(program: Make, company: Company) -> None:
    ana, kept, absorbed = program("ana"), company.lead("Freya").pk, twin(company)
    seen = ana.get(f"/leads/{kept}/merge/?absorb={absorbed}").body
    lines = {line["key"]: line for line in seen["lines"]}
    assert (lines["job_title"]["kept"], lines["job_title"]["absorbed"]) == ("VP Sales", "CEO")
    assert (lines["country"]["chosen"], lines["job_title"]["chosen"]) == (True, False)
    assert seen["score"]["total"] == ana.get(f"/leads/{kept}/").body["score"]["total"]
    chosen = ana.get(f"/leads/{kept}/merge/?absorb={absorbed}&choices=job_title").body
    assert [line["key"] for line in chosen["lines"] if line["chosen"]] == ["job_title"]
    made = ana.post(f"/leads/{kept}/merge/", {"absorb": absorbed, "choices": ["job_title"]})
    assert (made.status, made.body["choices"]) == (201, ["job_title"])
    assert ana.get(f"/leads/{absorbed}/").code == "lead.not_found"
    assert ana.get(f"/leads/{kept}/").body["attributes"]["job_title"] == "CEO"
    assert [one["id"] for one in ana.get(f"/leads/{kept}/merges/").body["results"]] == [made.body["id"]]
    assert ana.post(f"/merges/{made.body['id']}/undo/").status == 200
    again = ana.post(f"/merges/{made.body['id']}/undo/")
    assert (again.status, again.code) == (409, "merge.undone")
    assert ana.get(f"/leads/{absorbed}/").status == 200


def test_nobody_merges_what_they_do_not_work(program: Make, company: Company) -> None:
    freya, otto = company.lead("Freya").pk, company.lead("Otto").pk
    ana = program("ana")
    assert ana.post(f"/leads/{freya}/merge/", {"absorb": otto}).code == "lead.not_found"
    assert ana.get(f"/leads/{otto}/merge/?absorb={freya}").code == "lead.not_found"
    assert ana.post(f"/leads/{freya}/merge/", {"absorb": freya}).code == "merge.same"
    other = twin(company)
    Lead.objects.filter(pk=other).update(owner=company.person("jon"))
    assert ana.post(f"/leads/{freya}/merge/", {"absorb": other}).code == "lead.not_yours"


def test_a_merge_that_says_what_it_saw_is_refused_once_that_changed(program: Make, company: Company) -> None:
    ana, kept, absorbed = program("ana"), company.lead("Freya").pk, twin(company)
    seen = ana.get(f"/leads/{kept}/merge/?absorb={absorbed}").body["seen"]
    body = {"absorb": absorbed, "seen": seen}
    assert ana.post(f"/leads/{kept}/merge/", body | {"seen": "x"}).code == "merge.seen"
    set_value(lead_id=absorbed, key="city", raw="Bonn", actor=company.person("jon"), at=timezone.now())
    answer = ana.post(f"/leads/{kept}/merge/", body)
    assert (answer.status, answer.code) == (409, "merge.moved")
    seen = ana.get(f"/leads/{kept}/merge/?absorb={absorbed}").body["seen"]
    assert ana.post(f"/leads/{kept}/merge/", body | {"seen": seen}).status == 201


def test_leads_that_may_be_one_are_listed_until_somebody_says_that_they_are_two(
    program: Make, company: Company
) -> None:
    ana, pair = program("ana"), {"newer": twin(company), "older": company.lead("Freya").pk, "why": "name"}
    assert ana.get("/duplicates/").body["results"] == [pair]
    said = ana.post("/not-same/", {"one": pair["newer"], "other": pair["older"]})
    assert said.status == 201
    assert ana.get("/duplicates/").body["results"] == []
    assert program("rita").delete(f"/not-same/{said.body['id']}/").code == "lead.not_found"
    assert ana.delete(f"/not-same/{said.body['id']}/").status == 204
    assert ana.get("/duplicates/").body["results"] == [pair]
    assert program("rita").get("/duplicates/").body["results"] == []
