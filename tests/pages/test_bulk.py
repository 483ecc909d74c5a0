"""Changing many leads at once, as pages ask and answer."""

import re
from collections.abc import Callable

from django.test import Client

from leads.models import BulkJob, Lead
from tests.company import Company
from tests.pages.test_queue import names

SignIn = Callable[[str], Client]


def test_chosen_leads_are_snoozed_after_the_number_was_said_and_taken_back(
    sign_in: SignIn, company: Company
) -> None:
    ana = sign_in("ana")
    ids = [company.lead(name).pk for name in ("Tom", "Wei", "Otto")]  # Otto is another team's
    asked = ana.post("/queue/bulk/?band=sql", {"do": "snooze", "lead": ids}).content.decode()
    assert "<h1>Snooze 2 leads</h1>" in asked
    assert "Otto" not in asked and not BulkJob.objects.exists()

    form = {"when": "tomorrow", "lead": ids[:2], "expected": "2"}
    done = ana.post("/queue/bulk/snooze/?band=sql", form, follow=True).content.decode()

    assert "Done: 2 of 2 leads changed." in done
    assert names(ana.get("/queue/?only=now").content.decode()) == ["Freya", "Lucia"]
    asked = ana.post("/activities/undo/", follow=True).content.decode()  # as the key does
    assert "You did this to many leads at once" in asked and "Undo all of it" in asked
    assert names(ana.get("/queue/?only=now").content.decode()) == ["Freya", "Lucia"]
    undone = ana.post(f"/bulk/{BulkJob.objects.get().pk}/undo/", follow=True).content.decode()
    assert "Done: 2 of 2 leads changed." in undone
    assert len(names(ana.get("/queue/?only=now").content.decode())) == 4


def test_all_of_a_list_is_counted_again_before_it_is_changed(sign_in: SignIn, company: Company) -> None:
    ana = sign_in("ana")
    asked = ana.post("/queue/bulk/", {"do": "snooze", "all": "1"}).content.decode()
    assert "Snooze 4 leads" in asked
    Lead.objects.filter(pk=company.lead("Tom").pk).update(is_open=False)

    form = {"when": "tomorrow", "all": "1", "expected": "4"}
    answer = ana.post("/queue/bulk/snooze/", form)

    assert answer.status_code == 422
    assert "The list has changed meanwhile" in answer.content.decode()
    assert 'name="expected" value="3"' in answer.content.decode()
    assert not BulkJob.objects.exists()


def test_a_manager_assigns_leads_and_a_rep_is_not_offered_to(sign_in: SignIn, company: Company) -> None:
    assert 'value="assign"' not in sign_in("ana").get("/queue/").content.decode()
    assert 'value="assign"' in sign_in("mara").get("/queue/").content.decode()
    tom, jon = company.lead("Tom"), company.person("jon")
    form = {"lead": [tom.pk], "expected": "1", "to": jon.pk}

    done = sign_in("mara").post("/queue/bulk/assign/", form, follow=True).content.decode()

    assert "Done: 1 of 1" in done
    assert Lead.objects.get(pk=tom.pk).owner == jon


def test_chosen_leads_are_exported(sign_in: SignIn, company: Company) -> None:
    answer = sign_in("ana").post("/queue/bulk/export/", {"lead": [company.lead("Tom").pk]})
    text = answer.getvalue().decode()

    assert answer["Content-Disposition"].startswith("attachment")
    assert re.search(r"Tom,Okafor,Head of Operations", text) and "Freya" not in text


def test_nothing_chosen_is_said_in_words(sign_in: SignIn) -> None:
    answer = sign_in("ana").post("/queue/bulk/", {"do": "snooze", "next": "/queue/?only=now"}, follow=True)
    assert "Choose at least one lead" in answer.content.decode()
