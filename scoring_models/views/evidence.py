"""Frozen evidence as the review page shows it: everything comes from its text, but the names of people."""

from collections.abc import Sequence
from typing import Any

from django.utils.dateparse import parse_datetime

from leadscoring.people.roles import Role
from scoring_models import charts
from scoring_models.evidence_pack.packs import Pack
from scoring_models.health.findings import Report
from scoring_models.models import ModelVersion
from scoring_models.views.band_names import BandName, Content
from scoring_models.views.figures import CellShown, Paths, directions
from scoring_models.views.groups import groupings_of
from scoring_models.views.past_outcomes import past_outcomes
from scoring_models.views.queues import queue_context

EVIDENCE_READERS = (Role.MARKETING, Role.MANAGER, Role.ADMIN)


def evidence_context(version: ModelVersion, pack: Pack) -> dict[str, Any]:
    """What the templates of the evidence need."""
    content = pack.content
    about, moves, past = content["about"], content["moves"], content["past"]
    bands, live_bands = about["bands"], about["live_bands"]
    paths = Paths(version, pack)
    return {
        "pack": pack.evidence,
        "about": about,
        "as_of": parse_datetime(about["as_of"]),
        "diff": _changes(content),
        "bands": [BandName(rank, band["name"], bands) for rank, band in reversed(list(enumerate(bands)))],
        "flow": _flow(moves, bands, live_bands) if live_bands and moves["leads"] else None,
        "matrix": _matrix(moves, bands, live_bands, paths),
        "first_bands": _first_bands(moves, bands, paths),
        "leads": moves["leads"],
        "moved": paths.total(moves["cells"], moved="any"),
        "exchanged": moves.get("exchanged", ()),
        "come_in": paths.total(moves["cells"], moved="in"),
        "go_out": paths.total(moves["cells"], moved="out"),
        "groupings": groupings_of(moves, bands, live_bands, paths),
        "queue": queue_context(content, paths),
        "top": _top(moves["cells"], bands, live_bands, paths),
        "past": past | past_outcomes(past, bands, live_bands),
        "missed_path": paths.missed(),
        **_health(content["health"]),
        "golden": content.get("golden"),
    }


def summary(pack: Pack) -> dict[str, Any]:
    """The few figures that stand for all of the evidence."""
    moves = pack.content["moves"]
    return {
        "as_of": pack.evidence.as_of,
        "sha256": pack.evidence.sha256,
        "leads": moves["leads"],
        "moved": sum(cell["leads"] for cell in moves["cells"] if "any" in directions(cell)),
        "auc": pack.content["past"]["other"]["auc"],
    }


def _health(found: dict[str, Any]) -> dict[str, Any]:
    if "refused" in found:
        return {"health_refused": found["refused"]}
    return {"report": Report.from_data(found)}


def _changes(content: Content) -> dict[str, Any] | None:
    """The difference in words; each rule with how many open leads it touches, or touched."""
    found, moves = content["changes"], content["moves"]
    if found is None:
        return None
    touched = {**moves["touched_before"], **moves["touched"]}
    rules = [rule | {"touches": touched.get(rule["key"])} for rule in found["rules"]]
    shown = {**found, "rules": rules}
    return shown if any(isinstance(part, list) and part for part in shown.values()) else None


def _flow(moves: Content, bands: Sequence[Content], live_bands: Sequence[Content]) -> dict[str, Any]:
    cells = [
        (cell["was"], cell["becomes"], cell["leads"])
        for cell in moves["cells"]
        if cell["was"] is not None and cell["becomes"] is not None
    ]
    drawn = charts.flow(cells, len(live_bands), len(bands))
    return {
        "drawn": drawn,
        "left": [
            (node, BandName(node.rank, live_bands[node.rank]["name"], live_bands)) for node in drawn.left
        ],
        "right": [(node, BandName(node.rank, bands[node.rank]["name"], bands)) for node in drawn.right],
        "bands": bands,
    }


def _top(
    cells: Sequence[Content], bands: Sequence[Content], live_bands: Sequence[Content], paths: Paths
) -> dict[str, Any] | None:
    """Who comes to the highest band and who leaves it; None where the versions have another one."""
    if not (live_bands and live_bands[-1]["key"] == bands[-1]["key"]):
        return None
    was, becomes = len(live_bands) - 1, len(bands) - 1
    come = [cell for cell in cells if cell["becomes"] == becomes and cell["was"] != was]
    go = [cell for cell in cells if cell["was"] == was and cell["becomes"] != becomes]
    return {
        "name": bands[-1]["name"],
        "come": paths.total(come, moved="up", becomes=becomes),
        "go": paths.total(go, moved="down", was=was),
    }


def _matrix(
    moves: Content, bands: Sequence[Content], live_bands: Sequence[Content], paths: Paths
) -> list[tuple[BandName, list[CellShown], int]]:
    """A row for each band of the live version, from the top: a cell for each band of the other; the sum."""
    counts = {(cell["was"], cell["becomes"]): cell["leads"] for cell in moves["cells"]}
    rows = []
    for was, live_band in reversed(list(enumerate(live_bands))):
        cells = [
            CellShown(counts.get((was, becomes), 0), paths.moves(was=was, becomes=becomes), was == becomes)
            for becomes in reversed(range(len(bands)))
        ]
        rows.append((BandName(was, live_band["name"], live_bands), cells, sum(cell.leads for cell in cells)))
    return rows


def _first_bands(moves: Content, bands: Sequence[Content], paths: Paths) -> list[tuple[BandName, CellShown]]:
    """The bands that leads get where nothing was live, from the top."""
    return [
        (
            BandName(rank, band["name"], bands),
            CellShown(
                sum(cell["leads"] for cell in moves["cells"] if cell["becomes"] == rank),
                paths.moves(becomes=rank),
                stays=False,
            ),
        )
        for rank, band in reversed(list(enumerate(bands)))
    ]
