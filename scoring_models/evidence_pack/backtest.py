"""What versions would have said of leads whose outcome is known, as of a moment before it (`past_cases`).

Nothing later is used: a signal or a value counts by when it happened and by when it was received.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from leadscoring.intervals import Interval, wilson
from scoring_models import evaluation
from scoring_models.evidence_pack import gains
from scoring_models.evidence_pack.auc import Placements, auc_difference, auc_interval, placements
from scoring_models.evidence_pack.sales import sales_ranks
from scoring_models.past_cases import YEAR, Case, past_cases
from scoring_models.spec import Audiences, Spec

FEWEST_OUTCOMES = 100  # to say that one version is better or worse
TOP_TENTH = 0.1


class Verdict(StrEnum):
    """What the outcomes let one say of the two versions."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no_difference"
    TOO_FEW = "too_few"
    NOTHING_LIVE = "nothing_live"
    NO_OUTCOMES = "no_outcomes"
    ONE_KIND = "one_kind"  # all were won, or none


class Tested(NamedTuple):
    """What a version said of a case."""

    case: Case
    total: int
    band: int

    @property
    def lead_id(self) -> int:
        return self.case.lead_id


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval; None where too little was seen for one."""

    value: float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class BandResult:
    """How leads of a band ended."""

    key: str
    name: str
    rank: int
    leads: int
    wins: int
    rate: Estimate | None


@dataclass(frozen=True, slots=True)
class VersionResult:
    """One version on past outcomes. `top_tenth` is the share of all wins among its top 10 %.

    `precision` is the share of won among the `worked` highest scored; `missed` how many wins it would have
    left in bands that sales doesn't work. The first three are None where there is nothing to tell apart.
    """

    auc: Estimate | None
    top_tenth: float | None
    precision: Estimate | None
    missed: int
    gains: tuple[tuple[float, float], ...]
    bands: tuple[BandResult, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """Both versions on leads that the first one scores. `too_new` closed on the day they came: left out.

    `worked` is how many leads the teams can work in a day, at most as many as there are.
    """

    since: datetime
    until: datetime
    leads: int
    wins: int
    too_new: int
    worked: int
    other: VersionResult
    live: VersionResult | None
    difference: Estimate | None
    verdict: Verdict


def backtest(
    live: Spec | None, other: Spec, *, until: datetime, a_day: int, earlier: Audiences = ()
) -> Backtest:
    """Test versions on the outcomes of the year before `until`, of leads that `other` scores.

    They differ by what each says of those whom both score. Raises DomainError("cannot_compute").
    """
    cases, too_new = past_cases(until=until)
    tested = scored_before(other, cases, earlier)
    cases = [each.case for each in tested]
    worked, wins = min(a_day, len(cases)), sum(case.won for case in cases)
    tested_live = scored_before(live, cases, earlier) if live else []
    placed, placed_live = _placed(tested), _placed(tested_live)
    by_both = {each.lead_id for each in tested_live}
    difference = _difference(placed_live, _placed([each for each in tested if each.lead_id in by_both]))
    return Backtest(
        since=until - YEAR,
        until=until,
        leads=len(cases),
        wins=wins,
        too_new=too_new,
        worked=worked,
        other=_result(other, tested, placed, worked),
        live=_result(live, tested_live, placed_live, worked) if live else None,
        difference=difference,
        verdict=_verdict(len(cases), wins, live, difference),
    )


def scored_before(spec: Spec, cases: Sequence[Case], earlier: Audiences = ()) -> list[Tested]:
    """What a version says of each case that it scores, at its moment.

    Raises DomainError("cannot_compute").
    """
    by_lead = {case.lead_id: case for case in cases}
    asked = ((case.lead_id, case.moment, case.moment) for case in cases)
    scored = evaluation.evaluate_pairs(spec, asked, earlier=earlier)
    return [Tested(by_lead[score.lead_id], score.total, score.band) for score in scored]


def is_missed(tested: Tested, spec: Spec) -> bool:
    """Whether it is a win that the version would have left outside sales' bands."""
    return tested.case.won and tested.band not in sales_ranks(spec.bands)


def _placed(tested: Sequence[Tested]) -> Placements | None:
    won = [each.total for each in tested if each.case.won]
    others = [each.total for each in tested if not each.case.won]
    return placements(won, others) if won and others else None


def _difference(first: Placements | None, second: Placements | None) -> Estimate | None:
    return Estimate(*auc_difference(first, second)) if first and second else None


def _result(spec: Spec, tested: Sequence[Tested], placed: Placements | None, worked: int) -> VersionResult:
    ranked = gains.steps((each.total, each.case.won) for each in tested)
    wins = sum(each.case.won for each in tested)
    found = gains.wins_in_top(ranked, worked)
    return VersionResult(
        auc=Estimate(placed.auc, auc_interval(placed)) if placed else None,
        top_tenth=gains.wins_in_top(ranked, TOP_TENTH * len(tested)) / wins if wins else None,
        precision=Estimate(found / worked, wilson(found, worked)) if worked else None,
        missed=sum(is_missed(each, spec) for each in tested),
        gains=tuple(gains.curve(ranked)),
        bands=tuple(_bands(spec, tested)),
    )


def _bands(spec: Spec, tested: Sequence[Tested]) -> Iterable[BandResult]:
    for rank, band in enumerate(spec.bands):
        ended = [each.case.won for each in tested if each.band == rank]
        leads, wins = len(ended), sum(ended)
        rate = Estimate(wins / leads, wilson(wins, leads)) if leads else None
        yield BandResult(band.key, band.name, rank, leads, wins, rate)


def _verdict(leads: int, wins: int, live: Spec | None, difference: Estimate | None) -> Verdict:
    if not leads:
        return Verdict.NO_OUTCOMES
    if wins in (0, leads):
        return Verdict.ONE_KIND
    if live is None:
        return Verdict.NOTHING_LIVE
    if leads < FEWEST_OUTCOMES:
        return Verdict.TOO_FEW
    if difference is None or difference.interval is None:
        return Verdict.NO_DIFFERENCE
    low, high = difference.interval
    return Verdict.BETTER if low > 0 else Verdict.WORSE if high < 0 else Verdict.NO_DIFFERENCE
