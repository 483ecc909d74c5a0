"""The queues of frozen evidence: how long they would be, against what the reps can work in a day."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from leadscoring.people.models import Team
from scoring_models.views.band_names import BandName, Content
from scoring_models.views.figures import CellShown, Paths


def queue_context(content: Content, paths: Paths) -> dict[str, Any]:
    """All teams together, and each, with the leads behind their numbers."""
    queue, groups = content["moves"]["queue"], content["moves"]["groups"]["team"]
    places = {group["value"]: place for place, group in enumerate(groups) if not group["others"]}
    ids = [load["team_id"] for load in queue["teams"] if load["team_id"] is not None]
    teams = {pk: str(team) for pk, team in Team.objects.in_bulk(ids).items()}
    rows = []
    for load in queue["teams"]:
        team_id = load["team_id"]
        place = places.get(None if team_id is None else str(team_id))
        name = _("No team") if team_id is None else teams.get(team_id, _("No longer there"))
        rows.append(_shown(load, paths, {"by": "team", "group": place}) | {"name": name})
    everybody = _shown(queue["everybody"], paths, {})
    return {"everybody": everybody | {"bands": _bands(content, paths)}, "teams": rows}


def _shown(load: Content, paths: Paths, group: Mapping[str, object]) -> dict[str, Any]:
    def cell(queue: str) -> CellShown:
        return CellShown(load[queue], paths.moves(queue=queue, **group), stays=False)

    elsewhere = load.get("elsewhere", 0)  # what was frozen before there were other models doesn't say
    days = (load["then"] + elsewhere) / load["a_day"] if load["a_day"] else None
    return {**load, "elsewhere": elsewhere, "days": days, "then_cell": cell("then"), "new_cell": cell("new")}


def _bands(content: Content, paths: Paths) -> list[dict[str, Any]]:
    """Who is new in each band that sales works, from the top."""
    bands, live_bands = content["about"]["bands"], content["about"]["live_bands"]
    return [
        load
        | {
            "band": BandName(load["rank"], bands[load["rank"]]["name"], bands),
            "path": paths.moves(moved="any", becomes=load["rank"])
            if _is_same(bands, live_bands, load["rank"])
            else "",
        }
        for load in content["moves"]["queue"]["everybody"]["bands"]
    ]


def _is_same(bands: list[Content], live_bands: list[Content], rank: int) -> bool:
    """Whether both versions have that band in that place, so that leads of other ranks are new in it."""
    return rank < len(live_bands) and live_bands[rank]["key"] == bands[rank]["key"]
