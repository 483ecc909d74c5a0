"""Every page of the admin, for a real thing of one's own team and of another one, by every role."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, reverse
from django.utils import timezone

from leads import overrides
from leads.models import (
    Account,
    Attribute,
    ChatWebhook,
    EventMapping,
    InboundHook,
    Lead,
    NoticeKind,
    Outcome,
    OutcomeKind,
    OverrideKind,
    OverrideReason,
    RoutingEntry,
    Signal,
    SignalType,
    TraitMapping,
)
from leadscoring.api import keys
from leadscoring.api.scopes import Scope
from leadscoring.audit.models import AuditEntry
from leadscoring.hooks import endpoints, replaying
from leadscoring.hooks.models import EventKind
from leadscoring.people.models import Team
from scoring_models import drafts
from scoring_models.models import ModelVersion
from tests.company import Company
from tests.pages.test_routes import ADMINS, EDITORS, MANAGERS, MARKETERS, MARKETING, WHO

SignIn = Callable[[str], Client]
Roles = frozenset[str]
NOBODY: Roles = frozenset()


@dataclass(frozen=True)
class Rights:
    """Who may read a kind of thing, and who may do all else that its pages offer.

    `far_readers` and `far_doers` are those for things of Overseas, where that isn't the same: Mara manages
    Europe. `also` are those who may use one page more, by its name, in Europe alone.
    """

    readers: Roles
    doers: Roles
    far_readers: Roles | None = None
    far_doers: Roles | None = None
    also: Mapping[str, Roles] = field(default_factory=dict)

    def may(self, role: str, page: str, method: str, *, far: bool) -> bool:
        reads = page in READING and (method == "GET" or page != "change")
        readers = self.far_readers if far and self.far_readers is not None else self.readers
        doers = self.far_doers if far and self.far_doers is not None else self.doers
        return role in (readers if reads else doers) or (not far and role in self.also.get(page, NOBODY))


OF_LEADS = Rights(EDITORS, NOBODY, far_readers=MARKETERS)
VOCABULARY = Rights(EDITORS, MARKETING)
RIGHTS: Mapping[str, Rights] = {
    "api_apikey": Rights(ADMINS, NOBODY, also=dict.fromkeys(("add", "change", "rotate", "revoke"), ADMINS)),
    "audit_auditentry": Rights(ADMINS, NOBODY),
    "axes_accessattempt": Rights(NOBODY, NOBODY),
    "axes_accessfailurelog": Rights(NOBODY, NOBODY),
    "axes_accesslog": Rights(NOBODY, NOBODY),
    "hooks_delivery": Rights(ADMINS, NOBODY, also={"replay": ADMINS}),
    "hooks_endpoint": Rights(ADMINS, ADMINS),
    "leads_account": Rights(EDITORS, NOBODY, also={"change": MARKETING}),
    "leads_attribute": VOCABULARY,
    "leads_chatwebhook": Rights(MANAGERS | ADMINS, MANAGERS | ADMINS, far_readers=ADMINS, far_doers=ADMINS),
    "leads_eventmapping": VOCABULARY,
    "leads_inboundhook": Rights(MARKETERS, ADMINS),
    "leads_lead": OF_LEADS,
    "leads_outcome": OF_LEADS,
    "leads_override": OF_LEADS,
    "leads_routingentry": Rights(EDITORS, MANAGERS | ADMINS),
    "leads_signal": OF_LEADS,
    "leads_signaltype": VOCABULARY,
    "leads_traitmapping": VOCABULARY,
    "people_team": Rights(EDITORS, ADMINS, also={"change": MANAGERS}),  # when it works
    "people_user": Rights(ADMINS, NOBODY, also=dict.fromkeys(("add", "change", "link"), ADMINS)),
    "scoring_models_modelversion": Rights(
        MARKETING, NOBODY, also=dict.fromkeys(("change", "preview"), MARKETING)
    ),
}
READING = ("changelist", "change", "history")
WITHOUT_OBJECT = ("changelist", "add")
# Where pages lead of what isn't there for one; and of versions, whose list is a page of the product.
AWAY = ("/admin/", "/models/")
ELSEWHERE = "/admin/scoring_models/modelversion/"
# What is asked; verbs, which only POST carries out, are not among them.
METHODS = {
    "history": ("GET",),
    **dict.fromkeys(("changelist", "change", "delete"), ("GET", "POST")),
}
ONLY_POSTS = ("rotate", "revoke", "test", "replay", "link", "preview")
# The admin's own, which show nothing of anybody, or ask again for the kind of thing.
OF_THE_SITE = {
    *("index", "login", "logout", "password_change", "password_change_done"),
    *("autocomplete", "jsi18n", "view_on_site", "app_list"),
}
CHAT = "https://hooks.slack.com/services/T0/B0/secret"


@pytest.fixture
def things(company: Company) -> Mapping[str, tuple[Model, Model | None]]:
    """Of each kind in the admin one of Europe, or of nobody's, and one of Overseas where there are such."""
    now, ines, sam = timezone.now(), company.person("ines"), company.person("sam")
    near = _of_a_team(company, lead="Freya", rep="ana", team="Europe", at=now)
    far = _of_a_team(company, lead="Otto", rep="rita", team="Overseas", at=now)
    endpoint = endpoints.create(
        url="https://crm.example/hooks",
        description="CRM",
        events=[EventKind.OVERRIDE_SET],
        actor=ines,
        at=now,
    ).endpoint
    title = Attribute.objects.get(key="job_title")
    version = ModelVersion.objects.get()
    who = {"username": "x", "ip_address": "127.0.0.1", "user_agent": "", "path_info": "/"}
    everybodys: dict[str, Model] = {
        "api_apikey": keys.create(
            name="CRM",
            user=sam,
            scopes=[Scope.READ],
            expires_at=now + timedelta(days=9),
            actor=ines,
            at=now,
        ).key,
        "audit_auditentry": AuditEntry.objects.latest("pk"),
        "axes_accessattempt": AccessAttempt.objects.create(**who, failures_since_start=1),
        "axes_accessfailurelog": AccessFailureLog.objects.create(**who),
        "axes_accesslog": AccessLog.objects.create(**who),
        "hooks_delivery": replaying.send_test(endpoint_id=endpoint.pk, actor=ines, at=now),
        "hooks_endpoint": endpoint,
        "leads_account": Account.objects.get(leads=company.lead("Otto")),
        "leads_attribute": title,
        "leads_eventmapping": EventMapping.objects.create(pattern="Viewed", position=1),
        "leads_inboundhook": InboundHook.objects.create(
            name="crm", kind=InboundHook.Kind.values[0], id_path="id", email_path="email"
        ),
        "leads_routingentry": RoutingEntry.objects.create(
            position=1, attribute=title, values=["CEO"], team=Team.objects.get(name="Overseas")
        ),
        "leads_signaltype": SignalType.objects.get(key="dm_received"),
        "leads_traitmapping": TraitMapping.objects.create(trait="role", attribute=title),
        "people_user": company.person("rita"),
        "scoring_models_modelversion": drafts.start_from(version=version, actor=sam, at=now),
    }
    return {kind: (one, far[kind]) for kind, one in near.items()} | {
        kind: (one, None) for kind, one in everybodys.items()
    }


