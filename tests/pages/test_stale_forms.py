"""A form that was opened before somebody else changed the lead is not applied silently."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Activity, Lead, Outcome, Override, OverrideKind, OverrideReason, Signal, Snooze
from leads.outcomes import CallResult, log_call
from leads.overrides import end_override, set_override
from leads.queue import claims, snoozes
from tests.company import Company

SignIn = Callable[[str], Client]
CALL = {"result": "conversation", "note": "Wants an offer"}


def seen(client: Client, lead: Lead) -> str:
    """What a form of the lead's page carries."""
    html = client.get(f"/leads/{lead.pk}/").content.decode()
    return str(re.findall(r'name="opened_on" value="([^"]+)"', html)[0])


def override(company: Company, name: str, lead: Lead) -> Override:
    return set_override(
        lead_id=lead.pk,
        kind=OverrideKind.POINTS,
        points=12,
        reason=OverrideReason.MET,
        actor=company.person(name),
        at=timezone.now(),
    )


def close(company: Company, lead: Lead) -> None:
    log_call(lead_id=lead.pk, result=CallResult.WON, actor=company.person("jon"), at=timezone.now())


def snooze(company: Company, lead: Lead) -> None:
    until = timezone.now() + timedelta(days=2)
    snoozes.snooze(lead_id=lead.pk, until=until, actor=company.person("jon"), at=timezone.now())


CHANGES: dict[str, tuple[Callable[[Company, Lead], object], str]] = {
    "outcome": (close, "Won"),
    "override": (lambda company, lead: override(company, "jon", lead), "add or take points 12"),
    "snooze": (snooze, "not snoozed"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_it_shows_both_versions_and_by_whom_and_keeps_what_was_written(
    sign_in: SignIn, company: Company, name: str
) -> None:
    client, wei = sign_in("ana"), company.lead("Wei")
    word = seen(client, wei)
    change, said = CHANGES[name]
    change(company, wei)
    answer = client.post(f"/leads/{wei.pk}/call/", CALL | {"opened_on": word})
    html = answer.content.decode()
    assert answer.status_code == 409
    for text in (said, "Jon Test", "Wants an offer", "Apply on top", "Discard"):
        assert text in html
    assert not Signal.objects.filter(lead=wei, type__key="sales_conversation").exists()


def test_it_can_be_applied_on_top(sign_in: SignIn, company: Company) -> None:
    client, wei = sign_in("ana"), company.lead("Wei")
    word = seen(client, wei)
    override(company, "jon", wei)
    html = client.post(f"/leads/{wei.pk}/call/", CALL | {"opened_on": word}).content.decode()
    [word] = re.findall(r'name="opened_on" value="([^"]+)"', html)
    assert client.post(f"/leads/{wei.pk}/call/", CALL | {"opened_on": word}).status_code == 302
    assert Signal.objects.filter(lead=wei, type__key="sales_conversation").exists()


def test_who_took_the_lead_is_told_and_nothing_can_be_applied(sign_in: SignIn, company: Company) -> None:
    client, wei = sign_in("ana"), company.lead("Wei")
    word = seen(client, wei)
    claims.claim(lead_id=wei.pk, actor=company.person("jon"), at=timezone.now())
    answer = client.post(f"/leads/{wei.pk}/call/", CALL | {"opened_on": word})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Jon Test works this lead" in html
    assert "Wants an offer" in html
    assert "Apply on top" not in html
    client.post(f"/leads/{wei.pk}/call/", CALL)
    assert not Activity.objects.filter(verb=Activity.Verb.CONVERSATION).exists()


def test_a_new_owner_is_a_change(sign_in: SignIn, company: Company) -> None:
    client, wei = sign_in("mara"), company.lead("Wei")
    word = seen(client, wei)
    Lead.objects.filter(pk=wei.pk).update(owner=company.person("jon"))
    html = client.post(f"/leads/{wei.pk}/override/", override_form() | {"opened_on": word}).content.decode()
    assert "Owner" in html and "Jon Test" in html and "nobody" in html
    assert not Override.objects.exists()


def override_form() -> dict[str, str]:
    return {"kind": "hold", "reason": "met", "until": str(timezone.localdate())}


def test_what_ended_by_itself_or_is_ones_own_is_no_change(sign_in: SignIn, company: Company) -> None:
    client, wei = sign_in("ana"), company.lead("Wei")
    word = seen(client, wei)
    claims.claim(lead_id=wei.pk, actor=company.person("ana"), at=timezone.now())
    assert client.post(f"/leads/{wei.pk}/call/", CALL | {"opened_on": word}).status_code == 302
    word = seen(client, wei)
    claims.release(lead_id=wei.pk, actor=company.person("ana"), at=timezone.now())
    assert client.post(f"/leads/{wei.pk}/call/", CALL | {"opened_on": word}).status_code == 302


def test_an_override_that_somebody_ended_is_a_change(sign_in: SignIn, company: Company) -> None:
    client, wei = sign_in("ana"), company.lead("Wei")
    made = override(company, "ana", wei)
    word = seen(client, wei)
    end_override(override_id=made.pk, actor=company.person("jon"), at=timezone.now())
    answer = client.post(f"/leads/{wei.pk}/call/", CALL | {"opened_on": word})
    assert answer.status_code == 409
    assert "Jon Test" in answer.content.decode()


@pytest.mark.parametrize("word", ["", "rubbish", "WzFd:1abc:forged"])
def test_a_word_that_we_did_not_write_checks_nothing(sign_in: SignIn, company: Company, word: str) -> None:
    wei = company.lead("Wei")
    close(company, company.lead("Tom"))
    answer = sign_in("ana").post(f"/leads/{wei.pk}/call/", CALL | {"opened_on": word})
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("verb", "form"),
    [
        ("call", CALL),
        ("override", {}),
        ("signal", {"type": "dm_received", "occurred_at": "2026-01-05T10:00"}),
        ("skip", {"reason": "other"}),
        ("snooze", {"when": "tomorrow"}),
    ],
)
def test_every_form_looks_first(sign_in: SignIn, company: Company, verb: str, form: dict[str, str]) -> None:
    client, wei = sign_in("ana"), company.lead("Wei")
    word = seen(client, wei)
    close(company, wei)
    form = form or override_form()
    assert client.post(f"/leads/{wei.pk}/{verb}/", form | {"opened_on": word}).status_code == 409
    assert Activity.objects.count() == Outcome.objects.count() == 1
    assert not Snooze.objects.exists()
