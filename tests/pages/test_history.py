"""The history of a lead's score on its pages, without a browser."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from leads.ingestion.leads import save_leads
from leads.ingestion.rows import LeadRow
from leads.models import Cause, Lead, OverrideKind, OverrideReason, Score, ScoreChange, Stale
from leads.overrides import end_override, set_override
from leads.score_history import Judged, Shown, history
from leadscoring.people.models import User
from scoring_models import rescoring, scoring
from scoring_models.models import ModelVersion, RescoreRun, RescoreShard
from scoring_models.rescoring import NO_END
from tests import company as companies
from tests.company import Company

SignIn = Callable[[str], Client]
DAY = timedelta(days=1)


@pytest.fixture
def tom(company: Company) -> Lead:
    """A lead that wrote again just now: 15 points more than before, and Hot."""
    lead = company.lead("Tom")
    companies.happen(lead, "connection_request_received", at=timezone.now())
    companies.score()
    return lead


def text_of(client: Client, path: str, *, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.mark.parametrize("path", ["/leads/{}/", "/leads/{}/history/"])
def test_every_change_has_its_cause_and_its_lines(sign_in: SignIn, tom: Lead, path: str) -> None:
    text = text_of(sign_in("ana"), path.format(tom.pk))
    assert re.search(r"\d+ \+30 Hot from SQL \+30 Sent us a connection request signal", text)
    assert "first score" in text


def test_an_override_and_its_end_are_part_of_it(sign_in: SignIn, tom: Lead, company: Company) -> None:
    now, ana = timezone.now(), company.person("ana")
    override = set_override(
        lead_id=tom.pk, kind=OverrideKind.POINTS, points=-20, reason=OverrideReason.MET, actor=ana,
        at=now - timedelta(hours=1),
    )  # fmt: skip
    end_override(override_id=override.pk, actor=company.person("mara"), at=now)
    text = text_of(sign_in("ana"), f"/leads/{tom.pk}/history/")
    assert "Override by Ana Test −20 points, Met or spoke with them" in text
    assert "The override by Ana Test ended" in text
    assert "Mara Test ended it." in text


def test_pages_hold_everything_once(tom: Lead, company: Company) -> None:
    """However many entries share a moment, and whatever the size of a page."""
    now = timezone.now()
    score = Score.objects.get(lead=tom)
    for hours in range(12):
        ScoreChange.objects.create(
            lead_id=tom.pk, at=now - DAY + timedelta(hours=hours), version_id=score.version_id, total=hours,
            engagement=hours, fit=0, band=-4, cause=Cause.SIGNAL,
        )  # fmt: skip
    set_override(
        lead_id=tom.pk, kind=OverrideKind.POINTS, points=5, reason=OverrideReason.MET,
        actor=company.person("ana"), at=now - DAY + timedelta(hours=7),
    )  # fmt: skip
    everything = history(tom, now=now + DAY, size=100)
    assert everything.next is None
    assert len(everything.entries) == 12 + 2 + 1
    for size in (1, 4, 7):
        found: list[Shown | Judged] = []
        before = None
        while True:
            page = history(tom, now=now + DAY, before=before, size=size)
            found += page.entries
            before = page.next
            if before is None:
                break
        assert [(one.at, isinstance(one, Judged)) for one in found] == [
            (one.at, isinstance(one, Judged)) for one in everything.entries
        ]
        points = [one.points for one in found if not isinstance(one, Judged)]
        assert points == [one.points for one in everything.entries if not isinstance(one, Judged)]


def test_the_chart_has_its_numbers_as_a_table(sign_in: SignIn, tom: Lead) -> None:
    Lead.objects.filter(pk=tom.pk).update(created_at=timezone.now() - 60 * DAY)
    html = sign_in("ana").get(f"/leads/{tom.pk}/history/?days=30").content.decode()
    total = Score.objects.get(lead=tom).total
    assert f"in the end {total}." in html
    assert re.search(rf'<td class="number">{total}</td>', html)
    assert html.count('class="zone ') == 4
    assert 'aria-current="true">30 days' in html


def test_a_moment_is_explained_as_of_and_as_known(sign_in: SignIn, tom: Lead) -> None:
    client, now = sign_in("ana"), timezone.now()
    after = f"{now + DAY:%Y-%m-%dT%H:%M}"
    text = text_of(client, f"/leads/{tom.pk}/history/?as_of={after}")
    assert "+30 Sent us a connection request" in text.partition("The score at a moment")[2]
    asked = f"/leads/{tom.pk}/history/?as_of={after}&known_at={now - 2 * DAY:%Y-%m-%dT%H:%M}"
    text = text_of(client, asked)
    assert "as known on" in text
    assert "+30 Sent us a connection request" not in text.partition("The score at a moment")[2]


def test_two_moments_are_compared_in_steps(sign_in: SignIn, tom: Lead) -> None:
    now = timezone.now()
    path = f"/leads/{tom.pk}/history/?since={now - 2 * DAY:%Y-%m-%dT%H:%M}&until={now + DAY:%Y-%m-%dT%H:%M}"
    text = text_of(sign_in("ana"), path).partition("Two moments compared")[2]
    assert "Signals learned or taken back" in text
    assert "+30 Sent us a connection request" in text
    same = f"{now - 2 * DAY:%Y-%m-%dT%H:%M}"
    text = text_of(sign_in("ana"), f"/leads/{tom.pk}/history/?since={same}&until={same}")
    assert "Nothing changed between them." in text


@pytest.mark.parametrize("field", ["as_of", "known_at", "since", "until"])
@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("yesterday", "Write a date and a time, such as 2026-03-15 14:30."),
        ("0001-01-01", "Choose a time between the year 2000 and ten years ahead."),
        ("9999-12-31T23:59", "Choose a time between the year 2000 and ten years ahead."),
    ],
)
def test_a_moment_that_cannot_be_read_is_said_so(
    sign_in: SignIn, tom: Lead, field: str, word: str, sentence: str
) -> None:
    assert sentence in text_of(sign_in("ana"), f"/leads/{tom.pk}/history/?{field}={word}")


def test_a_link_that_nobody_gave_out_is_refused_in_words(sign_in: SignIn, tom: Lead) -> None:
    text = text_of(sign_in("ana"), f"/leads/{tom.pk}/history/?before=rubbish", status=400)
    assert "Start from the top" in text


def test_the_history_of_a_lead_of_another_team_is_not_found(sign_in: SignIn, company: Company) -> None:
    path = f"/leads/{company.lead('Otto').pk}/history/"
    assert sign_in("ana").get(path).status_code == 404
    assert sign_in("sam").get(path).status_code == 200


def test_it_is_said_when_the_band_drops(sign_in: SignIn, tom: Lead) -> None:
    text = text_of(sign_in("ana"), f"/leads/{tom.pk}/")
    assert re.search(r"Drops to \w+: .+?, unless they return", text)


def test_it_begins_with_the_first_score_also_where_a_run_over_all_leads_gave_it(
    sign_in: SignIn, company: Company
) -> None:
    wei = company.lead("Wei")
    save_leads(
        [LeadRow(0, {"first_name": "Noor", "job_title": "VP Sales"}, external_id="noor", team="Europe")],
        at=timezone.now(),
        actor=User.objects.system(),
    )
    Stale.objects.all().delete()
    noor = Lead.objects.get(external_id="noor")
    run = RescoreRun.objects.create(
        version=ModelVersion.objects.get(), started_by=company.person("mara"), started_at=timezone.now()
    )
    RescoreShard.objects.create(run=run, low=noor.pk, high=NO_END)
    assert rescoring.work_next_shard(run_id=run.pk)
    path = f"/leads/{noor.pk}/history/"
    [first] = history(noor, now=timezone.now()).entries
    assert isinstance(first, Shown) and (first.total, first.causes) == (15, [Cause.FIRST])
    assert first.at == RescoreShard.objects.get(run=run).as_of
    assert "15 Nurture first score" in text_of(sign_in("ana"), path)
    for changes_nothing in (True, False):
        if changes_nothing:
            scoring.score_leads([noor.pk])
        else:
            companies.happen(noor, "dm_received", at=timezone.now())
            companies.score()
        entries = history(noor, now=timezone.now()).entries
        shown = [(one.total, one.points, one.causes) for one in entries if isinstance(one, Shown)]
        assert shown[-1] == (15, None, [Cause.FIRST])
    assert shown == [(55, 40, [Cause.SIGNAL]), (15, None, [Cause.FIRST])]
    assert "+40" in text_of(sign_in("ana"), path)
    assert len(history(wei, now=timezone.now()).entries) == 1  # its own first, which a touch had kept
