"""Working as a team by programs: handoffs, response times, reviews, notices, saved views, the day."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from leads.models import Lead, Notice, SavedView
from tests import company as companies
from tests.api.conftest import Program
from tests.company import Company

Make = Callable[..., Program]


def test_a_lead_is_accepted_returned_and_handed_over_and_the_rates_say_so(
    program: Make, company: Company
) -> None:
    ana, sam, freya = program("ana"), program("sam"), company.lead("Freya")
    path = f"/leads/{freya.pk}/"
    assert ana.post(f"{path}accept/", {}).code == "handoff.not_yours"
    Lead.objects.filter(pk=freya.pk).update(owner=company.person("ana"))
    assert ana.post(f"{path}accept/", {"note": "Nice."}).body["verb"] == "accepted"
    assert (twice := ana.post(f"{path}accept/", {})).status == 409 and twice.code == "handoff.not_waiting"
    assert ana.post(f"{path}return/", {}).places == ["/reason"]
    assert ana.post(f"{path}return/", {"reason": "too_early"}).body["verb"] == "returned"
    assert sam.post(f"{path}hand-over/").body["verb"] == "handed_over"
    assert sam.post(f"{path}hand-over/").code == "handoff.not_returned"
    rates = sam.get("/handoffs/rates/").body["by_band"]
    assert [(rate["value"], rate["decided"], rate["accepted"]) for rate in rates] == [("hot", 2, 1)]
    assert 0 < rates[0]["interval"]["low"] < rates[0]["share"] < rates[0]["interval"]["high"] < 1
    assert [one["accepted"] for one in sam.get("/handoffs/?band=hot").body["results"]] == [False, True]
    assert sam.get("/handoffs/?band=mql").body["results"] == []
    company.person("rita").groups.add(*company.person("mara").groups.all())
    assert program("rita").get("/handoffs/").body["results"] == []


def test_a_team_sets_its_own_response_times_as_it_has_seen_them(program: Make, company: Company) -> None:
    mara, team = program("mara"), company.person("mara").team_ids[0]
    path = f"/teams/{team}/response-times/"
    seen = mara.get(path)
    assert {band["band"]: band["of_team"] for band in seen.body["bands"]} == dict.fromkeys(
        ("hot", "sql", "mql")
    )
    changed = mara.patch(path, {"hours": {"hot": 1}}, if_match=seen.headers["ETag"])
    assert {band["band"]: band["of_team"] for band in changed.body["bands"]}["hot"] == 1
    assert mara.patch(path, {"hours": {"hot": 2}}, if_match=seen.headers["ETag"]).status == 412
    assert mara.patch(path, {"hours": {"hot": 0}}, if_match="*").places == ["/hours/hot"]
    assert mara.patch(path, {"hours": {"nurture": 1}}, if_match="*").code == "response.band"
    others = f"/teams/{company.person('rita').team_ids[0]}/response-times/"
    assert mara.get(others).code == "team.not_found"
    assert mara.patch(others, {"hours": {"hot": 1}}, if_match="*").code == "team.not_found"


def test_the_clocks_of_a_lead_say_how_much_time_is_left(program: Make, company: Company) -> None:
    ana = program("ana")
    in_time = ana.get(f"/leads/{company.lead('Wei').pk}/clocks/").body
    assert 0 < in_time["signal"]["left_seconds"] < 72 * 3_600 and not in_time["signal"]["is_late"]
    assert (in_time["assigned"], in_time["last_touch"]) == (None, None)
    path = f"/leads/{company.lead('Owen').pk}/"
    assert ana.get(f"{path}clocks/").body["signal"] is None
    ana.post(f"{path}outcomes/", {"result": "no_answer"})
    assert ana.get(f"{path}clocks/").body["last_touch"]["by"]["name"] == "Ana Test"


def test_large_overrides_wait_for_a_manager_of_the_team(program: Make, company: Company) -> None:
    body = {"lead": company.lead("Owen").pk, "kind": "band", "band": "hot", "reason": "met"}
    made = program("ana").post("/overrides/", body).body["id"]
    mara = program("mara")
    assert [one["id"] for one in mara.get("/overrides/large/").body["results"]] == [made]
    assert mara.post(f"/overrides/{made}/review/", {"verdict": "keep"}).status == 200
    assert mara.get("/overrides/large/?state=waiting").body["results"] == []
    assert [one["id"] for one in mara.get("/overrides/large/?state=reviewed").body["results"]] == [made]
    assert mara.get("/overrides/large/?state=all").places == ["state"]


def test_what_one_was_told_is_ones_own_and_is_chosen(program: Make, company: Company) -> None:
    for name in ("ana", "jon"):
        Notice.objects.create(
            person=company.person(name),
            kind="reached",
            subject="lead:1",
            occasion="1",
            lead=company.lead("Freya"),
            link="/leads/1/",
            data={"band": "Hot"},
            in_app=True,
            at=timezone.now(),
        )
    ana = program("ana")
    [told] = ana.get("/notices/").body["results"]
    assert (told["sentence"], told["read_at"]) == ("Freya Vogel has reached Hot.", None)
    assert ana.post("/notices/read/", {"up_to": told["id"] + 5}).body == {"unread": 0}
    assert Notice.objects.filter(read_at=None).get().person == company.person("jon")
    seen = ana.get("/notices/settings/")
    wanted = {"wanted": [{"kind": "overdue", "channels": ["app"]}]}
    assert ana.ask("PUT", "/notices/settings/", wanted).status == 428
    chosen = ana.ask("PUT", "/notices/settings/", wanted, if_match=seen.headers["ETag"]).body["wanted"]
    assert [one["kind"] for one in chosen if one["channels"]] == ["overdue"]
    assert ana.ask("PUT", "/notices/settings/", wanted, if_match=seen.headers["ETag"]).status == 412


def test_a_list_is_kept_under_a_name_shared_and_changed_by_its_owner(program: Make, company: Company) -> None:
    ana, jon, team = program("ana"), program("jon"), company.person("ana").team_ids[0]
    body = {"name": "Mine", "filters": {"band": "hot,sql", "owner": "me"}}
    made = ana.post("/views/", body)
    assert (made.status, made.body["query"]) == (201, "band=hot&band=sql&owner=me")
    path, tag = f"/views/{made.body['id']}/", made.headers["ETag"]
    assert jon.get(path).code == "view.not_found"
    assert (twice := ana.post("/views/", body)).status == 409 and twice.code == "view.taken"
    assert ana.post("/views/", body | {"filters": {"owner": "nobody"}}).places == ["/filters/owner"]
    assert ana.post("/views/", body | {"filters": {}}).code in ("view.empty", "view.taken")
    assert ana.patch(path, {"team": team}).status == 428
    shared = ana.patch(path, {"team": team}, if_match=tag)
    assert shared.body["team"]["id"] == team and shared.body["name"] == "Mine"
    assert ana.patch(path, {"name": "Ours"}, if_match=tag).status == 412
    assert [view["name"] for view in jon.get("/views/").body["results"]] == ["Mine"]
    assert jon.patch(path, {"name": "His"}, if_match=shared.headers["ETag"]).code == "view.not_yours"
    assert jon.delete(path).code == "view.not_yours"
    other = ana.patch(path, {"filters": {"sort": "intent"}}, if_match=shared.headers["ETag"])
    assert other.body["query"] == "sort=intent"
    assert ana.delete(path).status == 204 and not SavedView.objects.exists()


def test_the_day_is_that_of_the_page(program: Make, company: Company) -> None:
    ana = program("ana")
    keys = {section["key"]: section["count"] for section in ana.get("/today/").body["sections"]}
    assert keys.get("overdue") or keys.get("hot"), keys
    assert ana.get("/second-looks/").body == {"results": []}
    assert ana.get("/queue/?only=overdue").status == 200
    until = (timezone.now() + timedelta(hours=2)).isoformat()
    ana.post(f"/leads/{company.lead('Wei').pk}/snooze/", {"until": until})
    assert ana.get("/queue/?only=snoozed").body["results"][0]["name"] == "Wei Zhang"


def test_a_manager_reads_the_figures_of_their_teams(program: Make, company: Company) -> None:
    mara, ana = program("mara"), company.person("ana")
    for name in ("Freya", "Tom"):
        assert program("ana").post(f"/leads/{company.lead(name).pk}/claim/").status == 200
    Lead.objects.filter(first_name__in=("freya", "tom")).update(owner=ana)
    companies.score()
    figures = mara.get("/teams/figures/").body
    by_owner = {(one["owner"] or {}).get("id"): one["open"] for one in figures["open"]}
    assert sum(sum(one.values()) for one in by_owner.values()) == 4, "Otto is another team's"
    assert [one["team"]["name"] for one in figures["load"]] == ["Europe"]
    assert figures["load"][0]["reps"] == 2 and figures["chance"] is None
    assert {one["band"] for one in figures["answers"]} >= set(next(iter(by_owner.values())))
    for stranger in ("ana", "sam", "ines"):
        assert program(stranger).get("/teams/figures/").code == "role.missing"


def test_a_segment_is_kept_shared_changed_and_listed(program: Make, company: Company) -> None:
    sam, nora = program("sam"), program("nora")
    asks = {"source": "Webinar", "conditions": ["attribute:job_title:is:Office Manager"]}
    assert sam.post("/segments/", {"name": "Office", "asks": {}}).code == "segment.empty"
    for wrong in ("attribute:no_such:is:x", "attribute:country:like:x", "signal", "\ud800"):
        refused = sam.post("/segments/", {"name": "Office", "asks": {"conditions": [wrong]}})
        assert refused.status in (400, 422), wrong
    made = sam.post("/segments/", {"name": "Office", "asks": {"conditions": asks["conditions"]}})
    path, tag = f"/segments/{made.body['id']}/", made.headers["ETag"]
    assert (made.status, made.body["leads"]) == (201, 1)
    assert sam.post("/segments/", {"name": "Office", "asks": asks}).status == 409
    assert nora.get(path).code == "segment.not_found" and nora.get("/segments/").body["results"] == []
    assert sam.patch(path, {"shared": True}).status == 428
    shared = sam.patch(path, {"shared": True, "asks": asks}, if_match=tag)
    assert (shared.status, shared.body["leads"], shared.body["shared"]) == (200, 0, True)
    assert sam.patch(path, {"shared": False}, if_match=tag).status == 412
    assert nora.get("/nurture/?segment=" + str(made.body["id"])).body["results"] == []
    assert nora.patch(path, {"name": "Mine"}, if_match=shared.headers["ETag"]).code == "segment.not_yours"
    back = sam.patch(path, {"asks": {"conditions": asks["conditions"]}}, if_match=shared.headers["ETag"])
    listed = nora.get(f"/nurture/?segment={back.body['id']}").body["results"]
    assert [row["name"] for row in listed] == ["Owen Hughes"]
    assert program("ana").get(path).code == "role.missing"
    assert (nora.delete(path).status, sam.delete(path).status, sam.get(path).status) == (403, 204, 404)
