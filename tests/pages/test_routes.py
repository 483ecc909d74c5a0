"""Who may open what: every address of the product, asked by every role and by nobody."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from leads import reassigning
from leads.imports import jobs as imports
from leads.merging import verbs as merging
from leads.models import BulkJob, FileImport, FileKind, Merge, Reassignment, SavedView, Segment
from leads.reassigning import Selection
from leadscoring.people.models import Team
from scoring_models.demo.versions import propose
from scoring_models.models import Activation, Evidence, ModelVersion, RescoreRun, ScoringModel
from tests.company import Company
from tests.scoring_models.approving import evidence_of

SignIn = Callable[[str], Client]
EVERYBODY = frozenset({"rep", "marketing", "manager", "admin"})
WORKERS = frozenset({"rep", "manager"})
MARKETERS = frozenset({"marketing", "admin"})
MARKETING = frozenset({"marketing"})
MANAGERS = frozenset({"manager"})
ADMINS = frozenset({"admin"})
EDITORS = frozenset({"marketing", "manager", "admin"})
WHO = {"rep": "ana", "marketing": "sam", "manager": "mara", "admin": "ines"}


@dataclass(frozen=True)
class Route:
    """`path` is a real one. `roles` may open it, or POST to it where `post` says so."""

    path: str
    roles: frozenset[str]
    post: bool = False
    open_to_strangers: bool = False


ROUTES = {
    "home": Route("/", EVERYBODY),
    "login": Route("/login/", EVERYBODY, open_to_strangers=True),
    "logout": Route("/logout/", EVERYBODY, post=True, open_to_strangers=True),
    "password_change": Route("/password/", EVERYBODY),
    "password_change_done": Route("/password/changed/", EVERYBODY),
    "password_reset": Route("/password/forgotten/", EVERYBODY, open_to_strangers=True),
    "password_reset_done": Route("/password/forgotten/sent/", EVERYBODY, open_to_strangers=True),
    "password_reset_confirm": Route("/password/new/x/y/", EVERYBODY, open_to_strangers=True),
    "password_reset_complete": Route("/password/new/set/", EVERYBODY, open_to_strangers=True),
    "unsent": Route("/unsent/", EVERYBODY),
    "drop_unsent": Route("/unsent/drop/", EVERYBODY, post=True),
    "people:accept_invitation": Route("/invitation/x/y/", EVERYBODY, open_to_strangers=True),
    "healthz": Route("/healthz", EVERYBODY, open_to_strangers=True),
    "readyz": Route("/readyz", EVERYBODY, open_to_strangers=True),
    "leads:queue": Route("/queue/", WORKERS),
    "leads:news": Route("/queue/news/", WORKERS),
    "leads:next": Route("/queue/next/", WORKERS, post=True),
    "leads:counts": Route("/queue/counts/", WORKERS),
    "leads:views": Route("/queue/views/", WORKERS),
    "leads:save_view": Route("/queue/views/new/?band=hot", WORKERS),
    "leads:view": Route("/queue/views/{view}/", WORKERS),
    "leads:change_view": Route("/queue/views/{view}/change/", WORKERS),
    "leads:replace_list": Route("/queue/views/{view}/list/?band=sql", WORKERS, post=True),
    "leads:delete_view": Route("/queue/views/{view}/delete/", WORKERS, post=True),
    "leads:bulk": Route("/queue/bulk/", WORKERS, post=True),
    "leads:bulk_snooze": Route("/queue/bulk/snooze/", WORKERS, post=True),
    "leads:bulk_assign": Route("/queue/bulk/assign/", MANAGERS, post=True),
    "leads:bulk_export": Route("/queue/bulk/export/", WORKERS, post=True),
    "leads:bulk_job": Route("/bulk/{job}/", WORKERS),
    "leads:bulk_cancel": Route("/bulk/{job}/cancel/", WORKERS, post=True),
    "leads:bulk_undo": Route("/bulk/{job}/undo/", WORKERS, post=True),
    "leads:palette": Route("/palette/?q=fre", EVERYBODY),
    "leads:switch_shortcuts": Route("/shortcuts/", EVERYBODY, post=True),
    "leads:list": Route("/leads/", EVERYBODY),
    "leads:lead": Route("/leads/{lead}/", EVERYBODY),
    "leads:history": Route("/leads/{lead}/history/", EVERYBODY),
    "leads:claim": Route("/leads/{lead}/claim/", WORKERS, post=True),
    "leads:release": Route("/leads/{lead}/release/", WORKERS, post=True),
    "leads:extend": Route("/leads/{lead}/extend/", WORKERS, post=True),
    "leads:skip": Route("/leads/{lead}/skip/", WORKERS),
    "leads:snooze": Route("/leads/{lead}/snooze/", WORKERS),
    "leads:wake": Route("/leads/{lead}/wake/", WORKERS, post=True),
    "leads:override": Route("/leads/{lead}/override/", WORKERS),
    "leads:merge": Route("/leads/{lead}/merge/", WORKERS),
    "leads:add_note": Route("/leads/{lead}/note/", WORKERS),
    "leads:change_note": Route("/notes/{note}/", WORKERS),
    "leads:value": Route("/leads/{lead}/values/?key=job_title", EVERYBODY),
    "leads:duplicates": Route("/duplicates/", WORKERS),
    "leads:not_same": Route("/duplicates/not-the-same/", WORKERS, post=True),
    "leads:take_back_not_same": Route("/duplicates/{not_same}/take-back/", WORKERS, post=True),
    "leads:undo_merge": Route("/merges/{merge}/undo/", WORKERS),
    "leads:call": Route("/leads/{lead}/call/", WORKERS),
    "leads:signal": Route("/leads/{lead}/signal/", WORKERS),
    "leads:end_override": Route("/overrides/{override}/end/", WORKERS, post=True),
    "leads:handoffs": Route("/handoffs/", EDITORS),
    "leads:team": Route("/team/", MANAGERS),
    "leads:given": Route("/team/given/", MANAGERS),
    "leads:overrides": Route("/team/overrides/", MANAGERS),
    "leads:review_override": Route("/team/overrides/{override}/review/", MANAGERS, post=True),
    "leads:reassign": Route("/team/reassign/", MANAGERS | ADMINS),
    "leads:reassigned": Route("/team/reassign/{reassignment}/", MANAGERS | ADMINS),
    "leads:undo_reassignment": Route("/team/reassign/{reassignment}/undo/", MANAGERS | ADMINS, post=True),
    "leads:accept": Route("/leads/{lead}/accept/", WORKERS, post=True),
    "leads:return": Route("/leads/{lead}/return/", WORKERS),
    "leads:hand_over": Route("/leads/{lead}/hand-over/", MARKETERS, post=True),
    "leads:object": Route("/leads/{lead}/object/", WORKERS | {"admin"}),
    "leads:withdraw_objection": Route("/leads/{lead}/object/withdraw/", WORKERS | {"admin"}, post=True),
    "leads:activity": Route("/activity/", EVERYBODY),
    "leads:undo": Route("/activities/{activity}/undo/", EVERYBODY, post=True),
    "leads:undo_list_change": Route("/list-changes/{list_change}/undo/", EVERYBODY, post=True),
    "leads:undo_setting_change": Route("/setting-changes/{setting_change}/undo/", EVERYBODY, post=True),
    "leads:undo_last": Route("/activities/undo/", EVERYBODY, post=True),
    "leads:notices": Route("/notices/", EVERYBODY),
    "leads:read_notices": Route("/notices/read/", EVERYBODY, post=True),
    "leads:notice_settings": Route("/settings/notices/", EVERYBODY),
    "leads:today": Route("/today/", WORKERS),
    "leads:response_times": Route("/response-times/", MANAGERS | {"admin"}),
    "leads:set_response_times": Route("/response-times/{team}/", MANAGERS | {"admin"}, post=True),
    "leads:intake": Route("/intake/", MARKETERS),
    "leads:snippet": Route("/intake/snippet/", MARKETERS),
    "leads:replay": Route("/intake/replay/", MARKETERS, post=True),
    "leads:replay_reason": Route("/intake/replay-reason/", MARKETERS, post=True),
    "leads:imports": Route("/imports/", MARKETERS),
    "leads:upload": Route("/imports/upload/", MARKETERS, post=True),
    "leads:import": Route("/imports/{file_import}/", MARKETERS),
    "leads:arrange_import": Route("/imports/{file_import}/arrange/", MARKETERS, post=True),
    "leads:begin_import": Route("/imports/{file_import}/begin/", MARKETERS, post=True),
    "leads:cancel_import": Route("/imports/{file_import}/cancel/", MARKETERS, post=True),
    "leads:refused_rows": Route("/imports/{file_import}/refused/", MARKETERS),
    "leads:discard_import": Route("/imports/{file_import}/discard/", MARKETERS, post=True),
    "leads:nurture": Route("/nurture/", MARKETERS),
    "leads:export": Route("/leads/export/", EVERYBODY),
    "leads:nurture_csv": Route("/nurture.csv", MARKETERS),
    "leads:add_condition": Route("/nurture/add/?kind=stage&stage=none", MARKETERS),
    "leads:segments": Route("/nurture/segments/", MARKETERS),
    "leads:save_segment": Route("/nurture/segments/new/?where=stage:none", MARKETERS),
    "leads:segment_counts": Route("/nurture/segments/counts/", MARKETERS),
    "leads:segment": Route("/nurture/segments/{segment}/", MARKETERS),
    "leads:change_segment": Route("/nurture/segments/{segment}/change/", MARKETERS),
    "leads:replace_segment": Route(
        "/nurture/segments/{segment}/list/?where=stage:none", MARKETERS, post=True
    ),
    "leads:delete_segment": Route("/nurture/segments/{segment}/delete/", MARKETERS, post=True),
    "scoring_models:models": Route("/models/", EVERYBODY),
    "scoring_models:arrange": Route("/models/order/", MANAGERS, post=True),
    "scoring_models:new_model": Route("/models/new/", MARKETING, post=True),
    "scoring_models:assigned": Route("/how-scores-are-assigned/", EVERYBODY),
    "scoring_models:agree": Route("/models/{version}/bands/hot/agree/", WORKERS | MARKETING, post=True),
    "scoring_models:keep_as_is": Route("/models/of/{model}/keep/", MANAGERS, post=True),
    "scoring_models:set_owner": Route("/models/of/{model}/owner/", MANAGERS, post=True),
    "scoring_models:seen": Route("/models/seen/{activation}/", EVERYBODY, post=True),
    "scoring_models:version": Route("/models/{version}/", EVERYBODY),
    "scoring_models:export": Route("/models/{version}/export/", EVERYBODY),
    "scoring_models:compare": Route("/models/{version}/changes/", EVERYBODY),
    "scoring_models:review": Route("/models/{version}/review/", EDITORS),
    "scoring_models:rebase": Route("/models/{version}/rebase/", MARKETING | MANAGERS),
    "scoring_models:progress": Route("/models/{version}/progress/", EVERYBODY),
    "scoring_models:health": Route("/models/{version}/health/", EVERYBODY),
    "scoring_models:leads": Route("/models/{version}/leads/?band=hot", MARKETERS),
    "scoring_models:leads_export": Route("/models/{version}/leads/export/?band=hot", MARKETERS),
    "scoring_models:test": Route("/models/{version}/test/", EDITORS),
    "scoring_models:golden": Route("/models/{version}/golden/", EVERYBODY),
    "scoring_models:add_golden": Route("/models/{version}/golden/add/", MARKETING, post=True),
    "scoring_models:remove_golden": Route("/models/{version}/golden/remove/", MARKETING, post=True),
    "scoring_models:start_draft": Route("/models/{version}/draft/", MARKETING, post=True),
    "scoring_models:discard": Route("/models/{version}/discard/", MARKETING, post=True),
    "scoring_models:submit": Route("/models/{version}/submit/", MARKETING, post=True),
    "scoring_models:withdraw": Route("/models/{version}/withdraw/", MARKETING, post=True),
    "scoring_models:approve": Route("/models/{version}/approve/", MANAGERS, post=True),
    "scoring_models:ask_for_evidence": Route(
        "/models/{version}/evidence/", frozenset({"marketing", "manager"}), post=True
    ),
    "scoring_models:evidence_progress": Route("/models/{version}/evidence/progress/", EDITORS),
    "scoring_models:moves": Route("/models/{waiting}/evidence/{evidence}/moves/", EDITORS),
    "scoring_models:missed": Route("/models/{waiting}/evidence/{evidence}/missed/", EDITORS),
    "scoring_models:moves_export": Route("/models/{waiting}/evidence/{evidence}/moves/export/", EDITORS),
    "scoring_models:missed_export": Route("/models/{waiting}/evidence/{evidence}/missed/export/", EDITORS),
    "scoring_models:return": Route("/models/{version}/return/", MANAGERS, post=True),
    "scoring_models:reject": Route("/models/{version}/reject/", MANAGERS, post=True),
    "scoring_models:schedule": Route("/models/{version}/schedule/", MANAGERS, post=True),
    "scoring_models:cancel_schedule": Route("/models/{version}/schedule/cancel/", MANAGERS, post=True),
    "scoring_models:stop_scoring": Route("/models/{version}/scoring/{run}/stop/", MANAGERS, post=True),
    "scoring_models:resume_scoring": Route("/models/{version}/scoring/{run}/resume/", MANAGERS, post=True),
    "scoring_models:activate": Route("/models/{version}/activate/", MANAGERS, post=True),
    "scoring_models:go_back": Route("/models/{version}/go-back/", MANAGERS, post=True),
    "scoring_models:set_up": Route("/set-up/", EDITORS),
}


def names(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    """The names of all addresses but those of the admin and of programs, which have tests of their own."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield namespace + (pattern.name or str(pattern.pattern))
        elif pattern.namespace not in ("admin", "api", "senders"):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from names(pattern.url_patterns, inner)


