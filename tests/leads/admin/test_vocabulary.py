from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from leads.models import Attribute, Entity, Kind, Lead, RoutingEntry, Signal, SignalType
from leadscoring.audit.models import AuditEntry
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from scoring_models import drafts
from scoring_models.spec import AttributeCondition, BandSpec, Dimension, Op, RuleSpec, Spec
from scoring_models.spec import Kind as SpecKind

NOW = datetime(2026, 5, 4, tzinfo=UTC)
SignIn = Callable[..., Client]


def page(name: str, *args: object) -> str:
    return reverse(f"admin:leads_{name}", args=args)


@pytest.fixture
def visits(db: None) -> Attribute:
    return Attribute.objects.create(key="visits", label="Visits", kind=Kind.NUMBER, entity=Entity.LEAD)


def test_marketing_defines_an_attribute(signed_in: SignIn) -> None:
    given = {
        "label": "Tier", "key": "tier", "kind": "choice", "entity": "lead",
        "choices": "Gold\n\n  Silver \nGold",
    }  # fmt: skip
    assert signed_in(Role.MARKETING).post(page("attribute_add"), given).status_code == 302
    made = Attribute.objects.get(key="tier")
    assert made.choices == ["Gold", "Silver"] and not made.standard
    assert AuditEntry.objects.get(action="attribute.added").object_id == str(made.pk)


@pytest.mark.parametrize("role", [Role.REP, Role.MANAGER, Role.ADMIN])
def test_nobody_else_defines_or_deletes_attributes(signed_in: SignIn, visits: Attribute, role: Role) -> None:
    client = signed_in(role)
    given = {"label": "X", "key": "x", "kind": "text", "entity": "lead"}
    for path in (page("attribute_add"), page("attribute_change", visits.pk)):
        assert client.post(path, given, follow=True).status_code == 403
    client.post(page("attribute_delete", visits.pk), {"post": "yes"})
    assert Attribute.objects.filter(key="visits").exists() and not Attribute.objects.filter(key="x").exists()


def test_choices_are_for_the_kind_choice(signed_in: SignIn) -> None:
    given = {"label": "X", "key": "x", "kind": "text", "entity": "lead", "choices": "A"}
    response = signed_in(Role.MARKETING).post(page("attribute_add"), given)
    assert "Only an attribute of the kind choice" in response.content.decode()


def test_a_standard_attribute_changes_its_label_only_and_stays(signed_in: SignIn) -> None:
    client, title = signed_in(Role.MARKETING), Attribute.objects.get(key="job_title")
    given = {"label": "Position", "key": "position", "kind": "number", "entity": "account"}
    assert client.post(page("attribute_change", title.pk), given).status_code == 302
    title.refresh_from_db()
    assert (title.label, title.key, title.kind, title.entity) == ("Position", "job_title", "text", "lead")
    response = client.post(page("attribute_delete", title.pk), {"post": "yes"}, follow=True)
    assert "A standard attribute can’t be deleted" in response.content.decode().replace("&#x27;", "’")
    assert Attribute.objects.filter(pk=title.pk).exists()


def test_a_kind_changes_until_something_uses_it(signed_in: SignIn, visits: Attribute) -> None:
    client = signed_in(Role.MARKETING)
    path, given = page("attribute_change", visits.pk), {"label": "Visits", "kind": "text"}
    assert client.post(path, given).status_code == 302
    Lead.objects.create(attributes={"visits": "7"})
    response = client.post(path, given | {"kind": "number"})
    assert "Its kind stays: leads have values of it" in response.content.decode()
    visits.refresh_from_db()
    assert visits.kind == Kind.TEXT


def test_an_attribute_in_use_is_kept_and_the_page_says_by_what(signed_in: SignIn, visits: Attribute) -> None:
    RoutingEntry.objects.create(attribute=visits, values=["3"], team=Team.objects.create(name="A"))
    client = signed_in(Role.MARKETING)
    text = client.post(page("attribute_delete", visits.pk), {"post": "yes"}, follow=True).content.decode()
    assert "1 routing entry" in text
    text = client.post(page("attribute_change", visits.pk), {"label": "V", "kind": "date"}).content.decode()
    assert "used by 1 routing entry" in text
    assert Attribute.objects.get(pk=visits.pk).kind == Kind.NUMBER


