"""What the evidence about a draft takes: where leads move, and past outcomes. All times are in seconds."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from statistics import median

from django.utils import timezone

from scoring_models.demo.versions import filled_reference
from scoring_models.evidence_pack.backtest import backtest
from scoring_models.evidence_pack.impact import Selection, impact, moved_leads
from scoring_models.evidence_pack.queue_load import queue_load
from scoring_models.spec import Spec

CAPACITY = 1_200


def draft() -> Spec:
    """The reference with other points for two rules."""
    points = {"comments": 25, "profile-views": 20}
    live = filled_reference()
    rules = (replace(rule, points=points.get(rule.key, rule.points)) for rule in live.rules)
    return replace(live, rules=tuple(rules))


@dataclass
class EvidenceTimes:
    """One entry a round. `outcomes` is how many leads the backtest tested."""

    impact: list[float] = field(default_factory=list)
    backtest: list[float] = field(default_factory=list)
    first_page: list[float] = field(default_factory=list)
    outcomes: int = 0

    def measure(self) -> None:
        """Do each once: counts of all moves and queues, a page of the list behind them, the backtest."""
        now, live, other = timezone.now() - timedelta(seconds=1), filled_reference(), draft()
        self.impact.append(_time(lambda: queue_load(live, other, impact(live, other, as_of=now))))
        self.first_page.append(_time(lambda: _first_page(live, other, now)))
        start = time.perf_counter()
        self.outcomes = backtest(live, other, until=now, a_day=CAPACITY).leads
        self.backtest.append(time.perf_counter() - start)

    def figures(self) -> dict[str, object]:
        """Medians."""
        return {
            "impact": {"seconds": round(median(self.impact), 3)},
            "impact_list_page": {"seconds": round(median(self.first_page), 3)},
            "backtest_10000": {"seconds": round(median(self.backtest), 3), "outcomes": self.outcomes},
        }


def _first_page(live: Spec, other: Spec, as_of: datetime) -> list[object]:
    return list(islice(moved_leads(live, other, Selection(moved="any"), as_of=as_of), 50))


def _time(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
