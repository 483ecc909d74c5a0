"""The pages on which leads are merged and parted."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Activity, Lead, Merge, Score
from leads.privacy import object_to_profiling
from leads.values import set_value
from tests.company import Company, happen, score

SignIn = Callable[[str], Client]


def seen(client: Client, address: str, other: Lead) -> dict[str, str]:
    """What the form of the page carries."""
    html = client.get(f"{address}?with={other.pk}").content.decode()
    return {"with": str(other.pk), "seen": re.findall(r'name="seen" value="([^"]+)"', html)[0]}


def merged(client: Client, address: str, other: Lead, **choices: str) -> Any:
    return client.post(address, seen(client, address, other) | choices)


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
    answer = merged(sign_in("ana"), address, owen, **choices)
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
    merged(sign_in("ana"), address, owen)
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
    merged(sign_in("ana"), address, owen)
    assert sign_in("rita").get(f"/leads/{owen.pk}/").status_code == 404
    sign_in("rita").post(f"/merges/{Merge.objects.get().pk}/undo/")
    assert Merge.objects.get().undone_at is None


def test_undoing_shows_first_what_stays_and_changes_nothing_by_looking(
    sign_in: SignIn, company: Company, address: str
) -> None:
    ana = sign_in("ana")
    merged(ana, address, company.lead("Owen"))
    path, deed = f"/merges/{Merge.objects.get().pk}/undo/", Activity.objects.get(merge__isnull=False)
    for undo in (f"/activities/{deed.pk}/undo/", "/activities/undo/"):  # the message, the log and the key
        assert ana.post(undo).headers["Location"] == path
    html = ana.get(path).content.decode()
    assert "Nothing was done on its page since the merge." in html and "Make them two leads again" in html
    assert Merge.objects.get().undone_at is None


def test_what_changed_since_it_was_seen_is_shown_first_and_choices_are_kept(
    sign_in: SignIn, company: Company, address: str
) -> None:
    ana, wei, owen, now = sign_in("ana"), company.lead("Wei"), company.lead("Owen"), timezone.now()
    form = seen(ana, address, owen) | {"of.job_title": "absorbed", "of.@account": "absorbed"}
    jon = company.person("jon")
    set_value(lead_id=owen.pk, key="job_title", raw="Chief Buyer", actor=jon, at=now)
    set_value(lead_id=wei.pk, key="city", raw="Bonn", actor=jon, at=now)
    set_value(lead_id=owen.pk, key="phone", raw="+49 1", actor=jon, at=now)
    answer = ana.post(address, form)
    html = answer.content.decode()
    assert answer.status_code == 409 and not Merge.objects.exists()
    changes = {one.key: (one.was[1:], one.now[1:]) for one in answer.context["changes"]}
    assert changes == {
        "job_title": (("Director", "Office Manager"), ("Director", "Chief Buyer")),
        "city": (("", ""), ("Bonn", "")),
        "phone": (("", ""), ("", "+49 1")),
    }
    assert html.count('<tr class="changed">') == 3 and "Office Manager" in html
    takes = {line["offer"].key for line in answer.context["lines"] if line["takes"]}
    assert takes == {"job_title", "@account", "phone"}  # as chosen; of what is new, as suggested
    word = re.findall(r'name="seen" value="([^"]+)"', html)[0]
    assert ana.post(address, form | {"seen": word})["Location"] == f"/leads/{wei.pk}/"
    assert Lead.objects.get(pk=wei.pk).attributes["job_title"] == "Chief Buyer"


def test_an_objection_and_a_value_that_is_gone_are_changes(
    sign_in: SignIn, company: Company, address: str
) -> None:
    ana, owen, now = sign_in("ana"), company.lead("Owen"), timezone.now()
    form = seen(ana, address, owen)
    set_value(lead_id=owen.pk, key="job_title", raw="", actor=company.person("jon"), at=now)
    object_to_profiling(lead_id=owen.pk, actor=company.person("jon"), at=now)
    answer = ana.post(address, form)
    assert [one.key for one in answer.context["changes"]] == ["job_title", "@objection"]
    assert "Objection to being scored" in answer.content.decode()


@pytest.mark.parametrize("word", ["", "rubbish", "of others"])
def test_what_was_never_seen_is_shown_and_not_merged(
    sign_in: SignIn, company: Company, address: str, word: str
) -> None:
    ana, owen = sign_in("ana"), company.lead("Owen")
    given = seen(ana, address, company.lead("Tom"))["seen"] if word == "of others" else word
    answer = ana.post(address, {"with": owen.pk, "seen": given})
    assert answer.status_code == 409 and "Nothing was merged yet." in answer.content.decode()
    assert not Merge.objects.exists()


def test_a_signal_that_comes_meanwhile_keeps_nobody_from_merging(
    sign_in: SignIn, company: Company, address: str
) -> None:
    ana, owen = sign_in("ana"), company.lead("Owen")
    form = seen(ana, address, owen)
    happen(owen, "post_comment", at=timezone.now())
    score()
    assert ana.post(address, form).status_code == 302
