"""The page of models: their order, and how another one begins."""

from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from leadscoring.audit.models import AuditEntry
from scoring_models import drafts, versions
from scoring_models.models import Arrangement, ModelVersion, ScoringModel
from scoring_models.spec import AttributeCondition, Kind, Op
from scoring_models.spec_text import spec_of
from tests.company import Company
from tests.scoring_models.approving import evidence_of

SignIn = Callable[[str], Client]


def read(client: Client, path: str = "/models/") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(unescape(answer.content.decode()).split())


def send(client: Client, path: str, **fields: str) -> str:
    return " ".join(
        unescape(client.post(path, {"next": "/models/"} | fields, follow=True).content.decode()).split()
    )


@pytest.fixture
def partners(company: Company) -> ScoringModel:
    """A second model, of which nothing is live yet."""
    spec = spec_of(ModelVersion.objects.get(number=1))
    draft = drafts.new_model(name="Partners", spec=spec, actor=company.person("sam"), at=timezone.now())
    return draft.model


def in_order() -> list[str]:
    return list(ScoringModel.objects.order_by("position").values_list("name", flat=True))


def test_one_model_alone_has_no_order_to_change(sign_in: SignIn) -> None:
    assert "Which model scores a lead" not in read(sign_in("ines"))


def test_a_manager_moves_models_up_and_down(partners: ScoringModel, sign_in: SignIn) -> None:
    first, second = in_order()
    client = sign_in("mara")
    html = read(client)
    assert "Which model scores a lead" in html
    assert "scores: everybody" in html
    assert "nothing of it is live" in html
    seen = ",".join(str(pk) for pk in ScoringModel.objects.order_by("position").values_list("pk", flat=True))
    html = send(client, "/models/order/", seen=seen, move=f"down:{partners.pk}")
    assert "The order has changed. All leads are being scored." in html
    assert in_order() == [second, first]
    assert f"{first}, {second}</span> → {second}, {first}" in html
    assert "The order of models changed meanwhile." in send(
        client, "/models/order/", seen=seen, move=f"down:{partners.pk}"
    )
    assert Arrangement.objects.count() == 1


@pytest.mark.parametrize("move", ["", "up:x", "sideways:1", "up:999999", "up:99999999999999999999"])
def test_a_move_that_is_none_is_refused(partners: ScoringModel, sign_in: SignIn, move: str) -> None:
    html = send(sign_in("mara"), "/models/order/", seen=f"{partners.pk},x", move=move)
    assert "Choose which model goes up or down." in html
    assert not Arrangement.objects.exists()


def test_who_may_not_move_models_sees_no_buttons(partners: ScoringModel, sign_in: SignIn) -> None:
    for name in ("ana", "sam", "ines"):
        html = read(sign_in(name))
        assert "Which model scores a lead" in html
        assert 'name="move"' not in html
        assert sign_in(name).post("/models/order/", {"move": f"up:{partners.pk}"}).status_code == 403


def test_marketing_begins_another_model_in_its_editor(company: Company, sign_in: SignIn) -> None:
    client = sign_in("sam")
    assert "Start another model" in read(client)
    html = send(client, "/models/new/", name=" Customers ", **{"from": "consumer"})
    assert "Customers has its first draft. Say below whom it scores." in html
    draft = ModelVersion.objects.get(model__name="Customers")
    assert (draft.number, draft.created_by, in_order()[0]) == (1, company.person("sam"), "Customers")
    assert AuditEntry.objects.filter(action="version.drafted", object_id=str(draft.pk)).exists()
    live = ModelVersion.objects.get(number=1, model__name="LinkedIn B2B")
    send(client, "/models/new/", name="Partners", **{"from": str(live.pk)})
    assert spec_of(ModelVersion.objects.get(model__name="Partners")).rules == spec_of(live).rules


@pytest.mark.parametrize(
    ("name", "begins_with", "sentence"),
    [
        ("", "consumer", "Give the model a name"),
        ("x" * 101, "consumer", "Give the model a name"),
        ("LinkedIn B2B", "consumer", "There is a model of that name already."),
        ("Customers", "../settings", "Choose what the model starts from."),
    ],
)
def test_what_makes_no_model_is_refused(
    company: Company, sign_in: SignIn, name: str, begins_with: str, sentence: str
) -> None:
    assert sentence in send(sign_in("sam"), "/models/new/", name=name, **{"from": begins_with})
    assert ScoringModel.objects.count() == 1


@pytest.mark.parametrize("name", ["ana", "ines", "mara"])
def test_only_marketing_begins_a_model(company: Company, sign_in: SignIn, name: str) -> None:
    assert "Start another model" not in read(sign_in(name))
    assert sign_in(name).post("/models/new/", {"name": "Mine", "from": "consumer"}).status_code == 403


def test_evidence_of_a_model_with_an_audience_says_whose_leads_it_takes(
    company: Company, sign_in: SignIn
) -> None:
    now, sam = timezone.now(), company.person("sam")
    titled = AttributeCondition("job_title", Kind.TEXT, Op.IS_SET, ())
    spec = replace(spec_of(ModelVersion.objects.get(number=1)), audience=(titled,))
    draft = drafts.new_model(name="Titled", spec=spec, actor=sam, at=now)
    client = sign_in("sam")
    version = versions.submit(version=draft, actor=sam, at=now)
    evidence_of(version)
    html = read(client, f"/models/{version.pk}/review/")
    assert "Leads of other models" in html
    assert '<th scope="row">LinkedIn B2B</th>' in html
    evidence = version.evidence.get()
    assert client.get(f"/models/{version.pk}/evidence/{evidence.pk}/moves/?moved=in").status_code == 200
    assert client.get(f"/models/{version.pk}/evidence/{evidence.pk}/moves/?moved=out").status_code == 200
    assert client.get(f"/models/{version.pk}/health/").status_code == 200
    freya = company.lead("Freya").pk
    assert client.get(f"/models/{version.pk}/test/?lead={freya}").status_code == 200


def test_a_version_of_the_last_model_with_an_audience_is_refused_in_words(
    company: Company, sign_in: SignIn
) -> None:
    live, sam = ModelVersion.objects.get(number=1), company.person("sam")
    titled = AttributeCondition("job_title", Kind.TEXT, Op.IS_SET, ())
    spec = replace(spec_of(live), audience=(titled,))
    draft = drafts.create(spec=spec, actor=sam, at=timezone.now())
    html = send(sign_in("sam"), f"/models/{draft.pk}/submit/")
    assert "would be the last model that is asked, so it must score everybody" in html
    assert ModelVersion.objects.get(pk=draft.pk).state == "draft"
