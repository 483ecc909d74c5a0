"""A lead's score at two moments, and how one became the other (docs/scoring.md §4).

What the score rests on is replaced piece by piece, in one order: version, merges and account, attributes,
signals learned or retracted, time, override. The lines of each score in between add up to its total, so the
changes of the lines add up to the difference, exactly.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from django.utils import timezone
from django.utils.translation import gettext as _

from leads.effective import effective
from leads.models import Score
from leads.overrides import active_then
from leads.score_steps import Change, Comparison, Moment, Standing, Step, StepKind
from leads.scorer import Line, Status
from scoring_models import seen
from scoring_models.evaluation import Detail, frozen_spec
from scoring_models.explanation import clips, turn_at
from scoring_models.models import ModelVersion
from scoring_models.scales import scales_at
from scoring_models.seen import Clocks
from scoring_models.sentences import short
from scoring_models.spec import Spec
from scoring_models.vocabulary import current_vocabulary


@dataclass(frozen=True, slots=True)
class Stage:
    """The score when everything up to `kind` was replaced (None: nothing)."""

    kind: StepKind | None
    spec: Spec
    detail: Detail

    def lines(self) -> list[Line]:
        """The lines of its score, which add up to its total."""
        vocabulary = current_vocabulary()
        rules = [
            _line(result.rule.key, short(result.rule, vocabulary), result.points, result.rule.dimension)
            for result in self.detail.rules
        ]
        return [*rules, *clips(self.spec, rules)]


def compare(lead_id: int, *, before: Moment, after: Moment) -> Comparison | None:
    """The steps from one moment to another; None where nothing scores the lead at one of them.

    Raises Lead.DoesNotExist, DomainError("cannot_compute").
    """
    versions = [
        found[0]
        for moment in (before, after)
        if (found := turn_at(lead_id, as_of=moment.as_of, known_at=moment.known_at))
    ]
    if len(versions) < 2:
        return None
    first, second = (frozen_spec(version.digest) for version in versions)
    stages = walk(lead_id, first, second, before=before, after=after)
    was = _standing(lead_id, versions[0], before, stages[0])
    now = _standing(lead_id, versions[1], after, stages[-1])
    judged = changes_between(_judgement(was), _judgement(now))
    steps = [*steps_of(stages), Step(StepKind.OVERRIDE, judged)]
    return Comparison(was, now, [step for step in steps if step.changes])


def walk(lead_id: int, first: Spec, second: Spec, *, before: Moment, after: Moment) -> list[Stage]:
    """The score before, by the first version, and after each thing that is replaced by another one."""
    clocks = Clocks.of(before)
    stages = [Stage(None, first, seen.detail(first, lead_id, clocks))]
    if first != second:
        stages.append(Stage(StepKind.VERSION, second, seen.detail(second, lead_id, clocks)))
    for kind, replaced in _replaced(clocks, after):
        if replaced != clocks:
            stages.append(Stage(kind, second, seen.detail(second, lead_id, replaced)))
        clocks = replaced
    return stages


def steps_of(stages: Sequence[Stage]) -> list[Step]:
    """What each replacement changed, line by line."""
    return [
        Step(now.kind, changes_between(was.lines(), now.lines())) for was, now in pairwise(stages) if now.kind
    ]


def _replaced(clocks: Clocks, after: Moment) -> Iterator[tuple[StepKind, Clocks]]:
    """The clocks after each replacement that is not one of the version."""
    for kind, changes in (
        (StepKind.ACCOUNT, {"account": after}),
        (StepKind.ATTRIBUTES, {"attributes": after}),
        (StepKind.SIGNALS, {"signals": after}),
        (StepKind.TIME, {"as_of": after.as_of}),
    ):
        clocks = replace(clocks, **changes)
        yield kind, clocks


def changes_between(before: Sequence[Line], after: Sequence[Line]) -> list[Change]:
    """The lines that give other points, in the order of those after, then of those that are gone."""
    was, now = ({line.key: line for line in lines} for lines in (before, after))
    changes = (
        Change(
            key,
            (now.get(key) or was[key]).sentence,
            was[key].points if key in was else 0,
            now[key].points if key in now else 0,
        )
        for key in now | was
    )
    return [change for change in changes if change.points]


def _standing(lead_id: int, version: ModelVersion, moment: Moment, stage: Stage) -> Standing:
    scale = scales_at(timezone.now()).of(version.pk)
    score = Score(total=stage.detail.total, band=stage.detail.band - len(stage.spec.bands))
    override = active_then(lead_id, as_of=moment.as_of, known_at=moment.known_at)
    counts = effective(score, override, scale)
    return Standing(
        moment=moment,
        version_id=version.pk,
        version_label=str(version),
        total=score.total,
        effective=counts.total,
        band=counts.band.name,
        clip=counts.clip,
        override=override,
    )


def _judgement(standing: Standing) -> list[Line]:
    """What an override adds to the score, and what the version's limits take of that or give."""
    if standing.override is None:
        return []
    asked = standing.effective - standing.clip - standing.total
    words = _("Override by %(author)s") % {"author": standing.override.author}
    limits = _("The score's limits, on the override")
    return [
        _line("override", words, asked, "total"),
        _line("override:clip", limits, standing.clip, "total"),
    ]


def _line(key: str, sentence: str, points: int, dimension: str) -> Line:
    return Line(key, dimension, sentence, Status.MET, points, would_give=0, evidence="", until=None)
