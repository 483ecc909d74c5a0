"""Every page as people see it: light and dark, wide and narrow, for everybody, by axe and a ruler."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from leads import overrides, reassigning
from leads.bulk import jobs, work
from leads.models import BulkJob, IntakeMessage, Lead, OverrideKind, OverrideReason, Reassignment
from leads.outcomes import CallResult, log_call
from leads.queue import saved_views
from leads.reassigning import Selection
from scoring_models import drafts, schedule, versions
from scoring_models.demo.versions import propose
from scoring_models.models import Evidence, ModelVersion
from scoring_models.spec_text import spec_of
from tests.browser.conftest import AsPerson
from tests.company import Company
from tests.scoring_models.approving import approve, evidence_of

WIDTHS = (1440, 375)
SCHEMES = ("light", "dark")
# All that WCAG 2.2 AA asks and what axe advises beside.
# Without preloading: axe would read the style sheets by inline styles, which the policy forbids.
EVERYTHING = {"resultTypes": ["violations"], "preload": False}
COLOURS = EVERYTHING | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
AXE = Axe()


def problems(page: Page, path: str) -> Iterator[str]:
    """What is wrong with a page in any theme at any width."""
    page.goto(path)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            yield f"{path} is {wide} pixels wide at {width}"
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            first = (width, scheme) in ((1440, "light"), (375, "dark"))
            for found in AXE.run(page, options=EVERYTHING if first else COLOURS).response["violations"]:
                where = "; ".join(node["html"][:160] for node in found["nodes"][:3])
                yield f"{path} at {width} in {scheme}: {found['id']}: {found['help']}: {where}"


def check(page: Page, paths: list[str]) -> None:
    errors: list[str] = []
    page.on(
        "console",
        lambda said: (
            errors.append(said.text)
            if said.type == "error" and "Failed to load resource" not in said.text
            else None
        ),
    )
    found = [problem for path in paths for problem in problems(page, path)]
    assert not found + errors, "\n".join(found + errors)


@pytest.fixture
def busy_company(company: Company) -> Company:
    """The company after some work: claims, an override, a call, a version under review and a draft."""
    now, ana = timezone.now(), company.person("ana")
    overrides.set_override(
        lead_id=company.lead("Wei").pk,
        kind=OverrideKind.POINTS,
        points=30,
        reason=OverrideReason.MET,
        note="Met him at the fair; a very long note " * 5,
        actor=ana,
        at=now,
    )
    overrides.set_override(
        lead_id=company.lead("Owen").pk,
        kind=OverrideKind.BAND,
        band="hot",
        reason=OverrideReason.REFERRAL,
        actor=ana,
        at=now,
    )
    log_call(lead_id=company.lead("Tom").pk, result=CallResult.CONVERSATION, actor=ana, at=now)
    log_call(lead_id=company.lead("Lucia").pk, result=CallResult.WON, actor=ana, at=now, note="Signed")
    log_call(
        lead_id=company.lead("Otto").pk, result=CallResult.WRONG_PERSON, actor=company.person("rita"), at=now
    )
    saved_views.save(name="Hot", query="band=hot", team_id=ana.team_ids[0], actor=ana, at=now)
    Lead.objects.update(created_at=now - timedelta(days=30), recorded_at=now - timedelta(days=30))
    evidence_of(propose(author=company.person("sam"), now=now))
    return company


def test_pages_of_strangers(page: Page, busy_company: Company) -> None:
    check(page, ["/login/", "/password/forgotten/", "/password/forgotten/sent/", "/password/new/x/y/"])


def test_pages_of_reps(as_person: AsPerson, busy_company: Company) -> None:
    wei, lucia = (busy_company.lead(name).pk for name in ("Wei", "Lucia"))
    paths = [
        "/queue/",
        f"/queue/?lead={wei}",
        "/queue/?only=claimed",
        "/queue/?only=overdue",
        "/today/",
        "/notices/",
        "/settings/notices/",
        "/queue/?only=overdue",
        "/queue/?band=sql&owner=me",
        "/leads/",
    ]
    paths += [f"/leads/{wei}/", f"/leads/{lucia}/", "/leads/?q=nobody", "/models/", "/nope/", "/nurture/"]
    paths += ["/api/v1/docs/", "/how-scores-are-assigned/", "/queue/views/", "/queue/views/new/?band=hot"]
    paths += ["/queue/views/hot/change/", "/queue/?band=hot&view=hot&team=0&sort=intent"]
    paths += [
        "/duplicates/",
        f"/leads/{wei}/values/?key=job_title",
        f"/leads/{wei}/merge/",
        f"/leads/{wei}/merge/?with={lucia}",
    ]
    paths += [f"/leads/{wei}/history/?as_of=2026-01-02&since=2026-01-02"]
    paths += [f"/leads/{wei}/{verb}/" for verb in ("override", "call", "signal", "skip", "snooze")]
    ana, now = busy_company.person("ana"), timezone.now()
    until = {"until": "2020-01-01T00:00:00+00:00"}
    job = jobs.begin(kind=BulkJob.Kind.SNOOZE, lead_ids=[wei, lucia], parameters=until, actor=ana, at=now)
    paths.append(f"/bulk/{job.pk}/")
    work.work(job_id=job.pk, seconds=60)
    check(as_person("ana"), [*paths, "/password/"])


def test_open_forms_and_menus(as_person: AsPerson, busy_company: Company) -> None:
    page = as_person("ana", "/queue/")
    for opened in ("Log the outcome", "Skip", "Snooze", "Override", "Log a signal"):
        page.locator("summary", has_text=opened).first.click()
        violations = AXE.run(page, options=EVERYTHING).response["violations"]
        assert not violations, opened
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert not AXE.run(page, options=EVERYTHING).response["violations"]
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    for typed in ("", "ho", "xyz"):
        page.get_by_role("combobox").fill(typed)
        page.wait_for_load_state("networkidle")
        violations = AXE.run(page, options=EVERYTHING).response["violations"]
        assert not violations, typed


def test_pages_of_marketing(as_person: AsPerson, busy_company: Company) -> None:
    owen = busy_company.lead("Owen").pk
    reviews = [
        reverse("scoring_models:review", args=[pk])
        for pk in ModelVersion.objects.values_list("pk", flat=True)
    ]
    first = reverse("scoring_models:version", args=[ModelVersion.objects.get(number=1).pk])
    health = [
        f"{first}{part}"
        for part in ("health/", "leads/?band=hot", "leads/?band=hot&band=mql", "test/", "golden/")
    ]
    health.append(f"{first}test/?lead={owen}")
    pages = [
        "/nurture/",
        "/nurture/?where=attribute:job_title:known&where=signal:page_view:1:90",
        "/nurture/add/?kind=stage&stage=nothing",
        "/nurture/segments/",
        "/nurture/segments/new/?where=stage:none",
        *intake_pages(),
        f"/leads/{owen}/",
        "/models/",
        *reviews,
        *health,
        "/set-up/",
        "/admin/",
    ]
    check(as_person("sam"), pages)


def intake_pages() -> list[str]:
    """The page of what came in, with a message that can't be used."""
    one = {"source": "site", "form": "segment", "raw": '{"type": "dance"}', "received_at": timezone.now()}
    why = {"state": IntakeMessage.State.QUARANTINED, "code": "message", "reason": "It has no type"}
    IntakeMessage.objects.create(message_id="m-1", **one, **why)
    return ["/intake/", "/intake/?code=message&reason=It+has+no+type"]


