"""What people write about a lead: notes, values by hand, objections. An edit says what it saw."""

from collections.abc import Callable
from datetime import timedelta

from django.db.models import F

from leads.models import Activity, Lead
from tests.api.conftest import Program
from tests.company import Company

Make = Callable[..., Program]


def test_a_note_is_changed_by_its_author_who_has_seen_it_as_it_is(program: Make, company: Company) -> None:
    ana, jon, path = program("ana"), program("jon"), f"/leads/{company.lead('Wei').pk}/notes/"
    made = ana.post(path, {"text": "Calls after four."})
    assert made.status == 201
    address, tag = f"/notes/{made.body['id']}/", made.headers["ETag"]
    assert ana.get(address).headers["ETag"] == tag
    assert ana.patch(address, {"text": "No."}).status == 428
    changed = ana.patch(address, {"text": "Calls after five."}, if_match=tag)
    assert (changed.status, changed.body["text"]) == (200, "Calls after five.")
    assert ana.patch(address, {"text": "No."}, if_match=tag).status == 412
    assert jon.patch(address, {"text": "No."}, if_match=changed.headers["ETag"]).code == "note.not_yours"
    assert program("rita").get(address).code == "note.not_found"
    assert [note["text"] for note in jon.get(path).body["results"]] == ["Calls after five."]
    Activity.objects.update(at=F("at") - timedelta(days=2))
    late = ana.patch(address, {"text": "No."}, if_match=changed.headers["ETag"])
    assert (late.status, late.code) == (409, "note.too_late")


def test_a_rep_sets_values_by_hand_as_on_the_page(program: Make, company: Company) -> None:
    ana, wei = program("ana"), company.lead("Wei")
    path = f"/leads/{wei.pk}/"
    tag = ana.get(path).headers["ETag"]
    given = {"attributes": {"job_title": "Chief Buyer", "unsubscribed": True, "first_name": "Wei"}}
    assert ana.patch(path, given).status == 428
    changed = ana.patch(path, given, if_match=tag)
    assert changed.status == 200 and changed.body["attributes"]["job_title"] == "Chief Buyer"
    deeds = ana.get(f"{path}activities/").body["results"]
    assert [deed["verb"] for deed in deeds] == ["value", "value"]  # the name was the same already
    steps = ana.get(f"{path}values/job_title/").body["steps"]
    assert (steps[0]["value"], steps[0]["said_by"]) == ("Chief Buyer", "Ana Test")
    assert ana.get(f"{path}situation/").body["contact"]["by_hand"] is True
    assert ana.post(f"/activities/{deeds[0]['id']}/undo/").status == 200
    assert ana.get(f"{path}situation/").body["contact"] is None


def test_what_a_rep_may_not_set_is_refused_whole(program: Make, company: Company) -> None:
    ana, wei = program("ana"), company.lead("Wei")
    path = f"/leads/{wei.pk}/"
    tag = ana.get(path).headers["ETag"]
    company_too = ana.patch(path, {"attributes": {"job_title": "Boss", "company": "X"}}, if_match=tag)
    assert (company_too.status, company_too.places) == (422, ["/attributes/company"])
    dated = {"attributes": {"job_title": "Boss"}, "values_at": "2026-01-01T00:00:00Z"}
    assert ana.patch(path, dated, if_match=tag).places == ["/values_at"]
    freyas = {"attributes": {"email": "freya@brandt.example"}}
    assert (taken := ana.patch(path, freyas, if_match=tag)).status == 409 and taken.code == "value.taken"
    Lead.objects.filter(pk=wei.pk).update(owner=company.person("jon"))
    tag = ana.get(path).headers["ETag"]
    assert ana.patch(path, {"attributes": {"job_title": "Boss"}}, if_match=tag).code == "lead.not_yours"
    assert Lead.objects.get(pk=wei.pk).attributes["job_title"] == "Director"
    assert ana.get(f"{path}values/company/").code == "value.not_found"


def test_who_objects_is_out_at_once_and_back_when_that_is_withdrawn(program: Make, company: Company) -> None:
    ana, path = program("ana"), f"/leads/{company.lead('Wei').pk}/"
    assert ana.post(f"{path}objection/").status == 201
    assert ana.get(path).body["score"] is None
    assert ana.get(f"{path}situation/").body["objected_at"] is not None
    assert (twice := ana.post(f"{path}objection/")).status == 409 and twice.code == "privacy.objected"
    assert ana.delete(f"{path}objection/").status == 200
    assert program("rita").post(f"{path}objection/").code == "lead.not_found"


def test_a_deed_is_undone_for_a_day_only(program: Make, company: Company) -> None:
    ana = program("ana")
    made = ana.post(f"/leads/{company.lead('Wei').pk}/notes/", {"text": "Hm."}).body["id"]
    assert [deed["id"] for deed in ana.get("/activities/").body["results"]] == [made]
    deed = Activity.objects.get(pk=made)
    Activity.objects.update(at=deed.at - timedelta(days=2))
    late = ana.post(f"/activities/{made}/undo/")
    assert (late.status, late.code) == (409, "activity.too_late")
    assert ana.get("/activities/").body["results"] == []
