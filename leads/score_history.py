"""What a lead's score was, the latest first: each change that was kept with its causes, and overrides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from leads.models import Cause, Lead, Override, ScoreChange
from leads.score_steps import Change, Known
from leads.scorer import Band, Scales, scorer

PAGE_SIZE = 20

CAUSES: dict[Cause, str | Promise] = {
    Cause.FIRST: _("first score"),
    Cause.SIGNAL: _("signal"),
    Cause.RETRACTION: _("signal taken back"),
    Cause.ATTRIBUTE: _("attribute"),
    Cause.ACCOUNT: _("company"),
    Cause.COLLEAGUE: _("colleague"),
    Cause.MERGE: _("merge"),
    Cause.TIME: _("time passed"),
    Cause.VERSION: _("another version"),
    Cause.MODEL: _("another model"),
}
UNSAID = _("scored again")


@dataclass(frozen=True, slots=True)
class Shown:
    """A score as the model had it from `at` on; `points` more than before, and `before` another band's.

    `points` is None where nothing is kept of before, `before` where the band is the same.
    `version` is named where it is another one than before. `changes` are of the lines of the score;
    together with what limits took they add up to the points. `causes` is empty where nobody said why.
    """

    at: datetime
    total: int
    points: int | None
    band: Band
    before: Band | None
    causes: Sequence[Cause]
    version: str
    changes: Sequence[Change]

    @property
    def causes_in_words(self) -> Sequence[str | Promise]:
        return [CAUSES[cause] for cause in self.causes] or [UNSAID]


@dataclass(frozen=True, slots=True)
class Judged:
    """That an override began, or ended: by itself, or by somebody."""

    at: datetime
    override: Override
    has_ended: bool


@dataclass(frozen=True, slots=True)
class History:
    """Some entries. `next` is the moment before which the rest of them lies, None at the end."""

    entries: Sequence[Shown | Judged]
    next: datetime | None


def history(lead: Lead, *, now: datetime, before: datetime | None = None, size: int = PAGE_SIZE) -> History:
    """A page of what a lead's score was, before a moment (None: until now)."""
    until = before or now
    rows = rows_of(lead, until=until, size=size + 1, inclusive=before is None)
    judged = list(_judged(lead, now=now, until=until, inclusive=before is None))
    moments = sorted((*(row.at for row in rows), *(one.at for one in judged)), reverse=True)
    if len(moments) <= size:
        return History(_in_order([*_shown(lead, rows), *judged]), None)
    last = moments[size - 1]
    kept = [row for row in rows if row.at >= last]
    shown = _shown(lead, rows[: len(kept) + 1])[: len(kept)]
    more = any(moment < last for moment in moments)
    return History(_in_order([*shown, *(one for one in judged if one.at >= last)]), last if more else None)


def rows_of(lead: Lead, *, until: datetime, size: int, inclusive: bool) -> list[ScoreChange]:
    """The last so many scores by a moment, the latest first: those that were kept, and the first one."""
    kept = ScoreChange.objects.filter(lead_id=lead.pk)
    by_then = kept.filter(at__lte=until) if inclusive else kept.filter(at__lt=until)
    rows = list(by_then.order_by("-at")[:size])
    if len(rows) < size:
        earliest = rows[-1] if rows else kept.order_by("at").first()
        rows = _beginning_with(rows, _first_of(lead, earliest, until=until))
    return rows


def _beginning_with(rows: Sequence[ScoreChange], first: ScoreChange | None) -> list[ScoreChange]:
    """The rows with the first score before them; what was kept as the first is that one, or a later one."""
    if first is None:
        return list(rows)
    *later, last = rows or [first]
    if not last.cause & Cause.FIRST or last is first:
        return [*rows, first]
    last.cause = Cause(0)
    is_same = (last.version_id, last.total, last.fit) == (first.version_id, first.total, first.fit)
    return [*later, first] if is_same else [*rows, first]


def _first_of(lead: Lead, earliest: ScoreChange | None, *, until: datetime) -> ScoreChange | None:
    """The first score, where a pass over all leads gave it and it isn't kept (decision 0016)."""
    if lead.objected_at is not None or (earliest is not None and earliest.cause == Cause.FIRST):
        return None
    found = scorer().first_score(lead.pk, before=until if earliest is None else min(until, earliest.at))
    if found is None:
        return None
    return ScoreChange(
        lead_id=lead.pk,
        at=found.at,
        version_id=found.version_id,
        total=found.total,
        engagement=found.engagement,
        fit=found.fit,
        band=found.band,
        cause=Cause.FIRST,
    )


def _in_order(entries: Sequence[Shown | Judged]) -> list[Shown | Judged]:
    return sorted(entries, key=lambda one: one.at, reverse=True)


def _shown(lead: Lead, rows: Sequence[ScoreChange]) -> list[Shown]:
    """The rows, each beside the one that follows it here, which was before it."""
    if not rows:
        return []
    scales = scorer().scales()
    moments = [Known(row.version_id, row.at) for row in reversed(rows)]
    # Nothing computes the score of who objects to that: what was kept is all there is to say.
    told = [] if lead.objected_at else scorer().changes(lead.pk, moments)
    changes = [*reversed(told), *([] for _ in range(len(rows) - len(told)))]
    earlier = (*rows[1:], None)
    return [_entry(row, was, lines, scales) for row, was, lines in zip(rows, earlier, changes, strict=True)]


def _entry(row: ScoreChange, was: ScoreChange | None, changes: Sequence[Change], scales: Scales) -> Shown:
    scale = scales.of(row.version_id)
    band = scale.band_at(row.band)
    is_first = bool(row.cause & Cause.FIRST)
    before = None if was is None else scales.of(was.version_id).band_at(was.band)
    return Shown(
        at=row.at,
        total=row.total,
        points=None if was is None else row.total - was.total,
        band=band,
        before=before if before and before.key != band.key else None,
        causes=[Cause.FIRST] if is_first else [cause for cause in CAUSES if row.cause & cause],
        version=scale.label if row.cause & (Cause.VERSION | Cause.MODEL) and not is_first else "",
        changes=changes,
    )


def _judged(lead: Lead, *, now: datetime, until: datetime, inclusive: bool) -> Iterator[Judged]:
    for override in lead.overrides.filter(starts_at__lte=until).select_related("author", "ended_by"):
        ends = [(override.ends_at, True)] if override.starts_at < override.ends_at <= now else []
        for at, has_ended in ((override.starts_at, False), *ends):
            if at < until or (inclusive and at == until):
                yield Judged(at, override, has_ended)
