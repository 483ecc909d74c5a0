"""Marketing's list with conditions, and the segments that are kept of it."""

from collections.abc import Callable

from django.test import Client

from leads.models import Segment
from tests.company import Company

SignIn = Callable[[str], Client]


def test_a_condition_is_added_shown_and_taken_away(sign_in: SignIn, company: Company) -> None:
    sam = sign_in("sam")
    form = {"kind": "attribute", "attribute": "job_title", "operator": "known", "value": "", "country": "de"}
    answer = sam.get("/nurture/add/", form)
    assert answer["Location"] == "/nurture/?country=de&where=attribute%3Ajob_title%3Aknown"
    html = sam.get(answer["Location"]).content.decode()
    assert "Job title is known" in html and "Save as segment" in html
    assert 'href="?country=de" aria-label="Take away: Job title is known"' in html


def test_what_is_wrong_is_said_at_the_form_and_nothing_typed_is_lost(
    sign_in: SignIn, company: Company
) -> None:
    form = {"kind": "signal", "signal": "page_view", "had": "no", "times": "many", "days": "30"}
    answer = sign_in("sam").get("/nurture/add/", form)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Write a whole number of times" in html
    assert 'value="many"' in html and '<option value="no" selected>' in html


def test_an_address_with_no_condition_that_is_known_shows_nobody(sign_in: SignIn, company: Company) -> None:
    for path in ("/nurture/?where=attribute:gone:is:x", "/nurture.csv?where=attribute:gone:is:x"):
        answer = sign_in("sam").get(path)
        assert answer.status_code == 400
        assert "There is no attribute" in answer.content.decode()


def test_a_segment_is_saved_opened_counted_renamed_and_deleted(sign_in: SignIn, company: Company) -> None:
    sam = sign_in("sam")
    where = "where=attribute%3Ajob_title%3Aknown"
    answer = sam.post(f"/nurture/segments/new/?{where}", {"name": "Known titles", "shared": "on"})
    assert answer["Location"] == f"/nurture/?{where}&segment=known-titles"
    segment = Segment.objects.get()
    html = sam.get(answer["Location"]).content.decode()
    assert '<h1 dir="auto">Known titles</h1>' in html and "Save as segment" not in html
    assert sam.get("/nurture/segments/known-titles/")["Location"] == answer["Location"]
    assert f'id="count-segment-{segment.pk}"' in sam.get("/nurture/segments/counts/").content.decode()
    here = sam.get(f"/nurture/segments/counts/?here=1&{where}").content.decode()
    assert 'id="how-many" hx-swap-oob="true"' in here and "lead" in here
    assert "Job title is known" in sam.get("/nurture/segments/").content.decode()
    differs = sam.get(f"/nurture/?{where}&country=de&segment=known-titles").content.decode()
    assert "Save “<bdi>Known titles</bdi>”" in differs
    sam.post("/nurture/segments/known-titles/change/", {"name": "Titles"})
    segment.refresh_from_db()
    assert (segment.name, segment.shared) == ("Titles", False)
    sam.post("/nurture/segments/known-titles/delete/")
    assert not Segment.objects.exists()


def test_a_segment_without_conditions_is_refused_in_a_sentence(sign_in: SignIn, company: Company) -> None:
    answer = sign_in("sam").post("/nurture/segments/new/", {"name": "All"})
    assert answer.status_code == 422
    assert "Choose a filter or a condition first" in answer.content.decode()
