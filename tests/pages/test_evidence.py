"""The evidence on the review page, the lists behind its figures, and who sees which leads."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Lead
from leads.outcomes import CallResult, log_call
from leadscoring.audit.models import AuditEntry
from scoring_models import evaluation, versions
from scoring_models.demo.versions import propose
from scoring_models.evidence_pack import packs
from scoring_models.models import Evidence, ModelVersion
from scoring_models.spec import AttributeCondition, Kind, Op
from scoring_models.views import review
from tests import company as companies
from tests.company import Company
from tests.scoring_models.approving import approve, evidence_of
from tests.scoring_models.live import go_live
from tests.scoring_models.reference import REFERENCE

SignIn = Callable[[str], Client]


@pytest.fixture
def waiting(company: Company) -> ModelVersion:
    """A version that waits: it moves Wei and Owen's twins up, and two leads have ended."""
    now = timezone.now()
    for name, did in (("Wei", "post_comment"), ("Otto", "post_comment")):
        companies.happen(company.lead(name), did, at=now - timedelta(days=3))
    Lead.objects.update(created_at=now - timedelta(days=30), recorded_at=now - timedelta(days=30))
    ended = ((CallResult.WON, "Owen", ""), (CallResult.LOST, "Lucia", "price"))
    for result, name, reason in ended:
        log_call(
            lead_id=company.lead(name).pk, result=result, reason=reason, actor=company.person("ana"), at=now
        )
    companies.score()
    return propose(author=company.person("sam"), now=timezone.now() + timedelta(hours=26))


@pytest.fixture
def shown(waiting: ModelVersion) -> ModelVersion:
    evidence_of(waiting)
    return waiting


def read(client: Client, path: str, *, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def listed(html: str) -> set[str]:
    """The first names in a list of leads."""
    return set(re.findall(r'<th scope="row"><a href="[^"]*" dir="auto">(\w+) ', html))


def lists(version: ModelVersion, name: str, query: str = "") -> str:
    return f"/models/{version.pk}/evidence/{Evidence.objects.get(version=version).pk}/{name}/{query}"


def test_what_waits_in_other_models_stands_beside_the_queues(waiting: ModelVersion, sign_in: SignIn) -> None:
    leaders = AttributeCondition("job_title", Kind.TEXT, Op.CONTAINS_ANY, ("vp",))
    go_live(
        replace(REFERENCE, model="Leaders", audience=(leaders,), floor=90),
        at=timezone.now() - timedelta(hours=1),
    )
    evidence_of(waiting)
    html = read(sign_in("mara"), f"/models/{waiting.pk}/review/")
    [heads] = re.findall(r'<table class="table queues"><thead>(.*?)</thead>', html)
    assert "Other models" in heads


def test_until_the_evidence_is_computed_the_page_says_so_and_approval_waits(
    waiting: ModelVersion, sign_in: SignIn
) -> None:
    mara = sign_in("mara")
    html = read(mara, f"/models/{waiting.pk}/review/")
    assert "The evidence is being computed" in html
    assert re.search(r'<button class="btn primary" disabled>Approve', html)
    said = mara.post(
        f"/models/{waiting.pk}/approve/",
        {"digest": waiting.digest, "next": f"/models/{waiting.pk}/review/"},
        follow=True,
    )
    assert "The evidence isn&#x27;t ready yet" in said.content.decode()
    assert "HX-Refresh" not in mara.get(f"/models/{waiting.pk}/evidence/progress/")
    evidence_of(waiting)
    assert mara.get(f"/models/{waiting.pk}/evidence/progress/")["HX-Refresh"] == "true"
    html = read(mara, f"/models/{waiting.pk}/review/")
    assert "is being computed" not in html and "disabled>Approve" not in html


def test_a_page_made_while_its_evidence_is_finished_still_awaits_it(
    waiting: ModelVersion, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_just_before_it_is_finished(version: ModelVersion) -> None:
        evidence_of(version)

    monkeypatch.setattr(review, "shown_evidence", look_just_before_it_is_finished)
    html = read(sign_in("mara"), f"/models/{waiting.pk}/review/")
    assert "disabled>Approve" in html and "hx-trigger" in html.split('id="evidence-progress"')[1][:300]


def test_the_reviewer_approves_the_evidence_that_the_page_shows(shown: ModelVersion, sign_in: SignIn) -> None:
    mara = sign_in("mara")
    html = read(mara, f"/models/{shown.pk}/review/")
    found = re.search(r'name="evidence" value="(\w{64})"', html)
    assert found
    mara.post(f"/models/{shown.pk}/approve/", {"digest": shown.digest, "evidence": found[1]})
    assert shown.reviews.get().evidence == found[1]


def test_each_number_leads_to_its_leads(shown: ModelVersion, sign_in: SignIn) -> None:
    ines = sign_in("ines")
    html = read(ines, f"/models/{shown.pk}/review/")
    links = re.findall(r'<a class="count" href="([^"]*/moves/[^"]*)">\+?(\d+)</a>', html)
    assert len(links) >= 4 and any("queue=then" in path for path, _ in links)
    for path, count in links:
        assert len(listed(read(ines, path.replace("&amp;", "&")))) == int(count), path


def test_managers_see_the_leads_of_their_teams_in_the_lists(shown: ModelVersion, sign_in: SignIn) -> None:
    everybody = listed(read(sign_in("ines"), lists(shown, "moves")))
    assert everybody == {"Freya", "Tom", "Wei", "Otto"}
    assert listed(read(sign_in("mara"), lists(shown, "moves"))) == everybody - {"Otto"}


def test_the_list_of_a_group_names_it(shown: ModelVersion, sign_in: SignIn) -> None:
    html = read(sign_in("ines"), lists(shown, "moves", "?by=team&group=0"))
    assert "(Europe)" in html and listed(html) == {"Freya", "Tom", "Wei"}


def test_wins_that_the_version_would_have_missed_are_listed(shown: ModelVersion, sign_in: SignIn) -> None:
    assert lists(shown, "missed") in read(sign_in("mara"), f"/models/{shown.pk}/review/")
    assert listed(read(sign_in("mara"), lists(shown, "missed"))) == {"Owen"}


def rows_of(client: Client, path: str) -> list[dict[str, str]]:
    """A CSV file's rows by the names of its columns."""
    answer = client.get(path)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))


