"""The pages on which leads are given to other people."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from leads.models import Lead, Reassignment
from tests.company import Company

SignIn = Callable[[str], Client]
PATH = "/team/reassign/"


def text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return " ".join(answer.content.decode().split())


def own(company: Company, name: str, *leads: str) -> None:
    Lead.objects.filter(pk__in=[company.lead(lead).pk for lead in leads]).update(owner=company.person(name))


def test_one_chooses_whose_leads_from_those_who_have_some(sign_in: SignIn, company: Company) -> None:
    own(company, "ana", "Freya", "Tom")
    own(company, "rita", "Otto")
    page = text(sign_in("mara"), PATH)

    assert f"?from={company.person('ana').pk}" in page and '<span class="number">2</span>' in page
    assert "Rita Test" not in page
    assert "Nobody whose leads" in text(sign_in("ines"), PATH)


def test_a_book_is_previewed_given_away_and_taken_back(sign_in: SignIn, company: Company) -> None:
    own(company, "ana", "Freya", "Tom", "Lucia")
    mara, ana, jon = sign_in("mara"), company.person("ana"), company.person("jon")
    assert "3 open leads of <bdi>Ana Test</bdi>" in text(mara, f"{PATH}?from={ana.pk}")
    assert "Choose who gets the leads" in text(mara, f"{PATH}?from={ana.pk}&way=people", status=422)
    preview = text(mara, f"{PATH}?from={ana.pk}&way=people&to={jon.pk}")
    assert "3 leads would change hands" in preview and "Give 3 leads away" in preview
    assert not Reassignment.objects.exists()

    given = {"from": ana.pk, "way": "people", "to": [jon.pk], "expected": 3}
    done = mara.post(PATH, given, follow=True).content.decode()
    assert "3 leads have new owners" in done and "Undo all of it" in done
    assert Lead.objects.filter(owner=jon).count() == 3
    act = Reassignment.objects.get()
    undone = mara.post(f"{PATH}{act.pk}/undo/", follow=True).content.decode()
    assert "Undone: 3 leads are back." in undone and "Undo all of it" not in undone
    assert Lead.objects.filter(owner=ana).count() == 3


def test_a_number_that_changed_meanwhile_sends_one_back_to_look(sign_in: SignIn, company: Company) -> None:
    own(company, "ana", "Freya")
    ana, jon = company.person("ana").pk, company.person("jon").pk
    given = {"from": ana, "way": "people", "to": [jon], "expected": 2, "next": f"{PATH}?from={ana}"}
    page = sign_in("mara").post(PATH, given, follow=True).content.decode()

    assert "It is 1 leads by now" in page
    assert not Reassignment.objects.exists()


def test_selected_leads_and_those_that_are_not_ours(sign_in: SignIn, company: Company) -> None:
    freya, otto, jon = company.lead("Freya").pk, company.lead("Otto").pk, company.person("jon").pk
    mara = sign_in("mara")

    assert "1 lead would change hands" in text(mara, f"{PATH}?lead={freya}&lead={otto}&way=people&to={jon}")
    assert "Nothing to give away" in text(mara, f"{PATH}?lead={otto}")
    assert "There is nothing here" in text(mara, f"{PATH}?from=999999", status=404)
    rita = company.person("rita").pk
    assert "is not one of the available choices" in text(
        mara, f"{PATH}?lead={freya}&way=people&to={rita}", status=422
    )


def test_a_manager_gives_a_lead_away_from_its_page_and_a_rep_does_not(
    sign_in: SignIn, company: Company
) -> None:
    page, link = f"/leads/{company.lead('Freya').pk}/", f"{PATH}?lead={company.lead('Freya').pk}"

    assert link in text(sign_in("mara"), page)
    assert link not in text(sign_in("ana"), page)


def test_deactivating_somebody_who_owns_leads_says_so_and_leads_on(sign_in: SignIn, company: Company) -> None:
    own(company, "ana", "Freya", "Tom")
    ines, ana = sign_in("ines"), company.person("ana")
    path = reverse("admin:people_user_change", args=(ana.pk,))
    assert "Owns 2 open leads." in text(ines, path)
    given = {"email": ana.email, "name": ana.name, "roles": ["Rep"], "teams": [ana.team_ids[0]]}
    page = " ".join(ines.post(path, given, follow=True).content.decode().split())

    assert "still owns 2 open leads, which nobody works" in page
    assert f"{PATH}?from={ana.pk}" in page
    assert "has left" in text(ines, PATH)
    jon = company.person("jon")
    away = {"from": ana.pk, "way": "people", "to": [jon.pk], "expected": 2}
    assert "2 leads have new owners" in ines.post(PATH, away, follow=True).content.decode()
    assert "open lead" not in text(ines, path)


def test_an_admin_does_not_touch_the_book_of_who_works_here(sign_in: SignIn, company: Company) -> None:
    own(company, "ana", "Freya")
    page = text(sign_in("ines"), f"{PATH}?from={company.person('ana').pk}", status=400)
    assert "Admins give away the leads of people who have left" in page


def test_what_one_act_did_is_shown_to_who_manages_it(sign_in: SignIn, company: Company) -> None:
    jon = company.person("jon")
    given = {"lead": [company.lead("Freya").pk], "way": "people", "to": [jon.pk], "expected": 1}
    sign_in("mara").post(PATH, given)
    act = Reassignment.objects.get()

    assert "Jon Test" in text(sign_in("ines"), f"{PATH}{act.pk}/")
    company.person("mara").memberships.all().delete()
    Reassignment.objects.update(actor=company.person("ines"))
    assert "There is nothing here" in text(sign_in("mara"), f"{PATH}{act.pk}/", status=404)