def test_pages_of_managers(as_person: AsPerson, busy_company: Company) -> None:
    reviews = [
        reverse("scoring_models:review", args=[pk])
        for pk in ModelVersion.objects.values_list("pk", flat=True)
    ]
    evidence = Evidence.objects.get()
    lists = [f"/models/{evidence.version_id}/evidence/{evidence.pk}/{name}/" for name in ("moves", "missed")]
    jon, freya, tom = busy_company.person("jon").pk, *(busy_company.lead(one).pk for one in ("Freya", "Tom"))
    act = reassigning.reassign(
        selection=Selection(lead_ids=(freya,)),
        way=Reassignment.Way.PEOPLE,
        to=[busy_company.person("jon")],
        expected=1,
        actor=busy_company.person("mara"),
        at=timezone.now(),
    )
    team = ["/team/overrides/", "/team/overrides/?show=reviewed", "/team/reassign/", "/response-times/"]
    team += [
        "/handoffs/",
        "/team/",
        "/team/given/",
        f"/team/reassign/{act.pk}/",
        f"/team/reassign/?lead={freya}&lead={tom}&way=people&to={jon}",
    ]
    check(as_person("mara"), ["/queue/", "/models/", *reviews, *lists, *team, "/set-up/"])


@pytest.fixture
def overtaken(busy_company: Company) -> ModelVersion:
    """Sam's draft of version 1, whose change of a rule is not that of version 2, which went live since."""
    now, (sam, mara) = timezone.now(), map(busy_company.person, ("sam", "mara"))
    first, second = ModelVersion.objects.get(number=1), Evidence.objects.get().version
    spec, other = spec_of(first), {rule.key: rule.points for rule in spec_of(second).rules}
    rules = tuple(
        replace(rule, points=rule.points + 7) if other.get(rule.key, rule.points) != rule.points else rule
        for rule in spec.rules
    )
    draft = drafts.create(spec=replace(spec, rules=rules), actor=sam, at=now)
    later = approve(second, actor=mara, at=now)
    versions.activate(version=later, actor=mara, at=timezone.now())
    return draft