def test_each_list_is_a_file_too_with_those_leads_that_its_person_may_see(
    shown: ModelVersion, sign_in: SignIn
) -> None:
    ines, mara = sign_in("ines"), sign_in("mara")
    for query in ("", "?moved=up", "?by=team&group=0"):
        page = read(ines, lists(shown, "moves", query))
        path = lists(shown, "moves/export", query)
        assert path.replace("&", "&amp;") in page
        assert {row["first_name"] for row in rows_of(ines, path)} == listed(page)
    rows = rows_of(mara, lists(shown, "moves/export"))
    assert {row["first_name"] for row in rows} == {"Freya", "Tom", "Wei"}
    [wei] = rows_of(mara, lists(shown, "moves/export", "?moved=up"))
    assert (wei["first_name"], wei["band_now"], wei["band_then"]) == ("Wei", "MQL", "SQL")
    assert AuditEntry.objects.filter(action="leads.exported", data__leads=3).exists()
    [owen] = rows_of(mara, lists(shown, "missed/export"))
    assert owen["first_name"] == "Owen" and owen["band_then"] == "Nurture" and int(owen["score_then"]) < 31
    assert datetime.fromisoformat(owen["scored_as_of"]) < timezone.now()


@pytest.mark.parametrize(
    "query",
    [
        "?was=9",
        "?becomes=4",
        "?moved=sideways",
        "?queue=soon",
        "?by=name&group=0",
        "?by=team&group=99",
        "?by=team",
        "?was=x",
    ],
)
def test_there_is_no_list_behind_what_the_evidence_does_not_say(
    query: str, shown: ModelVersion, sign_in: SignIn
) -> None:
    for name in ("moves", "moves/export"):
        read(sign_in("ines"), lists(shown, name, query), status=404)


def test_lists_belong_to_whole_evidence_of_that_version(shown: ModelVersion, sign_in: SignIn) -> None:
    evidence = Evidence.objects.get().pk
    read(sign_in("ines"), f"/models/{shown.based_on_id}/evidence/{evidence}/moves/", status=404)
    asked = packs.ask_again(version=shown, actor=shown.created_by, at=timezone.now())
    read(sign_in("ines"), f"/models/{shown.pk}/evidence/{asked.pk}/missed/", status=404)


def test_an_approved_version_is_read_from_its_frozen_evidence_alone(
    shown: ModelVersion, company: Company, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve(shown, actor=company.person("mara"), at=timezone.now())
    mara = sign_in("mara")
    before = read(mara, f"/models/{shown.pk}/review/")
    companies.add_leads(
        [companies.Person("New", "Lead", "VP Sales", "Later", (("dm_received", 1),))], now=timezone.now()
    )

    def refuse(*_: object, **__: object) -> object:
        raise AssertionError("Nothing may be computed for frozen evidence.")

    for name in ("compiled", "evaluate", "evaluate_pairs", "band_counts"):
        monkeypatch.setattr(evaluation, name, refuse)
    after = read(mara, f"/models/{shown.pk}/review/")
    numbers = [
        re.findall(r"all 4 open leads|\d+ become Hot|<ins>[^<]*</ins>", html) for html in (before, after)
    ]
    assert numbers[0] == numbers[1] != []
    assert "What the approval rests on" in read(mara, f"/models/{shown.pk}/")
    assert "Read the evidence" not in read(sign_in("ana"), f"/models/{shown.pk}/")


def test_evidence_that_failed_says_why_and_can_be_asked_for_again(
    waiting: ModelVersion, sign_in: SignIn
) -> None:
    Evidence.objects.update(failed="There is no attribute “colour” here.")
    sam = sign_in("sam")
    html = read(sam, f"/models/{waiting.pk}/review/")
    assert "There is no attribute “colour” here." in html and "Compute the evidence again" in html
    sam.post(f"/models/{waiting.pk}/evidence/")
    assert "is being computed" in read(sam, f"/models/{waiting.pk}/review/")


def test_a_version_that_waited_before_there_was_evidence_can_have_some(
    waiting: ModelVersion, sign_in: SignIn
) -> None:
    Evidence.objects.all().delete()
    sam = sign_in("sam")
    assert "There is no evidence about this version yet" in read(sam, f"/models/{waiting.pk}/review/")
    sam.post(f"/models/{waiting.pk}/evidence/")
    assert evidence_of(waiting)


def test_evidence_against_a_version_that_is_no_longer_live_says_so(
    shown: ModelVersion, company: Company, sign_in: SignIn
) -> None:
    other = propose(author=company.person("nora"), now=timezone.now())
    approve(other, actor=company.person("mara"), at=timezone.now())
    versions.activate(version=other, actor=company.person("mara"), at=timezone.now())
    html = read(sign_in("mara"), f"/models/{shown.pk}/review/")
    assert f"Version {other.number} went live since this evidence was computed." in html
