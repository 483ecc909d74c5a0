"""Every page as people see it: light and dark, wide and narrow, for everybody, by axe and a ruler."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.contrib import admin
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import DjangoDbBlocker, Settings

from leads import notes, overrides, reassigning
from leads.bulk import jobs, work
from leads.imports import jobs as imports
from leads.models import (
    Activity,
    BulkJob,
    FileKind,
    IntakeMessage,
    Lead,
    OverrideKind,
    OverrideReason,
    Reassignment,
)
from leads.outcomes import CallResult, log_call
from leads.queue import saved_views
from leads.reassigning import Selection
from leadscoring.hooks import replaying
from leadscoring.hooks.models import Endpoint
from leadscoring.unsent import KEY, Unsent
from scoring_models import drafts, schedule, versions
from scoring_models.demo import programs
from scoring_models.demo.versions import propose
from scoring_models.models import Evidence, ModelVersion
from scoring_models.spec_text import spec_of
from tests import company as companies
from tests.browser.conftest import AsPerson, follow
from tests.company import QUICK_HASHERS, Company
from tests.conftest import using
from tests.scoring_models.approving import approve, evidence_of

WIDE, NARROW = 1440, 375
# All that WCAG 2.2 AA asks and what axe advises beside.
# Without preloading: axe would read the style sheets by inline styles, which the policy forbids.
EVERYTHING = {"resultTypes": ["violations"], "preload": False}
COLOURS = EVERYTHING | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# What is there and how it is named depends on the width, colours on the theme: each is looked at in both.
LOOKS: tuple[tuple[int, Literal["light", "dark"], dict[str, object]], ...] = (
    (WIDE, "light", EVERYTHING),
    (WIDE, "dark", COLOURS),
    (NARROW, "dark", EVERYTHING),
)
AXE = Axe().axe_script
# What is still being asked for may come while axe looks, which then sees half of it.
LOOK = """async (options) => {
  while (document.readyState !== "complete" || document.querySelector(".htmx-request")) {
    await new Promise((again) => setTimeout(again, 50));
  }
  return (await axe.run(options)).violations;
}"""


def violations(page: Page, options: dict[str, object] = EVERYTHING) -> list[str]:
    """What axe finds on a page as it is now."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE)
    found = page.evaluate(LOOK, options)
    return [
        f"{each['id']}: {each['help']}: {'; '.join(node['html'][:160] for node in each['nodes'][:3])}"
        for each in found
    ]


def problems(page: Page, path: str) -> Iterator[str]:
    """What is wrong with a page in any theme at any width."""
    page.goto(path)
    yield from seen(page, path)


def seen(page: Page, path: str) -> Iterator[str]:
    """The same of the page that is shown."""
    for width, scheme, options in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            yield f"{path} is {wide} pixels wide at {width}"
        yield from (f"{path} at {width} in {scheme}: {found}" for found in violations(page, options))


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


@pytest.fixture(scope="module")
def founded(module_database: str, django_db_blocker: DjangoDbBlocker) -> Company:
    """A busy company in the module's database, of which each test gets a copy."""
    with using(module_database, django_db_blocker), override_settings(PASSWORD_HASHERS=QUICK_HASHERS):
        return busy(companies.found(now=timezone.now()))


@pytest.fixture
def company(founded: Company, committed_copy: None, settings: Settings) -> Company:
    settings.PASSWORD_HASHERS = QUICK_HASHERS
    return founded


def busy(company: Company) -> Company:
    """The company after some work: claims, an override, a call, a version under review, and telling names."""
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
    notes.add_note(lead_id=company.lead("Wei").pk, text="Reads the offer with his team.", actor=ana, at=now)
    saved_views.save(name="Hot", query="band=hot", team_id=ana.team_ids[0], actor=ana, at=now)
    Lead.objects.update(created_at=now - timedelta(days=30), recorded_at=now - timedelta(days=30))
    evidence_of(propose(author=company.person("sam"), now=now))
    for name, family in (("Freya", "Donaudampfschifffahrt" * 6), ("Tom", "כהן-לוי 3")):
        lead = company.lead(name)
        lead.attributes["last_name"] = family
        lead.save(update_fields=["attributes"])
    return company


def test_pages_of_strangers(page: Page, company: Company) -> None:
    check(page, ["/login/", "/password/forgotten/", "/password/forgotten/sent/", "/password/new/x/y/"])


