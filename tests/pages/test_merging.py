"""The pages on which leads are merged and parted."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Activity, Lead, Merge, Score
from tests.company import Company, happen, score

SignIn = Callable[[str], Client]


@pytest.fixture
def address(company: Company) -> str:
    return f"/leads/{company.lead('Wei').pk}/merge/"


def test_the_page_shows_both_and_the_score_that_the_merge_then_brings(
    sign_in: SignIn, company: Company, address: str
) -> None:
    wei, owen = company.lead("Wei"), company.lead("Owen")
    happen(owen, "post_comment", at=timezone.now())
    score()
    choices = {"with": str(owen.pk), "of.job_title": "absorbed", "of.@account": "kept"}
    page = sign_in("ana").get(address, choices | {"chosen": "1"})
    promised = page.context["preview"]
    assert promised.comes.signals == 1
    lines = {line.key: (line.kept, line.absorbed, line.suggested) for line in promised.lines}
    assert lines["job_title"] == ("Director", "Office Manager", False)
    assert lines["@account"] == ("Hanshi", "Pentre", False)
    answer = sign_in("ana").post(address, choices)
    assert answer["Location"] == f"/leads/{wei.pk}/"
    score()
    assert Score.objects.get(lead=wei).total == promised.score.total == 40
    assert Lead.objects.get(pk=wei.pk).attributes["job_title"] == "Office Manager"


def test_another_choice_shows_another_score_at_once(sign_in: SignIn, company: Company, address: str) -> None:
    owen = company.lead("Owen")
    fragment = {"HX-Request": "true"}
    totals = [
        sign_in("ana")
        .get(f"{address}?with={owen.pk}&chosen=1&of.job_title={of}", headers=fragment)
        .context["preview"]
        .score.total
        for of in ("kept", "absorbed")
    ]
    assert totals == [35, 20]
    assert not Merge.objects.exists()


def test_the_absorbed_leads_page_leads_to_the_kept_one_and_undoing_brings_it_back(
    sign_in: SignIn, company: Company, address: str
) -> None:
    owen = company.lead("Owen")
    sign_in("ana").post(address, {"with": owen.pk})
    page = sign_in("ana").get(f"/leads/{owen.pk}/", follow=True)
    assert page.redirect_chain == [(address.removesuffix("merge/"), 302)]
    assert "one person" in page.content.decode()
    assert "Owen Hughes" in page.content.decode()
    sign_in("ana").post(f"/merges/{Merge.objects.get().pk}/undo/")
    assert sign_in("ana").get(f"/leads/{owen.pk}/").status_code == 200


def test_the_other_lead_is_found_by_name(sign_in: SignIn, company: Company, address: str) -> None:
    page = sign_in("ana").get(f"{address}?q=Owen").content.decode()
    assert f"?with={company.lead('Owen').pk}" in page
    assert "Nobody else is found" in sign_in("ana").get(f"{address}?q=Zzz").content.decode()


def test_who_may_not_work_both_is_told_so(sign_in: SignIn, company: Company, address: str) -> None:
    owen, otto = company.lead("Owen"), company.lead("Otto")
    Lead.objects.filter(pk=owen.pk).update(owner=company.person("jon"))
    assert sign_in("ana").get(f"{address}?with={owen.pk}").status_code == 400
    assert sign_in("ana").get(f"{address}?with={otto.pk}").status_code == 404
    assert sign_in("sam").get(f"{address}?with={owen.pk}").status_code == 403
    sign_in("ana").post(address, {"with": owen.pk})
    assert not Merge.objects.exists()
    assert sign_in("mara").get(f"{address}?with={owen.pk}").status_code == 200


def test_nobody_of_another_team_is_led_to_a_kept_lead(
    sign_in: SignIn, company: Company, address: str
) -> None:
    owen = company.lead("Owen")
    sign_in("ana").post(address, {"with": owen.pk})
    assert sign_in("rita").get(f"/leads/{owen.pk}/").status_code == 404
    sign_in("rita").post(f"/merges/{Merge.objects.get().pk}/undo/")
    assert Merge.objects.get().undone_at is None


def test_undoing_shows_first_what_stays_and_changes_nothing_by_looking(
    sign_in: SignIn, company: Company, address: str
) -> None:
    ana = sign_in("ana")
    ana.post(address, {"with": company.lead("Owen").pk})
    path, deed = f"/merges/{Merge.objects.get().pk}/undo/", Activity.objects.get(merge__isnull=False)
    for undo in (f"/activities/{deed.pk}/undo/", "/activities/undo/"):  # the message, the log and the key
        assert ana.post(undo).headers["Location"] == path
    html = ana.get(path).content.decode()
    assert "Nothing was done on its page since the merge." in html and "Make them two leads again" in html
    assert Merge.objects.get().undone_at is None