def test_an_attribute_that_nothing_uses_goes(signed_in: SignIn, visits: Attribute) -> None:
    signed_in(Role.MARKETING).post(page("attribute_delete", visits.pk), {"post": "yes"})
    assert not Attribute.objects.filter(pk=visits.pk).exists()
    assert AuditEntry.objects.get(action="attribute.deleted").object_id == str(visits.pk)


def test_a_key_is_what_rules_can_name(signed_in: SignIn) -> None:
    given = {"label": "X", "key": "Total Visits", "kind": "text", "entity": "lead"}
    response = signed_in(Role.MARKETING).post(page("attribute_add"), given)
    assert "Use small letters" in response.content.decode()


def test_marketing_adds_a_signal_type_and_changes_a_standard_one(signed_in: SignIn) -> None:
    client = signed_in(Role.MARKETING)
    given = {
        "label": "Phoned us",
        "key": "phoned",
        "is_engagement": "on",
        "signal_class": "intent",
        "stage": "",
    }
    assert client.post(page("signaltype_add"), given).status_code == 302
    assert SignalType.objects.get(key="phoned").is_engagement
    like = SignalType.objects.get(key="post_like")
    client.post(page("signaltype_change", like.pk), given | {"key": "liked"})
    like.refresh_from_db()
    assert (like.key, like.label) == ("post_like", "Phoned us")


def test_a_signal_type_with_signals_or_of_the_standard_stays(signed_in: SignIn) -> None:
    client = signed_in(Role.MARKETING)
    used = SignalType.objects.create(key="phoned", label="Phoned us")
    lead = Lead.objects.create()
    Signal.objects.create(lead=lead, type=used, occurred_at=NOW, received_at=NOW, key=uuid4())
    text = client.post(page("signaltype_delete", used.pk), {"post": "yes"}, follow=True).content.decode()
    assert "there are signals of it" in text
    standard = SignalType.objects.get(key="purchase")
    client.post(page("signaltype_delete", standard.pk), {"post": "yes"})
    assert SignalType.objects.filter(key__in=("phoned", "purchase")).count() == 2


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN])
def test_a_routing_entry_takes_one_value_a_line(signed_in: SignIn, role: Role) -> None:
    team, country = Team.objects.create(name="A"), Attribute.objects.get(key="country")
    given = {"position": 1, "attribute": country.pk, "values": "DE\r\nAT\r\n", "team": team.pk}
    assert signed_in(role).post(page("routingentry_add"), given).status_code == 302
    assert RoutingEntry.objects.get().values == ["DE", "AT"]


def test_a_routing_value_must_be_one_of_its_attribute(signed_in: SignIn, visits: Attribute) -> None:
    team = Team.objects.create(name="A")
    given = {"position": 1, "attribute": visits.pk, "values": "many", "team": team.pk}
    text = signed_in(Role.ADMIN).post(page("routingentry_add"), given).content.decode()
    assert "Visits" in text and not RoutingEntry.objects.exists()


def test_marketing_reads_the_routing_list_but_does_not_write_it(signed_in: SignIn) -> None:
    client = signed_in(Role.MARKETING)
    assert client.get(page("routingentry_changelist")).status_code == 200
    assert client.get(page("routingentry_add")).status_code == 403


def test_an_attribute_that_a_rule_uses_is_kept(signed_in: SignIn, visits: Attribute) -> None:
    condition = AttributeCondition("visits", SpecKind.NUMBER, Op.AT_LEAST, (Decimal(3),))
    rule = RuleSpec("many-visits", Dimension.FIT, 5, condition)
    spec = Spec(model="Example", rules=(rule,), bands=(BandSpec("all", "All", None),))
    drafts.create(spec=spec, actor=User.objects.system(), at=NOW)
    client = signed_in(Role.MARKETING)
    text = client.post(page("attribute_delete", visits.pk), {"post": "yes"}, follow=True).content.decode()
    assert "deleted: it is used by 1 rule" in text
    assert Attribute.objects.filter(pk=visits.pk).exists()
