"""A version from draft to retirement: returned, rejected, approved, planned, live, gone back from."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from scoring_models.models import ModelVersion
from tests.browser.conftest import AsPerson, follow
from tests.company import Company


@pytest.fixture(autouse=True)
def worker(company: Company, celery_worker_process: Callable[..., object]) -> None:
    celery_worker_process("--concurrency=1")


def review_of(page: Page, version: ModelVersion, *, comment: str = "") -> None:
    page.goto(f"/models/{version.pk}/review/")
    if comment:
        page.get_by_label("Comment").fill(comment)


def state(page: Page) -> str:
    return page.locator(".title .state").inner_text()


def test_a_version_lives_from_draft_to_retirement(as_person: AsPerson) -> None:
    live = ModelVersion.objects.get(number=1)
    sam, mara, ana = (as_person(name) for name in ("sam", "mara", "ana"))

    sam.goto(f"/models/{live.pk}/")
    follow(sam.get_by_role("button", name="Start a draft from this version"))
    comments = sam.locator(".rule", has=sam.locator("summary", has_text="Commented on a post"))
    comments.get_by_label("Points").first.fill("25")
    follow(sam.get_by_role("button", name="Send for approval").first)
    expect(sam.get_by_text("waits for approval").first).to_be_visible()
    second = ModelVersion.objects.get(number=2)

    # Changes are asked for; without a word they aren't.
    review_of(mara, second)
    follow(mara.get_by_role("button", name="Ask for changes"))
    expect(mara.get_by_text("Say what should change")).to_be_visible()
    review_of(mara, second, comment="Why 25?")
    follow(mara.get_by_role("button", name="Ask for changes"))
    sam.goto(f"/models/{second.pk}/")
    assert state(sam) == "Draft"
    expect(sam.get_by_text("Why 25?").first).to_be_visible()
    follow(sam.get_by_role("button", name="Send for approval"))

    # Rejected, and begun again from there.
    review_of(mara, second, comment="Not this quarter.")
    follow(mara.get_by_role("button", name="Reject"))
    assert state(mara) == "Rejected"
    sam.goto(f"/models/{second.pk}/")
    follow(sam.get_by_role("button", name="Start a draft from this version"))
    follow(sam.get_by_role("button", name="Send for approval").first)
    third = ModelVersion.objects.get(number=3)

    # Approved and planned; called off, and put live.
    review_of(mara, third)
    follow(mara.get_by_role("button", name="Approve"))
    mara.goto(f"/models/{third.pk}/")
    tomorrow = timezone.now() + timedelta(days=1)
    mara.get_by_label("When (UTC)").fill(tomorrow.strftime("%Y-%m-%dT%H:%M"))
    follow(mara.get_by_role("button", name="Schedule"))
    assert state(mara).startswith("Scheduled")
    follow(mara.get_by_role("button", name="Call off"))
    follow(mara.get_by_role("button", name="Put live"))
    expect(mara.get_by_text("scored with this version")).to_be_visible()

    # Everybody else is told, until they have seen it.
    ana.goto("/queue/")
    notice = ana.get_by_role("region", name="Another version is live")
    notice.get_by_text("See what changes").click()
    expect(notice.get_by_text("(+20 → +25)")).to_be_visible()
    notice.get_by_role("button", name="I have seen it").click()
    expect(ana).to_have_url(re.compile("/queue/$"))
    expect(notice).to_have_count(0)

    mara.goto(f"/models/{live.pk}/")
    follow(mara.get_by_role("button", name="Go back to this version"))
    assert state(mara).startswith("Live")
    mara.goto(f"/models/{third.pk}/")
    assert state(mara) == "Retired"


def test_changes_are_brought_onto_what_went_live_meanwhile(as_person: AsPerson) -> None:
    live = ModelVersion.objects.get(number=1)
    sam, mara = as_person("sam"), as_person("mara")
    for points in ("25", "30"):
        sam.goto(f"/models/{live.pk}/")
        follow(sam.get_by_role("button", name="Start a draft from this version"))
        comments = sam.locator(".rule", has=sam.locator("summary", has_text="Commented on a post"))
        comments.get_by_label("Points").first.fill(points)
        follow(sam.get_by_role("button", name="Save", exact=True))
        expect(sam.get_by_text("Saved.")).to_be_visible()
    second, third = ModelVersion.objects.get(number=2), ModelVersion.objects.get(number=3)
    sam.goto(f"/models/{third.pk}/")
    follow(sam.get_by_role("button", name="Send for approval"))
    review_of(mara, third)
    follow(mara.get_by_role("button", name="Approve"))
    follow(mara.get_by_role("button", name="Put live"))

    sam.goto(f"/models/{second.pk}/")
    follow(sam.get_by_role("link", name="Bring its changes onto version 3"))
    assert sam.get_by_role("button", name="Make this draft").count() == 0
    sam.get_by_role("radio", name="Version 2").check()
    follow(sam.get_by_role("button", name="Show what comes of it"))
    expect(sam.locator("ins", has_text="+25")).to_be_visible()
    follow(sam.get_by_role("button", name="Make this draft"))
    expect(sam.get_by_role("heading", name="Version 4").first).to_be_visible()