def test_pages_around_a_version_that_went_live(
    as_person: AsPerson, busy_company: Company, overtaken: ModelVersion
) -> None:
    here = f"/models/{overtaken.pk}/"
    check(as_person("sam"), ["/queue/", here, f"{here}rebase/", f"{here}changes/"])
    ana = as_person("ana", "/queue/")
    ana.get_by_text("See what changes").click()
    violations = AXE.run(ana, options=EVERYTHING).response["violations"]
    assert not violations, violations


def test_pages_of_a_version_that_is_planned(as_person: AsPerson, busy_company: Company) -> None:
    mara, now = busy_company.person("mara"), timezone.now()
    version = approve(Evidence.objects.get().version, actor=mara, at=now)
    page, path = as_person("mara"), f"/models/{version.pk}/"
    check(page, [path])
    schedule.schedule(version=version, starts_at=now + timedelta(days=3), actor=mara, at=now)
    check(page, [path, "/models/"])


def test_the_evidence_of_an_approval(as_person: AsPerson, busy_company: Company) -> None:
    version = approve(Evidence.objects.get().version, actor=busy_company.person("mara"), at=timezone.now())
    page = as_person("mara")
    check(page, [f"/models/{version.pk}/", f"/models/{version.pk}/review/"])
    for part in page.locator("details.figures").all():
        part.evaluate("details => { details.open = true }")
    violations = AXE.run(page, options=EVERYTHING).response["violations"]
    assert not violations, violations


def test_admin_pages_of_admins(as_person: AsPerson, busy_company: Company) -> None:
    check(as_person("ines"), ["/admin/", *admin_paths(busy_company, "ines")])


def test_admin_pages_that_only_marketing_sees(as_person: AsPerson, busy_company: Company) -> None:
    seen = set(admin_paths(busy_company, "ines"))
    check(as_person("sam"), [path for path in admin_paths(busy_company, "sam") if path not in seen])


def admin_paths(company: Company, name: str) -> Iterator[str]:
    """The list, a change page and the page to add one, of every model that this person may see there."""
    request = HttpRequest()
    request.user = company.person(name)
    for model, model_admin in admin.site._registry.items():
        where = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        if not model_admin.has_view_permission(request):
            continue
        yield reverse(f"{where}_changelist")
        first = model_admin.get_queryset(request).order_by("pk").first()
        if first is not None:
            yield reverse(f"{where}_change", args=[first.pk])
        if model_admin.has_add_permission(request):
            yield reverse(f"{where}_add")