def test_every_address_is_listed_here() -> None:
    listed = set(ROUTES) | {"admin/login/"}
    assert set(names(get_resolver().url_patterns)) == listed


@pytest.fixture(autouse=True)
def waiting(company: Company) -> ModelVersion:
    """Version 2, which waits for approval with its evidence."""
    version = propose(author=company.person("sam"), now=timezone.now())
    evidence_of(version)
    return version


@pytest.fixture(autouse=True)
def given_away(company: Company) -> Reassignment:
    """Freya went to Ana."""
    return reassigning.reassign(
        selection=Selection(lead_ids=(company.lead("Freya").pk,)),
        way=Reassignment.Way.PEOPLE,
        to=[company.person("ana")],
        expected=1,
        actor=company.person("mara"),
        at=timezone.now(),
    )


def real(route: Route, company: Company) -> str:
    versions = dict(ModelVersion.objects.values_list("number", "pk"))
    view = SavedView.objects.get_or_create(
        slug="hot",
        defaults={
            "name": "Hot",
            "query": "band=hot",
            "owner": company.person("ana"),
            "team": Team.objects.get(name="Europe"),
            "created_at": timezone.now(),
        },
    )[0]
    job = BulkJob.objects.get_or_create(
        kind="snooze", actor=company.person("ana"), defaults={"made_at": timezone.now()}
    )[0]
    segment = Segment.objects.get_or_create(
        slug="cold",
        defaults={
            "name": "Hot",
            "query": "where=stage:none",
            "owner": company.person("sam"),
            "shared": True,
            "created_at": timezone.now(),
        },
    )[0]
    merge = Merge.objects.first() or merging.merge(
        kept_id=company.lead("Wei").pk,
        absorbed_id=company.lead("Tom").pk,
        actor=company.person("mara"),
        at=timezone.now(),
    )
    return route.path.format(
        note=1,
        not_same=1,
        override=1,
        activity=1,
        list_change=1,
        setting_change=1,
        merge=merge.pk,
        segment=segment.slug,
        lead=company.lead("Freya").pk,
        version=versions[1],
        view=view.slug,
        job=job.pk,
        team=Team.objects.get(name="Europe").pk,
        file_import=_uploaded(company),
        model=ScoringModel.objects.values_list("pk", flat=True).first(),
        activation=Activation.objects.values_list("pk", flat=True).first(),
        waiting=versions.get(2),
        reassignment=Reassignment.objects.values_list("pk", flat=True).first(),
        run=RescoreRun.objects.values_list("pk", flat=True).first(),
        evidence=Evidence.objects.values_list("pk", flat=True).first(),
    )


