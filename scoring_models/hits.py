"""Hits of a draft: how often its rules, and those of the live version, count for all leads at one moment.

Rules are counted without their points, so points, caps, bands, order and rules that are turned on or off or
removed need no new count. Counting is cut into turns that end in time: whoever looks at the numbers asks for
the next turn, and when nobody does, nothing is done. The row of the hits is locked for each piece, so two who
ask at once never count a lead twice; a turn that dies has counted the pieces it committed.
"""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Max

from leads.models import Lead
from leadscoring.errors import DomainError
from scoring_models.catalogue import load_catalogue
from scoring_models.engine.catalogue import CannotCompile
from scoring_models.engine.units import bare, bare_rules, compile_units
from scoring_models.evaluation import LeadRange, joins_of_many, split
from scoring_models.models import Hits, ModelVersion, VersionState
from scoring_models.spec import Audiences, RuleSpec, Spec
from scoring_models.spec_text import canonical, digest, thaw
from scoring_models.vocabulary import current_vocabulary

LEADS_A_PIECE = 25_000
# Older hits are counted again when somebody looks.
FRESH = timedelta(minutes=10)
# A count that nobody carried on is begun anew: its pieces would be of times too far apart.
ABANDONED = timedelta(minutes=2)
KEPT_A_DRAFT = 4
KEPT_FOR = timedelta(hours=12)


def rules_to_count(*specs: Spec | None, earlier: Audiences = ()) -> tuple[RuleSpec, ...]:
    """The bare rules and the audiences of these versions, and those asked before them, each once."""
    return tuple(dict.fromkeys(rule for spec in specs if spec for rule in bare_rules(spec, earlier)))


@lru_cache(maxsize=64)
def counted_rules(text: str) -> tuple[RuleSpec, ...]:
    """The bare rules that hits are of, in the order of their units."""
    return tuple(bare(rule) for rule in thaw(text).rules)


def find(version: ModelVersion, rules: Iterable[RuleSpec]) -> Hits | None:
    """The latest finished hits of a draft that hold all of these bare rules, by the stages of today."""
    wanted, stages = set(rules), current_vocabulary().stages
    finished = Hits.objects.filter(version=version, finished_at__isnull=False).order_by("-as_of", "-pk")
    return next(
        (
            hits
            for hits in finished
            if wanted.issubset(counted_rules(hits.rules)) and thaw(hits.rules).stages == stages
        ),
        None,
    )


def under_way(version: ModelVersion, rules: Iterable[RuleSpec]) -> Hits | None:
    """The unfinished count of these bare rules."""
    return Hits.objects.filter(version=version, digest=digest(_text(rules)), finished_at=None).first()


def begin(version: ModelVersion, rules: Iterable[RuleSpec], *, at: datetime) -> Hits:
    """The count of these bare rules that is under way, or else a new one as of `at`."""
    text = _text(rules)
    key = digest(text)
    _forget_old(version, at)
    Hits.objects.bulk_create([Hits(version=version, rules=text, digest=key, as_of=at)], ignore_conflicts=True)
    return Hits.objects.get(version=version, digest=key, finished_at=None)


def work(hits: Hits, *, seconds: float) -> bool:
    """Count piece after piece for about so long; whether all is counted. At least one piece is taken.

    Raises DomainError("cannot_compute").
    """
    end = time.monotonic() + seconds
    while _count_piece(hits.pk):
        if time.monotonic() > end:
            break
    return Hits.objects.filter(pk=hits.pk, finished_at__isnull=False).exists()


def percent(hits: Hits) -> int:
    """How much of an unfinished count is done, by the ids of leads."""
    last = Lead.objects.aggregate(Max("pk"))["pk__max"] or 0
    done = Hits.objects.filter(pk=hits.pk).values_list("next_lead", flat=True).first()
    return min(100 * (done or 0) // last, 100) if last else 0


def forget(*, at: datetime) -> None:
    """Remove the hits of what is no draft any more, and those that nobody has used for half a day."""
    Hits.objects.exclude(version__state=VersionState.DRAFT).delete()
    Hits.objects.filter(as_of__lt=at - KEPT_FOR).delete()


def _text(rules: Iterable[RuleSpec]) -> str:
    return canonical(Spec("", tuple(rules), (), stages=current_vocabulary().stages))


def _forget_old(version: ModelVersion, at: datetime) -> None:
    mine = Hits.objects.filter(version=version)
    finished = mine.filter(finished_at__isnull=False).order_by("-as_of", "-pk")
    kept = list(finished.values_list("pk", flat=True)[: KEPT_A_DRAFT - 1])
    mine.filter(finished_at__isnull=False).exclude(pk__in=kept).delete()
    mine.filter(finished_at=None, as_of__lt=at - ABANDONED).delete()


def _count_piece(hits_id: int) -> bool:
    """Count the next leads; False where there are none, or somebody else is at it."""
    with joins_of_many():
        hits = Hits.objects.select_for_update(skip_locked=True).filter(pk=hits_id, finished_at=None).first()
        if hits is None:
            return False
        piece = next(split(LeadRange(hits.next_lead), LEADS_A_PIECE))
        _add_sets(hits, piece)
        hits.next_lead = piece.high
        hits.save(update_fields=["next_lead"])
        is_last = piece.high == LeadRange().high
        if is_last:
            _finish(hits)
    return not is_last


def _add_sets(hits: Hits, piece: LeadRange) -> None:
    rules = counted_rules(hits.rules)
    try:
        statement = compile_units(rules, thaw(hits.rules).stages, load_catalogue())
    except CannotCompile as error:
        raise DomainError("cannot_compute", str(error)) from error
    given: dict[str, Any] = {"hits": hits.pk, "low": piece.low, "high": piece.high}
    clocks = {"as_of": hits.as_of, "known_at": hits.as_of}
    with connection.cursor() as cursor:
        cursor.execute(_ADD.format(units=statement.sql), {**statement.parameters, **given, **clocks})


def _finish(hits: Hits) -> None:
    """Make one of equal sets, and sum up how many leads each rule counts for."""
    with connection.cursor() as cursor:
        cursor.execute(_MERGE, {"hits": hits.pk})
        places = range(1, len(counted_rules(hits.rules)) + 1)
        fired = ", ".join(_FIRED.format(place=place) for place in places)
        cursor.execute(_SUM_UP.format(fired=fired), {"hits": hits.pk})


_ADD = """
INSERT INTO scoring_models_hitset (hits_id, units, leads)
SELECT %(hits)s, units, count(*) FROM ({units}) e GROUP BY units
"""
_MERGE = """
WITH pieces AS (DELETE FROM scoring_models_hitset WHERE hits_id = %(hits)s RETURNING units, leads)
INSERT INTO scoring_models_hitset (hits_id, units, leads)
SELECT %(hits)s, units, sum(leads) FROM pieces GROUP BY units
"""
_SUM_UP = """
UPDATE scoring_models_hits h SET finished_at = clock_timestamp(), leads = summed.leads, fired = summed.fired
  FROM (SELECT COALESCE(sum(leads), 0) AS leads, ARRAY[{fired}]::bigint[] AS fired
          FROM scoring_models_hitset WHERE hits_id = %(hits)s) summed
 WHERE h.id = %(hits)s
"""
_FIRED = "COALESCE(sum(leads) FILTER (WHERE units[{place}] > 0), 0)"
