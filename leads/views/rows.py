"""The rows of a ranked list as the page shows them: under their bands, with reasons and addresses."""

from collections.abc import Sequence
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from leads.queue.criteria import Sort
from leads.queue.ranking import Row
from leads.scorer import Reason, scorer

REASONS = 2
# Stands for a lead in addresses: to look each up takes as long as all else that is made of a row.
_ANY = 0


def grouped(rows: Sequence[Row], query: QueryDict, *, sort: Sort = Sort.RANK) -> list[dict[str, Any]]:
    """The rows under their bands, or all in one group where the order is another; with their reasons.

    Bands of several models that stand in one place of the order are one group. `query` is that of the list's
    own address.
    """
    reasons = scorer().reasons([row.lead.pk for row in rows])
    prefix = _chosen_in(query)
    addresses = [reverse(name, args=(_ANY,)) for name in ("leads:lead", "leads:claim")]
    groups: list[dict[str, Any]] = []
    for row in rows:
        band = row.band if sort is Sort.RANK else None
        if not groups or (band and groups[-1]["band"].rank != band.rank):
            groups.append({"band": band, "others": [], "rows": [], "order": _order(sort)})
        if band and band not in (groups[-1]["band"], *groups[-1]["others"]):
            groups[-1]["others"].append(band)
        groups[-1]["rows"].append(_shown(row, prefix, addresses, _why(reasons.get(row.lead.pk, ()))))
    return groups


def _shown(row: Row, prefix: str, addresses: Sequence[str], why: str) -> dict[str, Any]:
    pk = str(row.lead.pk)
    path, claim = (address.replace(f"/{_ANY}/", f"/{pk}/") for address in addresses)
    return {"row": row, "why": why, "path": path, "claim": claim, "here": f"{prefix}{pk}"}


def _chosen_in(query: QueryDict) -> str:
    """The list's address up to the id of the lead that is chosen in it."""
    kept = query.copy()
    for name in ("lead", "verb"):
        kept.pop(name, None)
    return f"?{kept.urlencode()}&lead=" if kept else "?lead="


def _order(sort: Sort) -> str:
    """What a list says of its order, where that isn't the ranking."""
    return {
        Sort.RANK: "",
        Sort.INTENT: _("Newest signal of intent first, among your best 5,000"),
        Sort.WAITING: _("Longest waiting first, among your best 5,000"),
        Sort.CHANGE: _("Greatest change since yesterday first, among your best 5,000"),
    }[sort]


def _why(reasons: Sequence[Reason]) -> str:
    return " · ".join(reason.sentence for reason in reasons[:REASONS])
