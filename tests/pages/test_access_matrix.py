"""What belongs to another team, by every address and every role; and every page of the admin."""

from collections.abc import Callable, Iterator, Mapping
from string import Formatter
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, reverse
from django.utils import timezone

from leads import notes, overrides, reassigning
from leads.bulk import jobs
from leads.dealing import Way
from leads.duplicates import say_not_same
from leads.merging import verbs as merging
from leads.models import BulkJob, OverrideKind, OverrideReason
from leads.queue import saved_views
from leads.reassigning import Selection
from leads.segments import saved as segments
from leadscoring.audit.models import AuditEntry
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from tests import company as companies
from tests.company import Company, Person
from tests.pages.test_routes import EDITORS, MARKETERS, ROUTES, WHO, Route

SignIn = Callable[[str], Client]
# Pages that are for everybody who may read leads: who sees all of them sees another team's, too.
SEE_ALL = ("marketing", "admin")


@pytest.fixture
def elsewhere(company: Company) -> Mapping[str, object]:
    """Overseas, by the names of the parts of addresses: all that Europe must neither see nor touch."""
    now, rita, nora = timezone.now(), company.person("rita"), company.person("nora")
    chief = User.objects.create_user("omar@company.example", name="Omar Test")
    chief.groups.add(Group.objects.get(name=Role.MANAGER))
    chief.memberships.create(team=Team.objects.get(name="Overseas"))
    more = (Person(name, "Overseas", "CEO", name, team="Overseas") for name in ("Olga", "Oleg"))
    leads = companies.add_leads(more, now=now)
    otto, olga, oleg = (leads[name].pk for name in ("Otto", "Olga", "Oleg"))
    note = notes.add_note(lead_id=otto, text="Otto's secret", actor=rita, at=now)
    override = overrides.set_override(
        lead_id=otto, kind=OverrideKind.POINTS, points=5, reason=OverrideReason.MET, actor=rita, at=now
    )
    act = reassigning.reassign(
        selection=Selection(lead_ids=(olga,)), way=Way.PEOPLE, to=[rita], expected=1, actor=chief, at=now
    )
    job = jobs.begin(
        kind=BulkJob.Kind.SNOOZE, lead_ids=[otto], parameters={"until": now.isoformat()}, actor=rita, at=now
    )
    return {
        "lead": otto,
        "note": note.pk,
        "activity": note.pk,
        "override": override.pk,
        "not_same": say_not_same(lead_ids=(otto, olga), actor=rita, at=now).pk,
        "merge": merging.merge(kept_id=olga, absorbed_id=oleg, actor=chief, at=now).pk,
        "reassignment": act.pk,
        "job": job.pk,
        "team": Team.objects.get(name="Overseas").pk,
        "view": saved_views.save(name="Otto's", query="band=hot", actor=rita, at=now).slug,
        "segment": segments.save(
            name="Otto's", query="where=stage:none", shared=False, actor=nora, at=now
        ).slug,
    }


def of_others(elsewhere: Mapping[str, object]) -> Iterator[tuple[str, Route, str]]:
    """Every address that names something of somebody, with Overseas' in its place."""
    for name, route in ROUTES.items():
        parts = {part for _text, part, _spec, _conversion in Formatter().parse(route.path) if part}
        if parts and parts <= elsewhere.keys():
            yield name, route, route.path.format(**elsewhere)


def is_refused(answer: Any) -> bool:
    """A page that says no, or a message on the page that one is led back to."""
    said = [message.level_tag for message in get_messages(answer.wsgi_request)]
    return answer.status_code in (403, 404) or (answer.status_code == 302 and "error" in said)


@pytest.mark.parametrize("role", ["rep", "manager"])
def test_another_teams_is_neither_seen_nor_touched(
    role: str, sign_in: SignIn, elsewhere: Mapping[str, object]
) -> None:
    client, before = sign_in(WHO[role]), AuditEntry.objects.count()
    asked = list(of_others(elsewhere))
    assert len(asked) > 35
    for name, route, path in asked:
        for method in ("POST",) if route.post else ("GET", "POST"):
            answer = client.generic(method, path)
            refused = is_refused(answer) or answer.status_code == 405
            assert refused, f"{name}: {method} answers {answer.status_code} to {role}"
            assert "Otto" not in answer.content.decode(), name
    assert AuditEntry.objects.count() == before