def _of_a_team(company: Company, *, lead: str, rep: str, team: str, at: datetime) -> dict[str, Model]:
    of, its_team = company.lead(lead), Team.objects.get(name=team)
    return {
        "leads_lead": of,
        "leads_signal": Signal.objects.filter(lead=of).latest("pk"),
        "leads_outcome": Outcome.objects.create(lead=of, kind=OutcomeKind.LOST, at=at, recorded_at=at),
        "leads_override": overrides.set_override(
            lead_id=of.pk,
            kind=OverrideKind.POINTS,
            points=5,
            reason=OverrideReason.MET,
            actor=company.person(rep),
            at=at,
        ),
        "leads_chatwebhook": ChatWebhook.objects.create(
            team=its_team, url=CHAT, kinds=[NoticeKind.REVIEW.value]
        ),
        "people_team": its_team,
    }


@dataclass(frozen=True)
class Page:
    """A page of the admin: of which kind of thing, what it does, and for which thing, if any."""

    kind: str
    name: str
    path: str
    far: bool


def pages_of(things: Mapping[str, tuple[Model, Model | None]]) -> Iterator[Page]:
    """Every page that the admin's registry has, for each thing of its kind."""
    for name in _names(admin.site.get_urls()):
        if name in OF_THE_SITE:
            continue
        kind, _, page = name.rpartition("_")
        if page in WITHOUT_OBJECT and reverse(f"admin:{name}") != ELSEWHERE:
            yield Page(kind, page, reverse(f"admin:{name}"), far=False)
        for far, one in enumerate(things[kind]):
            if one is not None and page not in WITHOUT_OBJECT:
                yield Page(kind, page, _address(name, one), far=bool(far))


