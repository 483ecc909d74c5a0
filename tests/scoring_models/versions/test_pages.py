"""Models, versions, reviews and the first day, as each role meets them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from leads.models import Account, Lead
from scoring_models import drafts, setup_tasks, versions
from scoring_models.every_page import every_page
from scoring_models.live import live_version
from scoring_models.models import ModelVersion, ScoringModel, VersionState
from scoring_models.spec import Spec
from scoring_models.spec_text import parse, spec_of
from tests.scoring_models.approving import evidence_of
from tests.scoring_models.versions.conftest import LATER, NOW, Cast, next_version
from tests.scoring_models.versions.pages import client_of


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()[:500]
    return answer.content.decode()


def post(client: Client, path: str, *lists: dict[str, str], status: int = 200, **fields: str) -> str:
    filled = {name: value for each in (*lists, fields) for name, value in each.items()}
    answer = client.post(path, filled, follow=True)
    assert answer.status_code == status
    return answer.content.decode()


def state(version: ModelVersion) -> str:
    return ModelVersion.objects.get(pk=version.pk).state


# Reading.


@pytest.mark.parametrize("name", ["mara", "nina", "rob", "ada", "sue"])
def test_everybody_reads_models_and_versions(name: str, live: ModelVersion, cast: Cast) -> None:
    client = client_of(getattr(cast, name))
    assert "LinkedIn B2B" in page(client, "/models/")
    html = page(client, f"/models/{live.pk}/")
    assert "Commented on a post, each time, up to 3 in the last 90 days" in html
    assert "Nina" in html
    assert parse(page(client, f"/models/{live.pk}/export/")) == spec_of(live)


@pytest.mark.parametrize(
    "path",
    ["/models/", "/models/1/", "/models/1/review/", "/models/1/changes/", "/models/1/rebase/", "/set-up/"],
)
def test_nobody_reads_without_signing_in(path: str, db: None) -> None:
    assert Client().get(path).headers["Location"].startswith("/login/")


def test_a_version_that_is_not_there_is_not_found(cast: Cast) -> None:
    page(client_of(cast.nina), "/models/123456/", status=404)


def test_the_list_says_who_is_live_and_what_waits(live: ModelVersion, cast: Cast) -> None:
    drafts.start_from(version=live, actor=cast.mara, at=LATER)
    html = page(client_of(cast.nina), "/models/")
    assert html.count(">Live<") == 1
    assert html.count(">Draft<") == 1


def test_a_rep_has_no_review_and_no_set_up(in_review: ModelVersion, cast: Cast) -> None:
    rob = client_of(cast.rob)
    page(rob, f"/models/{in_review.pk}/review/", status=403)
    page(rob, "/set-up/", status=403)


def test_any_two_versions_are_compared(live: ModelVersion, cast: Cast) -> None:
    second = next_version(live, cast, at=NOW)
    third = drafts.start_from(version=live, actor=cast.mara, at=NOW)
    rob = client_of(cast.rob)
    assert "From version 1 to version 2" in page(rob, f"/models/{second.pk}/changes/")
    assert "Lowest total" in page(rob, f"/models/{third.pk}/changes/?with={second.pk}")
    assert "they say the same" in page(rob, f"/models/{third.pk}/changes/?with={live.pk}")
    assert "Choose a version" in page(rob, f"/models/{live.pk}/changes/")
    for wrong in ("0", "x", "9" * 30):
        page(rob, f"/models/{third.pk}/changes/?with={wrong}", status=404)


# From draft to live, by two people.


def test_one_writes_and_another_puts_live(live: ModelVersion, cast: Cast) -> None:
    mara, nina = client_of(cast.mara), client_of(cast.nina)
    editor = post(mara, f"/models/{live.pk}/draft/")
    draft = ModelVersion.objects.get(number=2)
    assert "Send for approval" in editor
    assert "Your decision" not in page(mara, f"/models/{draft.pk}/review/")
    post(mara, f"/models/{draft.pk}/submit/")
    sent = ModelVersion.objects.get(pk=draft.pk)
    evidence = evidence_of(sent)
    html = page(nina, f"/models/{draft.pk}/review/")
    assert "Your decision" in html
    assert "Mara" in html
    html = post(nina, f"/models/{draft.pk}/approve/", digest=sent.digest, evidence=evidence, comment="Fine.")
    assert "Put live" in html
    assert "is live. All leads are being scored." in post(nina, f"/models/{draft.pk}/activate/")
    assert "Go back to this version" in page(nina, f"/models/{live.pk}/")
    post(nina, f"/models/{live.pk}/go-back/")
    assert page(nina, f"/models/{live.pk}/").count("Go back to this version") == 0


def test_a_review_shows_what_changes_and_the_bands(live: ModelVersion, cast: Cast) -> None:
    Lead.objects.create(external_id="1")
    spec = spec_of(live)
    comments = replace(spec.rules[3], points=25)
    changed = replace(spec, rules=(*spec.rules[:3], comments, *spec.rules[4:]))
    draft = drafts.create(spec=changed, actor=cast.mara, at=NOW)
    sent = versions.submit(version=draft, actor=cast.mara, at=NOW)
    html = page(client_of(cast.nina), f"/models/{sent.pk}/review/")
    assert "<del>+20</del>" in html
    assert "<ins>+25</ins>" in html
    assert "1 of 14 rules" in html
    assert "If this were live now" in html


def test_a_return_needs_a_comment_which_the_authors_see(in_review: ModelVersion, cast: Cast) -> None:
    nina, mara = client_of(cast.nina), client_of(cast.mara)
    path = f"/models/{in_review.pk}/return/"
    html = post(nina, path, digest=in_review.digest, comment="", next=f"/models/{in_review.pk}/review/")
    assert "Say what should change" in html
    assert state(in_review) == VersionState.IN_REVIEW
    post(nina, path, digest=in_review.digest, comment="Views count too much.")
    assert state(in_review) == VersionState.DRAFT
    editor = page(mara, f"/admin/scoring_models/modelversion/{in_review.pk}/change/")
    assert "Views count too much." in editor


def test_an_editor_who_manages_gets_no_buttons_and_is_refused(draft: ModelVersion, cast: Cast) -> None:
    both = client_of(cast.both)
    sent = versions.submit(version=draft, actor=cast.both, at=NOW)
    html = page(both, f"/models/{sent.pk}/review/")
    assert "Your decision" not in html
    assert "You edited this version" in html
    said = post(both, f"/models/{sent.pk}/approve/", digest=sent.digest, next=f"/models/{sent.pk}/")
    assert "so somebody else reviews it" in said
    assert state(sent) == VersionState.IN_REVIEW


STEPS = {
    "draft": ("mara", "sue", "both"),
    "discard": ("mara", "sue", "both"),
    "submit": ("mara", "sue", "both"),
    "withdraw": ("mara", "sue", "both"),
    "approve": ("nina", "sue", "both"),
    "return": ("nina", "sue", "both"),
    "reject": ("nina", "sue", "both"),
    "activate": ("nina", "sue", "both"),
    "schedule": ("nina", "sue", "both"),
    "schedule/cancel": ("nina", "sue", "both"),
    "scoring/1/stop": ("nina", "sue", "both"),
    "scoring/1/resume": ("nina", "sue", "both"),
    "go-back": ("nina", "sue", "both"),
}


@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_closed_to_other_roles_and_to_get(step: str, draft: ModelVersion, cast: Cast) -> None:
    path = f"/models/{draft.pk}/{step}/"
    for name in {"mara", "nina", "rob", "ada"} - set(STEPS[step]):
        client = client_of(getattr(cast, name))
        assert client.post(path).status_code == 403
        assert client.get(path).status_code in (403, 405)
    assert client_of(getattr(cast, STEPS[step][0])).get(path).status_code == 405
    assert state(draft) == VersionState.DRAFT


def test_a_draft_is_discarded(draft: ModelVersion, cast: Cast) -> None:
    post(client_of(cast.mara), f"/models/{draft.pk}/discard/")
    assert not ModelVersion.objects.exists()


def test_progress_is_shown_until_all_are_scored(live: ModelVersion, cast: Cast) -> None:
    Lead.objects.create(external_id="1")
    second = next_version(live, cast, at=NOW)
    versions.activate(version=second, actor=cast.nina, at=LATER)
    html = page(client_of(cast.rob), f"/models/{second.pk}/progress/")
    assert "0 of 1 leads" in html
    assert 'hx-trigger="every 1s"' in html


def test_a_rejection_needs_a_comment_and_is_final(in_review: ModelVersion, cast: Cast) -> None:
    nina, path = client_of(cast.nina), f"/models/{in_review.pk}/reject/"
    html = post(nina, path, digest=in_review.digest, comment="", next=f"/models/{in_review.pk}/review/")
    assert "Say why you reject it" in html
    html = post(nina, path, digest=in_review.digest, comment="Not our market.")
    assert state(in_review) == VersionState.REJECTED
    assert ">Rejected<" in html
    assert "Not our market." in html
    assert "Start a draft from this version" in page(client_of(cast.mara), f"/models/{in_review.pk}/")


def test_a_version_is_scheduled_and_called_off(live: ModelVersion, cast: Cast) -> None:
    second, nina = next_version(live, cast, at=NOW), client_of(cast.nina)
    there = f"/models/{second.pk}/"
    assert "Go live at a time" in page(nina, there)
    assert "Go live at a time" not in page(client_of(cast.mara), there)
    assert "Say when it goes live" in post(nina, f"{there}schedule/", starts_at="soon", next=there)
    assert "still ahead" in post(nina, f"{there}schedule/", starts_at="2026-01-01T09:00", next=there)
    tomorrow = timezone.now() + timedelta(days=1)
    html = post(nina, f"{there}schedule/", starts_at=tomorrow.strftime("%Y-%m-%dT%H:%M"))
    assert f"goes live on {date_format(tomorrow, 'j M Y, H:i')} UTC" in html
    assert "Scheduled" in page(client_of(cast.rob), there)
    assert "until" in page(client_of(cast.rob), "/models/")
    assert "Called off" in post(nina, f"{there}schedule/cancel/")
    assert "Go live at a time" in page(nina, there)


def test_scoring_is_stopped_and_goes_on(live: ModelVersion, cast: Cast) -> None:
    Lead.objects.create(external_id="1")
    run = versions.activate(version=next_version(live, cast, at=NOW), actor=cast.nina, at=LATER)
    nina, there = client_of(cast.nina), f"/models/{run.version_id}/"
    assert "Stop" not in page(client_of(cast.rob), f"{there}progress/")
    assert "Stop" in page(nina, f"{there}progress/")
    html = post(nina, f"{there}scoring/{run.pk}/stop/")
    assert "Scoring is stopped at 0 of 1 leads" in html
    assert "every 1s" not in html
    assert "Go on scoring" not in page(client_of(cast.rob), there)
    assert "stopped already" in post(nina, f"{there}scoring/{run.pk}/stop/", next=there)
    assert "every 1s" in post(nina, f"{there}scoring/{run.pk}/resume/")
    post(nina, f"/models/{live.pk}/scoring/{run.pk}/stop/", status=404)


# The first day.


@pytest.fixture
def set_up_model(cast: Cast, reference: Spec) -> ModelVersion:
    """The reference model as a new installation has it: live, its lists empty."""
    return versions.set_up(spec=reference, actor=cast.sue, at=NOW).version


def stamp_in(html: str) -> str:
    return html.partition('name="stamp" value="')[2].partition('"')[0]


def test_empty_lists_are_visible_tasks_with_hints(set_up_model: ModelVersion, cast: Cast) -> None:
    for size, count in (("11-50", 3), ("51-200", 1)):
        for _ in range(count):
            Account.objects.create(
                company=f"{size} {Account.objects.count()}",
                company_size=size,
                attributes={"company_size": size},
            )
    html = page(client_of(cast.mara), "/set-up/")
    assert "5 lists are empty" in html
    assert "11-50 <b>3</b>" in html
    assert every_page(cast.mara, at=LATER).set_up == 5
    assert every_page(cast.rob, at=LATER).set_up == 0


def test_what_occurs_once_is_no_hint(db: None) -> None:
    titles = ("CFO", "CFO", "Poet")
    Lead.objects.bulk_create(Lead(attributes={"job_title": title}) for title in titles)
    assert setup_tasks.frequent_values(("job_title",)) == [("CFO", 2)]


def test_saving_lists_starts_one_draft_and_goes_on_in_it(set_up_model: ModelVersion, cast: Cast) -> None:
    mara = client_of(cast.mara)
    stamp = stamp_in(page(mara, "/set-up/"))
    html = post(mara, "/set-up/", {"list-0": "VP\r\nHead of", "list-4": "Acme"}, stamp=stamp)
    draft = ModelVersion.objects.get(number=2)
    assert dict(spec_of(draft).lists)["target titles"] == ("VP", "Head of")
    assert "3 lists are empty" in html
    post(mara, "/set-up/", {"list-1": "Intern"}, stamp=stamp_in(html))
    assert ModelVersion.objects.count() == 2
    lists = dict(spec_of(draft).lists)
    assert (lists["titles without a say"], lists["competitors"]) == (("Intern",), ("Acme",))
    assert live_version(set_up_model.model, at=LATER) == set_up_model


def test_the_first_day_ends_with_somebody_elses_approval(set_up_model: ModelVersion, cast: Cast) -> None:
    mara = client_of(cast.mara)
    post(mara, "/set-up/", {"list-0": "VP"}, stamp=stamp_in(page(mara, "/set-up/")))
    draft = ModelVersion.objects.get(number=2)
    post(mara, f"/models/{draft.pk}/submit/")
    assert "It is frozen until a manager" in page(mara, "/set-up/")
    assert every_page(cast.nina, at=LATER).set_up == 1
    assert "Review" in page(client_of(cast.nina), "/set-up/")


def test_a_stale_page_and_a_bad_value_are_refused_with_what_was_typed(
    set_up_model: ModelVersion, cast: Cast
) -> None:
    mara = client_of(cast.mara)
    stamp = stamp_in(page(mara, "/set-up/"))
    html = post(mara, "/set-up/", {"list-0": "!!"}, status=400, stamp=stamp)
    assert "has no word" in html
    assert "!!</textarea>" in html
    post(mara, "/set-up/", {"list-0": "VP"}, stamp=stamp)
    html = post(mara, "/set-up/", {"list-0": "CEO"}, status=400, stamp=stamp)
    assert "Somebody changed these lists meanwhile" in html
    assert ModelVersion.objects.count() == 2


@pytest.mark.parametrize("name", ["nina", "ada"])
def test_only_marketing_fills_lists(name: str, set_up_model: ModelVersion, cast: Cast) -> None:
    client = client_of(getattr(cast, name))
    stamp = stamp_in(page(client, "/set-up/"))
    assert "Only the role" in post(client, "/set-up/", {"list-0": "VP"}, status=400, stamp=stamp)
    assert ModelVersion.objects.count() == 1


def test_without_a_model_the_page_says_what_to_do(cast: Cast) -> None:
    assert not ScoringModel.objects.exists()
    assert "load_version" in page(client_of(cast.ada), "/set-up/")
    assert "load_version" in page(client_of(cast.ada), "/models/")