def test_pages_of_reps(as_person: AsPerson, company: Company) -> None:
    wei, lucia = (company.lead(name).pk for name in ("Wei", "Lucia"))
    paths = [
        "/queue/",
        f"/queue/?lead={wei}&verb=skip",
        f"/leads/{wei}/note/",
        "/queue/?only=claimed",
        "/queue/?only=overdue",
        "/today/",
        "/activity/",
        "/notices/",
        "/settings/notices/",
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
    paths += [
        f"/leads/{wei}/{verb}/"
        for verb in ("override", "call", "signal", "skip", "snooze", "return", "object")
    ]
    ana, now = company.person("ana"), timezone.now()
    until = {"until": "2020-01-01T00:00:00+00:00"}
    job = jobs.begin(kind=BulkJob.Kind.SNOOZE, lead_ids=[wei, lucia], parameters=until, actor=ana, at=now)
    paths.append(f"/bulk/{job.pk}/")
    work.work(job_id=job.pk, seconds=60)
    paths += [f"/notes/{Activity.objects.get(verb=Activity.Verb.NOTE).pk}/", "/password/"]
    page, note = as_person("ana"), f"/leads/{lucia}/note/"
    sent_too_late(
        page, Unsent(str(ana.pk), note, [note, "/unsent/"], "text=Late&lead=1", True, now.timestamp())
    )
    check(page, ["/unsent/", note, *paths])


def sent_too_late(page: Page, form: Unsent) -> None:
    """Let the person's session have a form that waits for them."""
    named = {str(cookie.get("name")): str(cookie.get("value")) for cookie in page.context.cookies()}
    session = SessionStore(named[django_settings.SESSION_COOKIE_NAME])
    session[KEY] = asdict(form)
    session.save()


def test_asking_before_many_leads_are_changed(as_person: AsPerson, company: Company) -> None:
    for name, asked in (("ana", "Snooze"), ("mara", "Assign")):
        page = as_person(name, "/queue/")
        page.locator("[form=bulk]").first.check()
        follow(page.locator(".bulk-bar").get_by_role("button", name=asked))
        assert page.url.endswith("/bulk/")
        found = [*seen(page, f"asking before {asked}")]
        assert not found, "\n".join(found)


def test_open_forms_and_menus(as_person: AsPerson, company: Company) -> None:
    page = as_person("ana", "/queue/")
    for opened in ("Log the outcome", "Skip", "Snooze", "Override", "Log a signal"):
        page.locator("summary", has_text=opened).first.click()
        assert not violations(page), opened
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert not violations(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    for typed in ("", "ho", "xyz"):
        page.get_by_role("combobox").fill(typed)
        found = page.get_by_role("option", name=f"“{typed}”")
        expect(found).to_have_count(1 if typed else 0)
        assert not violations(page), typed


def test_pages_of_marketing(as_person: AsPerson, company: Company) -> None:
    owen = company.lead("Owen").pk
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
    upload = imports.upload(
        kind=FileKind.LEADS,
        name="people.csv",
        content=[b"Id;E-mail;A long name\n1;ann@acme.com;\n2;bob;x\n"],
        actor=company.person("sam"),
        at=timezone.now(),
    )
    pages = [
        "/imports/",
        f"/imports/{upload.pk}/",
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
    return ["/intake/", "/intake/snippet/", "/intake/?code=message&reason=It+has+no+type"]


def test_pages_of_managers(as_person: AsPerson, company: Company) -> None:
    reviews = [
        reverse("scoring_models:review", args=[pk])
        for pk in ModelVersion.objects.values_list("pk", flat=True)
    ]
    evidence = Evidence.objects.get()
    lists = [f"/models/{evidence.version_id}/evidence/{evidence.pk}/{name}/" for name in ("moves", "missed")]
    jon, freya, tom = company.person("jon").pk, *(company.lead(one).pk for one in ("Freya", "Tom"))
    act = reassigning.reassign(
        selection=Selection(lead_ids=(freya,)),
        way=Reassignment.Way.PEOPLE,
        to=[company.person("jon")],
        expected=1,
        actor=company.person("mara"),
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
def overtaken(company: Company) -> ModelVersion:
    """Sam's draft of version 1, whose change of a rule is not that of version 2, which went live since."""
    now, (sam, mara) = timezone.now(), map(company.person, ("sam", "mara"))
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


def test_pages_around_a_version_that_went_live(as_person: AsPerson, overtaken: ModelVersion) -> None:
    here = f"/models/{overtaken.pk}/"
    check(as_person("sam"), ["/queue/", here, f"{here}rebase/", f"{here}changes/"])
    ana = as_person("ana", "/queue/")
    ana.get_by_text("See what changes").click()
    assert not violations(ana)


def test_pages_where_there_are_two_models(as_person: AsPerson, company: Company) -> None:
    now, sam = timezone.now(), company.person("sam")
    spec = replace(spec_of(ModelVersion.objects.get(number=1)), model="Partners")
    draft = drafts.new_model(name="Partners", spec=spec, actor=sam, at=now)
    check(as_person("sam"), ["/models/", f"/models/{draft.pk}/"])
    check(as_person("mara"), ["/models/", "/queue/"])


def test_pages_of_a_version_that_is_planned(as_person: AsPerson, company: Company) -> None:
    mara, now = company.person("mara"), timezone.now()
    version = approve(Evidence.objects.get().version, actor=mara, at=now)
    page, path = as_person("mara"), f"/models/{version.pk}/"
    check(page, [path])
    schedule.schedule(version=version, starts_at=now + timedelta(days=3), actor=mara, at=now)
    check(page, [path, "/models/"])


def test_the_evidence_of_an_approval(as_person: AsPerson, company: Company) -> None:
    version = approve(Evidence.objects.get().version, actor=company.person("mara"), at=timezone.now())
    page = as_person("mara")
    check(page, [f"/models/{version.pk}/", f"/models/{version.pk}/review/"])
    for part in page.locator("details.figures").all():
        part.evaluate("details => { details.open = true }")
    assert not violations(page)


def test_admin_pages_of_admins(as_person: AsPerson, company: Company) -> None:
    now = timezone.now()
    programs.register(now=now)
    replaying.send_test(endpoint_id=Endpoint.objects.get().pk, actor=company.person("ines"), at=now)
    programs.answer(now=now)
    check(as_person("ines"), ["/admin/", *admin_paths(company, "ines")])


def test_admin_pages_that_only_marketing_sees(as_person: AsPerson, company: Company) -> None:
    seen = set(admin_paths(company, "ines"))
    check(as_person("sam"), [path for path in admin_paths(company, "sam") if path not in seen])


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
