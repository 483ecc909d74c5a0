"""One run of the bench: rounds in which measures take turns, so that a busy machine troubles all alike."""

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from scoring_models.bench.activation import ActivationTimes
from scoring_models.bench.editing import Editing
from scoring_models.bench.evidence import EvidenceTimes
from scoring_models.bench.figures import against, in_milliseconds, percentile
from scoring_models.bench.measures import Bench
from scoring_models.bench.sessions import SESSIONS

Say = Callable[[str], None]

SIGNALS_A_ROUND = 100
EXPLAINED_A_ROUND = 50
QUERIES_A_ROUND = 50
PAGES_A_ROUND = 20
POINTS_A_ROUND = 50
CONDITIONS_A_ROUND = 3
# docs/performance.md says where these come from.
FULL_NEW, NOTHING_CHANGED, DUE, SIGNAL, EXPLAIN_MS, QUEUE_MS = 1.5, 1.0, 0.15, 4.0, 5.0, 10.0
POINTS_MS, DECAYED_MS, CONDITIONS_MS = 300.0, 2_000.0, 5_000.0
DECAYED_RULES = 4


@dataclass
class Times:
    """What was measured: one entry a round, or many for what takes milliseconds."""

    floor: list[float] = field(default_factory=list)
    new: list[float] = field(default_factory=list)
    unchanged: list[float] = field(default_factory=list)
    due: list[float] = field(default_factory=list)
    due_leads: list[int] = field(default_factory=list)
    commit: list[float] = field(default_factory=list)
    signal: list[float] = field(default_factory=list)
    explain: list[float] = field(default_factory=list)
    queue_query: list[float] = field(default_factory=list)
    queue_page: list[float] = field(default_factory=list)
    evidence: EvidenceTimes = field(default_factory=EvidenceTimes)
    preview_points: list[float] = field(default_factory=list)
    preview_decayed: list[float] = field(default_factory=list)
    preview_conditions: list[float] = field(default_factory=list)
    health: list[float] = field(default_factory=list)
    activation: ActivationTimes = field(default_factory=ActivationTimes)


def run(bench: Bench, rounds: int, say: Say) -> Times:
    """Measure everything, `rounds` times over."""
    bench.prepare()
    editing = Editing()
    times = Times()
    for place in range(rounds):
        times.floor.append(bench.floor())
        bench.forget_scores()
        times.new.append(bench.full())
        times.unchanged.append(bench.full())
        _small_things(bench, times)
        times.evidence.measure()
        times.preview_conditions += [editing.conditions() for _ in range(CONDITIONS_A_ROUND)]
        times.preview_points += [editing.points() for _ in range(POINTS_A_ROUND)]
        times.health.append(editing.health())
        seconds, leads = bench.due()
        times.due.append(seconds)
        times.due_leads.append(leads)
        times.activation.measure(bench.both)
        say(
            f"round {place + 1} of {rounds}: floor {times.floor[-1]:.3f} s, all new {times.new[-1]:.3f} s,"
            f" nothing changed {times.unchanged[-1]:.3f} s, {leads} due {seconds:.3f} s"
        )
    # Last, since counting changed conditions would make room by forgetting its hits.
    decaying = editing.decaying(DECAYED_RULES)
    times.preview_decayed += [decaying.points() for _ in range(POINTS_A_ROUND)]
    return times


def _small_things(bench: Bench, times: Times) -> None:
    for _ in range(SIGNALS_A_ROUND):
        times.commit.append(bench.commit())
        times.signal.append(bench.signal())
    times.explain += [bench.explain() for _ in range(EXPLAINED_A_ROUND)]
    bench.open_queue()
    times.queue_query += [bench.queue_query() for _ in range(QUERIES_A_ROUND)]
    times.queue_page += [bench.queue_page() for _ in range(PAGES_A_ROUND)]


def figures(times: Times) -> dict[str, object]:
    """The figures of a run with their targets, and whether each was reached."""
    commit, signal = percentile(times.commit, 0.5), percentile(times.signal, 0.5)
    return {
        "rounds": len(times.floor),
        "floor": {"seconds": round(median(times.floor), 4)},
        "full_all_new": against(times.new, times.floor, FULL_NEW),
        "full_nothing_changed": against(times.unchanged, times.floor, NOTHING_CHANGED),
        "due_in_an_hour": {"leads": median(times.due_leads), **against(times.due, times.floor, DUE)},
        "one_row_commit": in_milliseconds(times.commit),
        "signal_to_score": {
            **in_milliseconds(times.signal),
            "ratio": round(signal / commit, 3),
            "target_ratio": SIGNAL,
            "reached": signal / commit <= SIGNAL,
        },
        "explain_one_lead": in_milliseconds(times.explain, EXPLAIN_MS, share=0.5),
        "queue_query": in_milliseconds(times.queue_query, QUEUE_MS),
        "queue_page": in_milliseconds(times.queue_page),
        **times.evidence.figures(),
        "preview_points": in_milliseconds(times.preview_points, POINTS_MS, share=0.95),
        "preview_points_decayed": in_milliseconds(times.preview_decayed, DECAYED_MS, share=0.95),
        "preview_conditions": in_milliseconds(times.preview_conditions, CONDITIONS_MS, share=0.95),
        "health": {"seconds": round(median(times.health), 3)},
        **times.activation.figures(),
    }


def machine() -> dict[str, object]:
    """What it ran on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "sessions": SESSIONS,
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "python": platform.python_version(),
        "load_at_start": [round(load, 2) for load in os.getloadavg()],
    }
