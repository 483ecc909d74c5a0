"""What somebody saw of two leads before they make them one.

A form carries it, signed. Under the lock of both leads it is compared with what they say then, and nothing is
merged on what nobody saw.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core import signing
from django.utils.translation import gettext as _

from leads.merging.offer import Offer
from leads.merging.pair import Pair
from leads.models import Lead
from leadscoring.errors import DomainError

SALT = "leads.merging.seen"
EXTERNAL_ID, OBJECTION = "@external_id", "@objection"


class Line(NamedTuple):
    """What each lead says of one thing, "" for nothing."""

    label: str
    kept: str
    absorbed: str


Seen = Mapping[str, Line]


@dataclass(frozen=True, slots=True)
class Changed:
    """A line that isn't as it was shown: what each lead said, and says."""

    key: str
    was: Line
    now: Line


class Moved(DomainError):
    """Somebody changed one of the leads since they were looked at; `changes` says what."""

    def __init__(self, changes: list[Changed]) -> None:
        super().__init__("merge.moved", _("The leads have changed since you looked. Nothing was merged."))
        self.changes = changes


def seen_of(pair: Pair, offers: Iterable[Offer]) -> Seen:
    """All that a page shows of two leads beside their scores, which move by themselves."""
    lines = {one.key: Line(one.label, one.kept, one.absorbed) for one in offers}
    ids = (str(lead.external_id or "") for lead in (pair.kept, pair.absorbed))
    lines[EXTERNAL_ID] = Line(_("External id"), *ids)
    lines[OBJECTION] = Line(_("Objection to being scored"), _objects(pair.kept), _objects(pair.absorbed))
    return lines


def sealed(pair: Pair, seen: Seen) -> str:
    """The same as a form carries it."""
    return signing.dumps([pair.kept.pk, pair.absorbed.pk, seen], salt=SALT, compress=True)


def unsealed(word: str, *, kept_id: int, absorbed_id: int) -> Seen | None:
    """What a form was opened on; None where it says nothing of these two that we wrote."""
    try:
        kept, absorbed, lines = signing.loads(word, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    return _lines(lines) if (kept, absorbed) == (kept_id, absorbed_id) else None


def check_unmoved(seen: Seen, now: Seen) -> None:
    """Raises `Moved` where a line isn't as it was seen, came or went. Call it with both leads locked."""
    changes = []
    for key in dict.fromkeys((*now, *seen)):
        known = seen.get(key) or now[key]
        nothing = Line(known.label, "", "")
        was, is_now = seen.get(key, nothing), now.get(key, nothing)
        if was[1:] != is_now[1:]:
            changes.append(Changed(key, was, is_now))
    if changes:
        raise Moved(changes)


def _lines(given: Mapping[str, Any]) -> Seen:
    return {key: Line(*line) for key, line in given.items()}


def _objects(lead: Lead) -> str:
    return _("yes") if lead.objected_at is not None else ""
