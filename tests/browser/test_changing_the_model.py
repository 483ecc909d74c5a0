"""A rule changed by one person in the admin and put live by another, seen by a third in the queue."""

from collections.abc import Callable

from playwright.sync_api import expect

from scoring_models.models import ModelVersion
from tests.browser.conftest import AsPerson, follow
from tests.company import Company


def test_a_rule_is_changed_by_one_and_put_live_by_another(
    as_person: AsPerson, company: Company, celery_worker_process: Callable[..., object]
) -> None:
    celery_worker_process("--concurrency=1")
    live = ModelVersion.objects.get(number=1)
    sam, mara, ana = (as_person(name) for name in ("sam", "mara", "ana"))

    sam.goto(f"/models/{live.pk}/")
    follow(sam.get_by_role("button", name="Start a draft from this version"))
    comments = sam.locator(".rule", has=sam.locator("summary", has_text="Commented on a post"))
    comments.get_by_label("Points").first.fill("70")
    follow(sam.get_by_role("button", name="Save", exact=True))
    expect(sam.get_by_text("Saved.")).to_be_visible()
    follow(sam.get_by_role("button", name="Send for approval").first)
    expect(sam.get_by_text("waits for approval").first).to_be_visible()
    assert sam.get_by_role("button", name="Approve").count() == 0

    draft = ModelVersion.objects.get(number=2)
    mara.goto(f"/models/{draft.pk}/review/")
    expect(mara.get_by_role("heading", name="What changes")).to_be_visible()
    expect(mara.locator("ins", has_text="+70")).to_be_visible()
    follow(mara.get_by_role("button", name="Approve"))
    follow(mara.get_by_role("button", name="Put live"))
    expect(mara.get_by_text("scored with this version")).to_be_visible()

    ana.goto("/queue/")
    expect(ana.locator("#panel")).to_contain_text("version 2")
    wei = ana.locator("a[data-row]", has_text="Wei Zhang")
    expect(wei.locator(".score")).to_have_text("85")