def test_what_only_posts_carry_out_is_never_got(
    sign_in: SignIn, things: Mapping[str, tuple[Model, Model | None]]
) -> None:
    pages = [page for page in pages_of(things) if page.name in ONLY_POSTS]
    for role in WHO:
        for page in pages:
            assert not asked(sign_in(WHO[role]), "GET", page)[0], page


def _names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern.url_patterns)
        elif pattern.name is not None:  # the others lead on to a name, or to nothing
            yield pattern.name


def _address(name: str, one: Model) -> str:
    try:
        return reverse(f"admin:{name}", args=(str(one.pk),))
    except NoReverseMatch:
        return reverse(f"admin:{name}", args=(one.pk,))


def asked(client: Client, method: str, page: Page) -> tuple[bool, Any]:
    """Whether somebody gets at a page, and its answer. What it did is rolled back."""
    given = {"post": "yes"} if page.name == "delete" else {}
    with transaction.atomic():
        answer = client.get(page.path) if method == "GET" else client.post(page.path, given)
        transaction.set_rollback(True)
    onward = answer.headers.get("Location", "")
    led_away = onward.startswith(("/admin/login/", "/login/")) or onward in AWAY
    return answer.status_code < 400 and not led_away, answer


def test_every_kind_of_thing_in_the_admin_is_listed_here(things: Mapping[str, object]) -> None:
    registered = {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}
    assert registered == RIGHTS.keys() == things.keys()


@pytest.mark.parametrize("role", sorted(WHO))
def test_every_page_of_the_admin_is_for_its_roles_and_their_own_teams_alone(
    role: str, sign_in: SignIn, things: Mapping[str, tuple[Model, Model | None]]
) -> None:
    client, wrong = sign_in(WHO[role]), []
    before = AuditEntry.objects.count(), _rows(things)
    for page in pages_of(things):
        rights = RIGHTS[page.kind]
        for method in METHODS.get(page.name, ("POST",)):
            gets, answer = asked(client, method, page)
            if gets != rights.may(role, page.name, method, far=page.far):
                onward = answer.headers.get("Location", "")
                wrong.append(f"{page.path}: {method} answers {answer.status_code} {onward} to {role}")
    assert not wrong, "\n".join(wrong)
    assert (AuditEntry.objects.count(), _rows(things)) == before


@pytest.mark.parametrize("role", sorted(WHO))
def test_a_list_of_the_admin_has_what_one_may_open_and_nothing_else(
    role: str, sign_in: SignIn, things: Mapping[str, tuple[Model, Model | None]]
) -> None:
    client = sign_in(WHO[role])
    for kind, both in things.items():
        if both[1] is None:
            continue
        text = client.get(reverse(f"admin:{kind}_changelist")).content.decode()
        for far, one in enumerate(both):
            may = RIGHTS[kind].may(role, "change", "GET", far=bool(far))
            assert (one is not None and _address(f"{kind}_change", one) in text) == may, (kind, far)


def _rows(things: Mapping[str, tuple[Model, Model | None]]) -> list[dict[str, Any] | None]:
    """All that the rows say."""
    return [
        type(one)._default_manager.filter(pk=one.pk).values().first()
        for both in things.values()
        for one in both
        if one is not None
    ]


def test_a_lead_of_another_team_is_found_by_no_search_of_a_manager(sign_in: SignIn, company: Company) -> None:
    otto: Lead = company.lead("Otto")
    for role, is_found in (("mara", False), ("sam", True)):
        text = sign_in(role).get(f"/admin/leads/lead/?q={otto.attributes['last_name'].lower()}").content
        assert (f"/admin/leads/lead/{otto.pk}/change/" in text.decode()) == is_found


def test_everything_in_the_admin_goes_by_a_name() -> None:
    assert [model for model in admin.site._registry if model.__str__ is Model.__str__] == []
