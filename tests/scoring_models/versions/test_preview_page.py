"""What the editor answers while one types: numbers, sentences, what is missing; nothing is written."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from leadscoring.audit.models import AuditEntry
from scoring_models import drafts, hits, live_preview
from scoring_models.models import Hits, ModelVersion
from scoring_models.spec_text import spec_of
from tests.oracle import LeadFacts, SignalFact
from tests.scoring_models.live import go_live
from tests.scoring_models.planting import plant
from tests.scoring_models.reference import REFERENCE
from tests.scoring_models.versions.conftest import Cast
from tests.scoring_models.versions.pages import Fields, client_of, prefix_of
from tests.scoring_models.versions.test_editor import COMMENTS, path, save, show

DM = "Started a conversation at least once in the last 90 days"


@pytest.fixture
def draft(cast: Cast) -> ModelVersion:
    """A draft like what is live, and four leads: two wrote to us, of whom one is a VP."""
    go_live()
    now = timezone.now()
    wrote = (SignalFact("dm_received", now),)
    plant(
        [LeadFacts(now, {"job_title": title}, None, did) for title in ("VP", "Clerk") for did in (wrote, ())]
    )
    return drafts.create(spec=REFERENCE, actor=cast.mara, at=now)


@pytest.fixture
def mara(cast: Cast) -> Client:
    return client_of(cast.mara)


def ask(client: Client, version: ModelVersion, fields: Fields, status: int = 200) -> str:
    answer = client.post(path(version).replace("/change/", "/preview/"), fields)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def leads_in(band: str, html: str) -> str:
    """How many leads a band would have, and the difference."""
    row = html.partition(f">{band}</span></th>")[2].partition("</tr>")[0]
    return " ".join(re.findall(r"[-+−±]?\d+(?=<)", row))


def test_new_points_move_leads_at_once_and_nothing_is_saved(draft: ModelVersion, mara: Client) -> None:
    html, fields = show(mara, draft)
    before = spec_of(draft)
    assert leads_in("MQL", ask(mara, draft, fields)) == "2 ±0"
    said = ask(mara, draft, fields | {f"{prefix_of(html, DM)}-points": ["70"]})
    assert (leads_in("SQL", said), leads_in("Hot", said), leads_in("MQL", said)) == ("1 +1", "1 +1", "0 −2")
    assert "2 leads change band" in said
    assert spec_of(draft) == before
    assert not AuditEntry.objects.filter(action="version.edited").exists()
    assert Hits.objects.count() == 1


def test_each_rule_says_its_leads_and_reads_as_it_was_changed(draft: ModelVersion, mara: Client) -> None:
    html, fields = show(mara, draft)
    prefix = prefix_of(html, DM)
    said = ask(mara, draft, fields | {f"{prefix}-window_days": ["7"]})
    assert "<b>Started a conversation</b> at least once in the last <b>7</b> days" in said
    assert re.search(rf'id="{prefix}-fired" hx-swap-oob="true">2 leads<', said)


def test_the_balance_follows_the_cap(draft: ModelVersion, mara: Client) -> None:
    _html, fields = show(mara, draft)
    assert "Engagement 69 %, fit 31 %" in ask(mara, draft, fields)
    assert "Engagement 83 %, fit 17 %" in ask(mara, draft, fields | {"engagement_cap": [""]})


def test_the_page_shows_what_was_counted_last(draft: ModelVersion, mara: Client) -> None:
    html, fields = show(mara, draft)
    assert "live-bands" not in html
    ask(mara, draft, fields)
    html, _fields = show(mara, draft)
    assert "all 4 leads" in html
    assert ">2 leads<" in html


def test_what_is_missing_is_said_and_the_numbers_stay(draft: ModelVersion, mara: Client) -> None:
    html, fields = show(mara, draft)
    prefix = prefix_of(html, DM)
    said = ask(mara, draft, fields | {f"{prefix}-points": [""]})
    assert f'<a class="link" href="#id_{prefix}-points">Points</a>: This field is required.' in said
    assert "preview-numbers" not in said


def test_a_page_that_is_out_of_date_is_told_before_saving(
    draft: ModelVersion, mara: Client, cast: Cast
) -> None:
    html, fields = show(mara, draft)
    save(client_of(cast.milo), draft, fields | {f"{prefix_of(html, COMMENTS)}-points": ["33"]})
    assert "Somebody else saved this draft meanwhile" in ask(mara, draft, fields)


def test_a_long_count_goes_on_with_each_question(
    draft: ModelVersion, mara: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hits, "LEADS_A_PIECE", 2)
    monkeypatch.setattr(live_preview, "SECONDS_A_TURN", 0)
    _html, fields = show(mara, draft)
    first = ask(mara, draft, fields)
    assert "Counting…" in first and "hx-trigger" in first and "preview-numbers" not in first
    assert leads_in("MQL", ask(mara, draft, fields)) == "2 ±0"


def test_numbers_are_counted_again_when_old_or_when_asked(
    draft: ModelVersion, mara: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    _html, fields = show(mara, draft)
    ask(mara, draft, fields)
    plant([LeadFacts(timezone.now(), {}, None, ())])
    assert "all 4 leads" in ask(mara, draft, fields)
    assert "all 5 leads" in ask(mara, draft, {**fields, "_again": ["1"]})
    plant([LeadFacts(timezone.now(), {}, None, ())])
    monkeypatch.setattr(hits, "FRESH", hits.FRESH * 0)
    assert "all 6 leads" in ask(mara, draft, fields)


def test_a_model_that_was_never_live_has_nothing_to_compare_with(cast: Cast, mara: Client) -> None:
    version = drafts.create(spec=REFERENCE, actor=cast.mara, at=timezone.now())
    _html, fields = show(mara, version)
    assert "No version is live" in ask(mara, version, fields)


@pytest.mark.parametrize("name", ["nina", "rob", "ada"])
def test_other_roles_get_no_numbers(name: str, draft: ModelVersion, mara: Client, cast: Cast) -> None:
    _html, fields = show(mara, draft)
    other = client_of(getattr(cast, name))
    answer = other.post(path(draft).replace("/change/", "/preview/"), fields)
    assert answer.status_code in (302, 403)
    assert not Hits.objects.exists()


def test_looking_counts_nothing(draft: ModelVersion, mara: Client) -> None:
    assert mara.get(path(draft).replace("/change/", "/preview/")).status_code == 403
    show(mara, draft)
    assert not Hits.objects.exists()


def test_what_is_frozen_has_no_numbers_here(in_review: ModelVersion, mara: Client) -> None:
    assert "isn&#x27;t a draft any more" in ask(mara, in_review, {})
