"""Many leads at once by programs: the exact number first, then as one, undone as one."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from leads.bulk.work import waiting_jobs, work
from leads.models import Lead
from leads.queue.away import is_snoozed
from tests.api.conftest import Program
from tests.company import Company

Make = Callable[..., Program]


def carry_out() -> None:
    for job_id in waiting_jobs():
        work(job_id=job_id, seconds=60)


def test_a_list_is_counted_snoozed_by_a_job_and_woken_as_one(program: Make, company: Company) -> None:
    ana, whole = program("ana"), {"filters": {"band": "mql"}}
    counted = ana.post("/bulk-jobs/count/", whole).body["leads"]
    assert counted == 2
    until = (timezone.now() + timedelta(days=3)).isoformat()
    begun = ana.post("/bulk-jobs/", {"do": "snooze", "expected": counted, "until": until, **whole})
    assert (begun.status, begun.body["total"], begun.body["waiting"]) == (202, 2, 2)
    carry_out()
    path = f"/bulk-jobs/{begun.body['id']}/"
    seen = ana.get(path).body
    assert (seen["done"], seen["refused"], seen["finished_at"] is None) == (2, 0, False)
    assert all(
        is_snoozed(Lead.objects.get(pk=company.lead(name).pk), now=timezone.now())
        for name in ("Wei", "Lucia")
    )
    assert ana.post(f"{path}cancel/").code == "bulk.over"
    assert ana.post(f"{path}undo/").status == 202
    carry_out()
    assert not is_snoozed(Lead.objects.get(pk=company.lead("Wei").pk), now=timezone.now())
    assert (again := ana.post(f"{path}undo/")).status == 409 and again.code == "bulk.undone"
    assert [job["do"] for job in ana.get("/bulk-jobs/").body["results"]] == ["undo", "snooze"]


def test_a_job_begins_with_the_number_that_was_seen_and_with_ones_own_leads(
    program: Make, company: Company
) -> None:
    mara, jon = program("mara"), company.person("jon").pk
    wei, otto = company.lead("Wei").pk, company.lead("Otto").pk
    body = {"do": "assign", "leads": [wei, otto], "expected": 2, "to": jon}
    refused = mara.post("/bulk-jobs/", body)
    assert (refused.status, refused.code) == (409, "bulk.changed")
    job = mara.post("/bulk-jobs/", body | {"expected": 1}).body["id"]
    carry_out()
    assert Lead.objects.get(pk=wei).owner == company.person("jon")
    assert program("ana").get(f"/bulk-jobs/{job}/").code == "bulk.not_found"
    assert program("ana").post("/bulk-jobs/", body | {"expected": 1}).code in (
        "bulk.not_yours",
        "bulk.refused",
    )
    assert mara.post("/bulk-jobs/", body | {"to": company.person("rita").pk}).places == ["/to"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"do": "assign"}, "/until"),
        ({"until": None}, "/until"),
        ({"filters": {}}, "/leads"),
        ({"leads": None}, "/leads"),
        ({"leads": None, "filters": {"band": "none_such"}}, "/filters/band"),
        ({"leads": None, "filters": {"colour": "red"}}, "/filters/colour"),
    ],
)
def test_a_job_that_says_too_little_or_too_much_is_refused(
    program: Make, company: Company, change: dict[str, object], place: str
) -> None:
    body: dict[str, object] = {"do": "snooze", "leads": [company.lead("Wei").pk], "expected": 1}
    body |= {"until": "2027-05-03T08:00:00Z"} | change
    answer = program("mara").post(
        "/bulk-jobs/", {name: value for name, value in body.items() if value is not None}
    )
    assert place in answer.places


def test_a_book_is_given_away_as_it_was_seen_and_given_back(program: Make, company: Company) -> None:
    mara, ana, jon = program("mara"), company.person("ana"), company.person("jon")
    Lead.objects.filter(pk__in=[company.lead(name).pk for name in ("Wei", "Tom")]).update(owner=ana)
    seen = mara.get(f"/reassignments/preview/?book_of={ana.pk}&way=people&to={jon.pk}").body
    assert (seen["changing"], seen["staying"], seen["elsewhere"]) == (2, 0, 0)
    assert seen["shares"] == [
        {"person": {"id": jon.pk, "name": "Jon Test"}, "leads": 2, "by_band": {"sql": 1, "mql": 1}}
    ]
    body = {"book_of": ana.pk, "way": "people", "to": [jon.pk], "expected": 3}
    wrong = mara.post("/reassignments/", body)
    assert (wrong.status, wrong.code) == (409, "reassign.changed")
    act = mara.post("/reassignments/", body | {"expected": 2})
    assert (act.status, act.body["leads"]) == (201, 2)
    assert Lead.objects.filter(owner=jon).count() == 2
    path = f"/reassignments/{act.body['id']}/"
    assert mara.get(path).body["shares"][0]["leads"] == 2
    assert [one["id"] for one in mara.get("/reassignments/").body["results"]] == [act.body["id"]]
    assert mara.post(f"{path}undo/").body["undone_at"] is not None
    assert Lead.objects.filter(owner=ana).count() == 2
    assert (again := mara.post(f"{path}undo/")).status == 409 and again.code == "reassign.undone"


def test_nobody_gives_away_what_another_team_has(program: Make, company: Company) -> None:
    otto, jon = company.lead("Otto").pk, company.person("jon").pk
    mara = program("mara")
    assert mara.get(f"/reassignments/preview/?leads={otto}&way=people&to={jon}").body["changing"] == 0
    assert (
        mara.post("/reassignments/", {"leads": [otto], "way": "people", "to": [jon], "expected": 1}).code
        == "reassign.none"
    )
    stranger = mara.get(f"/reassignments/preview/?leads={otto}&way=people&to={company.person('rita').pk}")
    assert (stranger.status, stranger.code) == (422, "reassign.to_stranger")
    assert mara.get("/reassignments/preview/?way=nobody").places == ["/leads"]
    assert mara.get("/reassignments/preview/?way=nobody&leads=1,x").places == ["leads"]
    ines = program("ines").post("/reassignments/", {"leads": [otto], "way": "nobody", "expected": 1})
    assert (ines.status, ines.code) == (403, "reassign.not_yours")
