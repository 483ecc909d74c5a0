"""The parts of the evidence, in the order in which they are computed, as what JSON can hold."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any

from leads.spelling import spellings
from leadscoring.errors import DomainError
from scoring_models import golden
from scoring_models.diff import TextChange, diff
from scoring_models.evidence_pack.backtest import backtest
from scoring_models.evidence_pack.impact import exchanges, impact, in_queues
from scoring_models.evidence_pack.queue_load import queue_load
from scoring_models.health.report import report
from scoring_models.spec import Audience, Audiences, BandSpec, Spec
from scoring_models.vocabulary import current_vocabulary

DIGITS = 6  # of a share or an AUC


@dataclass(frozen=True, slots=True)
class Subject:
    """What the evidence is about: a version, the live one that it is compared with, and the moment.

    `before` and `after` are the names and live specs of the models asked before its model and after it.
    """

    spec: Spec
    live: Spec | None
    number: int
    live_number: int | None
    as_of: datetime
    model: str = ""
    before: tuple[tuple[str, Spec], ...] = ()
    after: tuple[tuple[str, Spec], ...] = ()

    @property
    def earlier(self) -> Audiences:
        return tuple(other.whom for _model, other in self.before)

    @property
    def others(self) -> list[tuple[Spec, Audiences]]:
        """The specs of the other models, each with the audiences that are asked before its own once this
        version is live."""
        asked = [whom for _model, whom in self.models(self.spec)]
        places = [*range(len(self.before)), *range(len(self.before) + 1, len(asked))]
        beside = [other for _model, other in (*self.before, *self.after)]
        return [(other, tuple(asked[:place])) for other, place in zip(beside, places, strict=True)]

    def models(self, spec: Spec | None) -> list[tuple[str, Audience]]:
        """All models in their order, this one with `spec`."""
        listed = [*self.before, *([(self.model, spec)] if spec else []), *self.after]
        return [(model, each.whom) for model, each in listed]


Part = Callable[[Subject, Mapping[str, Any]], Any]


def about(subject: Subject, _done: Mapping[str, Any]) -> Any:
    """Which versions are compared, when, and their bands."""
    return as_json(
        {
            "number": subject.number,
            "live_number": subject.live_number,
            "as_of": subject.as_of,
            "bands": [_band(band) for band in subject.spec.bands],
            "live_bands": [_band(band) for band in subject.live.bands] if subject.live else [],
            "rules": len(subject.spec.enabled_rules),
        }
    )


def changes(subject: Subject, _done: Mapping[str, Any]) -> Any:
    """The difference in words; None without a live version."""
    if subject.live is None:
        return None
    found = diff(subject.live, subject.spec, current_vocabulary())
    return as_json({each.name: _worded(getattr(found, each.name)) for each in fields(found)})


def moves(subject: Subject, _done: Mapping[str, Any]) -> Any:
    """Where leads move, and what that means for the queues."""
    found = impact(subject.live, subject.spec, as_of=subject.as_of, earlier=subject.earlier)
    exchanged = exchanges(subject.models(subject.live), subject.models(subject.spec), as_of=subject.as_of)
    spelt = {
        dimension: spellings(dimension, [group.value for group in groups if group.value is not None])
        for dimension, groups in found.groups.items()
    }
    elsewhere = in_queues(subject.others, as_of=subject.as_of)
    queue = queue_load(subject.live, subject.spec, found, elsewhere)
    return as_json(
        asdict(found)
        | {"leads": found.leads, "queue": asdict(queue), "spellings": spelt, "exchanged": exchanged}
    )


def past(subject: Subject, done: Mapping[str, Any]) -> Any:
    """Both versions on past outcomes."""
    a_day = done["moves"]["queue"]["everybody"]["a_day"]
    found = backtest(subject.live, subject.spec, until=subject.as_of, a_day=a_day, earlier=subject.earlier)
    return as_json(asdict(found))


def health(subject: Subject, _done: Mapping[str, Any]) -> Any:
    """What is worth a look in the rules; `refused` says why that can't be told."""
    try:
        return as_json(report(subject.spec, at=subject.as_of, earlier=subject.earlier).as_data())
    except DomainError as refusal:
        return {"refused": refusal.sentence}


def golden_leads(subject: Subject, _done: Mapping[str, Any]) -> Any:
    """How the golden leads come out; `refused` says why that can't be told."""
    try:
        return as_json({"checks": golden.checked(subject.spec, as_of=subject.as_of)})
    except DomainError as refusal:
        return {"refused": refusal.sentence}


PARTS: Mapping[str, Part] = {
    "about": about,
    "changes": changes,
    "moves": moves,
    "past": past,
    "health": health,
    "golden": golden_leads,
}


def as_json(value: Any) -> Any:
    """The value in what JSON has: moments as ISO 8601, shares rounded, tuples as lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return as_json(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): as_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float):
        return round(value, DIGITS)
    return str(value) if isinstance(value, str) else value


def _worded(changes: Any) -> Any:
    """What changed in one respect; a text says whether it came, went or changed by how it is asked."""
    if not isinstance(changes, tuple):
        return changes
    return [
        asdict(each) | {"change": each.change} if isinstance(each, TextChange) else asdict(each)
        for each in changes
    ]


def _band(band: BandSpec) -> dict[str, Any]:
    return {"key": band.key, "name": band.name, "worked_by": band.worked_by, "lower_edge": band.lower_edge}
