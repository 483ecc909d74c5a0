"""What a file's columns probably mean: by the system that made it, else by their names."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace

from leads.attributes import definitions
from leads.imports.plan import Plan, from_json, header_digest
from leads.imports.vendors import USUAL, USUAL_OF_SIGNALS, VENDORS, Vendor
from leads.ingestion.columns import OF_THE_LEAD
from leads.ingestion.identity import EMAIL, EXTERNAL_ID
from leads.ingestion.signal_columns import LEAD, PROPERTY
from leads.ingestion.sources.table import TableFile, tidy
from leads.models import FileKind, SavedMapping

MAX_KEY = 60
_OUTSIDE = re.compile(r"[^a-z0-9]+")


def guessed(kind: FileKind, table: TableFile, plan: Plan) -> Plan:
    """The plan with what is known of each column: as it was said, or as a saved mapping of the same columns
    says, or as their names do.
    """
    names = table.header.names
    if set(plan.targets) >= set(names):
        return plan
    if saved := saved_for(kind, names):
        return replace(
            from_json(saved.plan),
            **{key: getattr(plan, key) for key in ("encoding", "delimiter", "sheet", "header_at")},
            recognised_as=saved.name,
        )
    vendor = vendor_of(names) if kind == FileKind.LEADS else None
    targets = _of_leads(names, vendor) if kind == FileKind.LEADS else _of_signals(names)
    by_email = kind == FileKind.SIGNALS and any(
        target == LEAD and "mail" in name.casefold() for name, target in targets.items()
    )
    return replace(
        plan,
        targets=targets | {name: plan.targets[name] for name in names if name in plan.targets},
        recognised_as=vendor.name if vendor else "",
        lead_key=EMAIL if by_email else EXTERNAL_ID,
    )


def vendor_of(names: Sequence[str]) -> Vendor | None:
    """The system whose export has these columns, if it is one that we know."""
    own = {_plain(name) for name in names}
    return next((vendor for vendor in VENDORS if any(mark <= own for mark in vendor.marks)), None)


def saved_for(kind: FileKind, names: Sequence[str]) -> SavedMapping | None:
    """The last mapping that was saved for just these columns."""
    found = SavedMapping.objects.filter(kind=kind, header=header_digest(names))
    return found.order_by("-made_at", "-pk").first()


def key_for(column: str) -> str:
    """The key of an attribute or property that is made of a column: "Total Visits" gives total_visits."""
    plain = unicodedata.normalize("NFKD", column).encode("ascii", "ignore").decode().lower()
    key = _OUTSIDE.sub("_", plain).strip("_")
    if not key:
        key = hashlib.sha256(column.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return (key if key[0].isalpha() else f"column_{key}")[:MAX_KEY].rstrip("_")


def _of_leads(names: Sequence[str], vendor: Vendor | None) -> dict[str, str]:
    known = {key: key for key in OF_THE_LEAD}
    for key, attribute in definitions().items():
        known |= {key: key, _plain(attribute.label): key}
    told = {**USUAL, **known, **(vendor.targets if vendor else {})}
    return _each_once(names, told)


def _of_signals(names: Sequence[str]) -> dict[str, str]:
    targets = _each_once(names, USUAL_OF_SIGNALS)
    used: set[str] = set()
    for name in names:
        target = PROPERTY + key_for(name)
        if not targets[name] and target not in used:
            targets[name] = target
            used.add(target)
    return targets


def _each_once(names: Sequence[str], told: Mapping[str, str]) -> dict[str, str]:
    """What each column means, where no column before it means the same; empty where that isn't known."""
    targets: dict[str, str] = {}
    used: set[str] = set()
    for name in names:
        target = told.get(_plain(name), "")
        parts = set(target.split(","))
        targets[name] = "" if used & parts else target
        used |= parts if target else set()
    return targets


def _plain(name: str) -> str:
    return tidy(name).casefold()
