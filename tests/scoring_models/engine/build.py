"""Short words for the tests of the engine: rules, versions, leads and what a version says of one."""

from datetime import UTC, datetime, timedelta

from scoring_models.scoring import Detail, Evaluated, detail, evaluate
from scoring_models.spec import BandSpec, Condition, Dimension, RuleSpec, Spec
from tests.oracle import Fact, LeadFacts, SignalFact
from tests.scoring_models.planting import plant

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)  # two days after the clocks of Europe went forward
DAY = timedelta(seconds=86_400)
TICK = timedelta(microseconds=1)
BANDS = (BandSpec("low", "Low", None), BandSpec("high", "High", 31))


def rule(condition: Condition, points: int = 10, key: str = "rule") -> RuleSpec:
    return RuleSpec(key, Dimension.ENGAGEMENT, points, condition)


def version(*conditions: Condition) -> Spec:
    """A version whose rules give 10 points each."""
    rules = tuple(rule(condition, key=f"rule-{place}") for place, condition in enumerate(conditions))
    return Spec("Test", rules, BANDS, floor=None)


def signal(type_key: str, ago: timedelta, *, retracted: bool = False) -> SignalFact:
    return SignalFact(type_key, NOW - ago, NOW - ago if retracted else None)


def lead(*signals: SignalFact, age: timedelta = 10 * DAY, **person: Fact) -> int:
    """Write a lead of that age; its id."""
    return plant([LeadFacts(NOW - age, person, None, signals)])[0]


def score(spec: Spec, lead_id: int, at: datetime = NOW) -> Evaluated:
    [found] = evaluate(spec, as_of=at, leads=[lead_id])
    return found


def explained(spec: Spec, lead_id: int, at: datetime = NOW) -> Detail:
    return detail(spec, lead_id, at)