def test_who_sees_all_leads_sees_them_and_works_none(
    sign_in: SignIn, elsewhere: Mapping[str, object]
) -> None:
    for role in SEE_ALL:
        client = sign_in(WHO[role])
        assert "Otto" in client.get(f"/leads/{elsewhere['lead']}/").content.decode()
        assert is_refused(client.post(f"/activities/{elsewhere['activity']}/undo/"))
        assert is_refused(client.get(f"/nurture/segments/{elsewhere['segment']}/"))


ADMINS, MARKETING = frozenset({"admin"}), frozenset({"marketing"})
# Of each kind of thing in the admin: who may read it, and who may do all else that its pages offer.
ADMIN_PAGES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "api_apikey": (ADMINS, ADMINS),
    "audit_auditentry": (ADMINS, frozenset()),
    "axes_accessattempt": (frozenset(), frozenset()),
    "axes_accessfailurelog": (frozenset(), frozenset()),
    "axes_accesslog": (frozenset(), frozenset()),
    "hooks_delivery": (ADMINS, ADMINS),
    "hooks_endpoint": (ADMINS, ADMINS),
    "leads_account": (EDITORS, MARKETING),
    "leads_attribute": (EDITORS, MARKETING),
    "leads_chatwebhook": (frozenset({"manager", "admin"}), frozenset({"manager", "admin"})),
    "leads_eventmapping": (EDITORS, MARKETING),
    "leads_inboundhook": (MARKETERS, ADMINS),
    "leads_lead": (EDITORS, frozenset()),
    "leads_outcome": (EDITORS, frozenset()),
    "leads_override": (EDITORS, frozenset()),
    "leads_routingentry": (EDITORS, frozenset({"manager", "admin"})),
    "leads_signal": (EDITORS, frozenset()),
    "leads_signaltype": (EDITORS, MARKETING),
    "leads_traitmapping": (EDITORS, MARKETING),
    "people_team": (EDITORS, ADMINS),
    "people_user": (ADMINS, ADMINS),
    "scoring_models_modelversion": (MARKETING, MARKETING),
}
# Where pages lead of what isn't there, and of versions, whose list is elsewhere.
OPEN_TO_ALL = ("/admin/", "/models/")
READING = ("changelist", "change", "history")
# The admin's own, which show nothing of anybody, or ask again for the kind of thing.
OF_THE_SITE = {
    "index",
    "login",
    "logout",
    "password_change",
    "password_change_done",
    "autocomplete",
    "jsi18n",
    "view_on_site",
    "app_list",
}


def admin_pages() -> Iterator[tuple[str, str, str]]:
    """Every address of the admin: what it is of, what it does there, and the address."""
    for name in _names(admin.site.get_urls()):
        if name in OF_THE_SITE:
            continue
        kind, _, deed = name.rpartition("_")
        try:
            yield kind, deed, reverse(f"admin:{name}", args=("999",))
        except NoReverseMatch:
            yield kind, deed, reverse(f"admin:{name}")


def _names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern.url_patterns)
        elif pattern.name is not None:  # the others lead on to a name, or to nothing
            yield pattern.name


def test_every_page_of_the_admin_is_for_its_roles_alone(sign_in: SignIn, company: Company) -> None:
    pages, before, wrong = list(admin_pages()), AuditEntry.objects.count(), []
    assert {kind for kind, _deed, _path in pages} == ADMIN_PAGES.keys(), "a kind isn't listed, or is gone"
    for role, who in WHO.items():
        client = sign_in(who)
        for kind, deed, path in pages:
            readers, doers = ADMIN_PAGES[kind]
            for method in ("GET", "POST"):
                reads = deed in READING and (method == "GET" or deed == "changelist")
                may = role in (readers if reads else doers)
                answer = client.generic(method, path)
                onward = answer.headers.get("Location", "")
                led_away = onward.startswith("/admin/login/") or onward in OPEN_TO_ALL
                if not (may or led_away or answer.status_code in (403, 404, 405)):
                    wrong.append(f"{path}: {method} answers {answer.status_code} {onward} to {role}")
                if may and deed == "changelist" and answer.status_code not in (200, 302, 405):
                    wrong.append(f"{path}: {method} answers {answer.status_code} to {role}, who may")
    assert not wrong, "\n".join(wrong)
    assert AuditEntry.objects.count() == before