def _uploaded(company: Company) -> int:
    """An upload that nobody began yet; another where it was thrown away."""
    drafts = FileImport.objects.filter(begun_at=None).values_list("pk", flat=True)
    return drafts.first() or (
        imports.upload(
            kind=FileKind.LEADS,
            name="people.csv",
            content=[b"Id,Name\n1,Al\n"],
            actor=company.person("sam"),
            at=timezone.now(),
        ).pk
    )


def ask(client: Client, route: Route, company: Company) -> int:
    path = real(route, company)
    return (client.post(path) if route.post else client.get(path)).status_code


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_role_gets_what_is_theirs_and_nothing_else(role: str, sign_in: SignIn, company: Company) -> None:
    for name, route in ROUTES.items():
        client = sign_in(WHO[role])
        status = ask(client, route, company)
        if role in route.roles:
            assert status in (200, 204, 302, 410), f"{name} answers {status} to the role {role}"
        else:
            assert status == 403, f"{name} answers {status} to the role {role}"


def test_strangers_are_sent_to_sign_in(company: Company) -> None:
    for name, route in ROUTES.items():
        answer = Client().generic("POST" if route.post else "GET", real(route, company))
        if not route.open_to_strangers:
            assert answer.status_code == 302, name
            assert answer["Location"].startswith("/login/?next="), name


def test_what_changes_something_refuses_get(sign_in: SignIn, company: Company) -> None:
    for name, route in ROUTES.items():
        if route.post:
            path = real(route, company)
            assert sign_in("ana").get(path).status_code == 405, name


def test_a_person_without_a_role_is_told_so(company: Company) -> None:
    company.person("ana").groups.clear()
    client = Client()
    client.force_login(company.person("ana"), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/")
    assert answer.status_code == 403
    assert "Ask your admin" in answer.content.decode()


def test_somebody_signed_in_who_may_not_enter_the_admin_is_told_so(sign_in: SignIn) -> None:
    answer = sign_in("ana").get("/admin/", follow=True)
    assert answer.status_code == 403
    assert "for marketing, managers and admins" in answer.content.decode()


def test_strangers_of_the_admin_are_sent_to_sign_in(db: None) -> None:
    answer = Client().get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/login/?next=/admin/"


def test_who_is_locked_out_is_told_what_to_do(company: Company) -> None:
    client, form = Client(), {"username": "ana@company.example", "password": "wrong"}
    answers = [client.post("/login/", form) for _ in range(11)]
    assert answers[-1].status_code == 429
    assert "ask your admin to open it now" in answers[-1].content.decode()
