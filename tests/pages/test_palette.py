"""The palette's answers and the registry of keys."""

import re
from collections.abc import Callable

from django.test import Client

from leads.queue import saved_views
from leads.shortcuts import DONE_BY_SCRIPT, SHORTCUTS
from leadscoring.audit.models import AuditEntry
from tests.company import Company

SignIn = Callable[[str], Client]


def offered(client: Client, typed: str) -> list[str]:
    html = client.get("/palette/", {"q": typed}).content.decode()
    return re.findall(r'role="option" id="palette-([a-z]+)', html)


def test_leads_are_found_by_the_beginning_of_a_name_a_company_or_an_address(
    sign_in: SignIn, company: Company
) -> None:
    ana = sign_in("ana")
    for typed in ("frey", "VOG", "freya br", "bran", "freya@brandt", "lead-freya"):
        html = ana.get("/palette/", {"q": typed}).content.decode()
        assert f'href="/leads/{company.lead("Freya").pk}/"' in html, typed
        assert "Hot" in html


def test_only_ones_own_leads_and_views_are_offered(sign_in: SignIn, company: Company) -> None:
    at = company.lead("Tom").created_at
    saved_views.save(name="Otto's", query="band=hot", actor=company.person("rita"), at=at)

    assert offered(sign_in("rita"), "otto") == ["view", "lead", "all"]
    assert offered(sign_in("ana"), "otto") == ["all"]


def test_what_nobody_can_be_called_finds_nobody(sign_in: SignIn) -> None:
    for typed in ("zzz", "%", "_", "\0", "a" * 500):
        assert "lead" not in offered(sign_in("ana"), typed)
    assert offered(sign_in("ana"), "") == []


def test_keys_are_switched_off_for_the_person_on_every_machine(sign_in: SignIn, company: Company) -> None:
    sign_in("ana").post("/shortcuts/", {})

    assert 'data-keys="off"' in sign_in("ana").get("/models/").content.decode()
    assert 'data-keys="off"' not in sign_in("jon").get("/models/").content.decode()
    assert AuditEntry.objects.filter(action="user.shortcuts_off", actor=company.person("ana")).count() == 1
    sign_in("ana").post("/shortcuts/", {"on": "on"})
    assert 'data-keys="off"' not in sign_in("ana").get("/models/").content.decode()


def test_no_key_and_no_command_is_there_twice() -> None:
    keys, commands = [shortcut.key for shortcut in SHORTCUTS], [shortcut.command for shortcut in SHORTCUTS]

    assert len(set(keys)) == len(keys)
    assert len(set(commands)) == len(commands)


def test_every_key_presses_something_that_the_pages_have(sign_in: SignIn, company: Company) -> None:
    ana = sign_in("ana")
    freya = company.lead("Freya").pk
    html = ana.get(f"/queue/?lead={freya}").content.decode()
    ana.post(f"/leads/{freya}/claim/")
    html += ana.get(f"/queue/?lead={freya}").content.decode()
    html += ana.get("/queue/news/", {"seen": "1:1"}).content.decode()
    there = set(re.findall(r'data-command="(\w+)"', html))

    assert {shortcut.command for shortcut in SHORTCUTS} - DONE_BY_SCRIPT <= there


def test_the_sheet_lists_every_key(sign_in: SignIn) -> None:
    html = sign_in("sam").get("/models/").content.decode()
    assert re.findall(r'data-key="([^"]+)"', html) == [shortcut.key for shortcut in SHORTCUTS]


def test_the_sheet_of_keys_carries_nobodys_token(sign_in: SignIn) -> None:
    html = sign_in("ana").get("/models/").content.decode()
    sheet = html.partition('id="shortcuts"')[2].partition("</dialog>")[0]
    assert 'data-runs="help"' in sheet and "csrf" not in sheet
