"""One lead's score with every point accounted for: each rule, what it rests on, and what the limits took."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from leads.models import Lead
from leads.scorer import Coming, Explanation, Line, Status
from scoring_models import evaluation
from scoring_models.evaluation import Detail, RuleResult, frozen_spec
from scoring_models.evidence import Known, counts_until, evidence
from scoring_models.known import known_of
from scoring_models.models import ModelVersion
from scoring_models.scales import band_of
from scoring_models.score_range import best_question, score_range
from scoring_models.sentences import short
from scoring_models.spec import Dimension, Spec
from scoring_models.turns import Audiences, version_for
from scoring_models.vocabulary import Vocabulary, current_vocabulary


def explain_by_turn(lead_id: int, *, as_of: datetime, known_at: datetime | None = None) -> Explanation | None:
    """The score of a lead at a moment, by the version that scored it then; None where nothing scores it.

    A moment before anything was live is explained by what is live now. Raises Lead.DoesNotExist.
    """
    found = _turn_at(lead_id, as_of=as_of, known_at=known_at)
    if found is None:
        return None
    version, earlier = found
    try:
        return explain(
            lead_id,
            version=version,
            as_of=as_of,
            known_at=known_at,
            earlier=earlier,
            is_past=timezone.localdate(as_of) != timezone.localdate(),
        )
    except Lead.DoesNotExist:
        if _has_objected(lead_id):
            return None
        raise


def coming(lead_id: int, *, at: datetime) -> Coming | None:
    """The score of a lead at a moment ahead, by the version that is to score it then, without its lines."""
    found = _turn_at(lead_id, as_of=at, known_at=None)
    if found is None:
        return None
    version, earlier = found
    spec = frozen_spec(version.digest)
    then = evaluation.evaluate_one(spec, lead_id, at, earlier=earlier)
    return None if then is None else Coming(at, then.total, band_of(spec, then.band), then.due_at)


def turn_at(
    lead_id: int, *, as_of: datetime, known_at: datetime | None
) -> tuple[ModelVersion, Audiences] | None:
    """The version to explain a lead's moment by, and the audiences that are asked before it.

    The one that scored it then, else the one that is live now; None where nothing scores it, or where the
    person objects to that.
    """
    return None if _has_objected(lead_id) else _turn_at(lead_id, as_of=as_of, known_at=known_at)


def _has_objected(lead_id: int) -> bool:
    """Whether the person objects to being scored."""
    return Lead.objects.filter(pk=lead_id, objected_at__isnull=False).exists()


def _turn_at(
    lead_id: int, *, as_of: datetime, known_at: datetime | None
) -> tuple[ModelVersion, Audiences] | None:
    return version_for(lead_id, as_of=as_of, known_at=known_at) or version_for(
        lead_id, as_of=as_of, known_at=known_at, live_at=timezone.now()
    )


def explain(
    lead_id: int,
    *,
    version: ModelVersion,
    as_of: datetime,
    known_at: datetime | None = None,
    earlier: Audiences = (),
    is_past: bool = False,
) -> Explanation:
    """The score that a frozen version gives a lead at a moment. Raises Lead.DoesNotExist.

    By what was known at `known_at`; where that is None, by all that is known now. `earlier` are the audiences
    that are asked before the version's own: it is due where one of them changes. `is_past`: it is read on
    another day than that of `as_of`.
    """
    spec = frozen_spec(version.digest)
    found = evaluation.detail(spec, lead_id, as_of, known_at, earlier=earlier)
    lowest, highest = score_range(spec, found.rules)
    return Explanation(
        lead_id=lead_id,
        as_of=as_of,
        version_id=version.pk,
        version_label=str(version),
        engagement=found.engagement,
        fit=found.fit,
        total=found.total,
        band=band_of(spec, found.band),
        due_at=found.due_at,
        lines=lines_of(spec, found, replace(known_of(lead_id, spec, as_of, known_at), is_past=is_past)),
        lowest=lowest,
        highest=highest,
        question=_question(spec, found),
    )


def _question(spec: Spec, found: Detail) -> str | None:
    field = best_question(spec, found.rules)
    return current_vocabulary().attribute_label(field) if field else None


def lines_of(spec: Spec, detail: Detail, known: Known | None = None) -> tuple[Line, ...]:
    """The lines of a score, in the order of the version, clips last. Their points add up to its total.

    `known` is what is known of a lead that isn't in the database; of others it is asked for.
    """
    known = known or known_of(detail.lead_id, spec, detail.as_of, detail.known_at)
    vocabulary = current_vocabulary()
    rules = tuple(_line(result, known, vocabulary) for result in detail.rules)
    return rules + tuple(clips(spec, rules))


def _line(result: RuleResult, known: Known, vocabulary: Vocabulary) -> Line:
    return Line(
        key=result.rule.key,
        dimension=result.rule.dimension,
        sentence=short(result.rule, vocabulary),
        status=result.status,
        points=result.points,
        would_give=_would_give(result),
        evidence=evidence(result, known, vocabulary),
        until=counts_until(result),
    )


def _would_give(result: RuleResult) -> int:
    if result.status is Status.MET:
        return 0
    return result.points_if_met if result.status is Status.UNKNOWN else result.rule.points


def clips(spec: Spec, rules: Sequence[Line]) -> Iterator[Line]:
    """What caps, floors and the ceiling took or gave, in the order in which they apply."""
    total = 0
    for dimension in Dimension:
        limits = spec.limits(dimension)
        points = [line.points for line in rules if line.dimension == dimension]
        gained = sum(max(one, 0) for one in points)
        lost = sum(min(one, 0) for one in points)
        kept = gained if limits.cap is None else min(gained, limits.cap)
        if kept != gained:
            yield _clip(f"cap:{dimension}", dimension, kept - gained, _cap_sentence(dimension, limits.cap))
        held = kept + lost if limits.floor is None else max(kept + lost, limits.floor)
        if held != kept + lost:
            sentence = _floor_sentence(dimension, limits.floor)
            yield _clip(f"floor:{dimension}", dimension, held - kept - lost, sentence)
        total += held
    if spec.floor is not None and total < spec.floor:
        yield _clip("floor", "total", spec.floor - total, _("The score is at least %d") % spec.floor)
    if spec.ceiling is not None and total > spec.ceiling:
        yield _clip("ceiling", "total", spec.ceiling - total, _("The score is at most %d") % spec.ceiling)


def _cap_sentence(dimension: Dimension, cap: int | None) -> str:
    sentences = {
        Dimension.ENGAGEMENT: _("Engagement counts at most %(points)d"),
        Dimension.FIT: _("Fit counts at most %(points)d"),
    }
    return sentences[dimension] % {"points": cap}


def _floor_sentence(dimension: Dimension, floor: int | None) -> str:
    sentences = {
        Dimension.ENGAGEMENT: _("Engagement counts at least %(points)d"),
        Dimension.FIT: _("Fit counts at least %(points)d"),
    }
    return sentences[dimension] % {"points": floor}


def _clip(key: str, dimension: str, points: int, sentence: str) -> Line:
    return Line(key, dimension, sentence, Status.CLIP, points, would_give=0, evidence="", until=None)
