"""How much more often leads win for which a rule counts, on past outcomes, each as of before it was known."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from math import exp, log, sqrt

from scoring_models.evaluation import evaluate_pairs
from scoring_models.health.findings import RuleLift
from scoring_models.past_cases import past_cases
from scoring_models.sentences import short
from scoring_models.spec import Audiences, Spec
from scoring_models.vocabulary import Vocabulary

# With fewer an interval spans everything; what it says would be read as if it didn't.
FEWEST_OUTCOMES = 100
FEWEST_WITH_RULE = 20
# The newest say most of how it is now. More would narrow the intervals by a hair; 7,000 take a second.
MOST_OUTCOMES = 5_000

Z95 = 1.959964  # of a normal distribution, for 95 %

Closed = tuple[int, bool]  # the rules that counted, as bits, and whether the lead was won


def closed_leads(spec: Spec, *, at: datetime, earlier: Audiences = ()) -> list[Closed]:
    """What the version made of the leads that closed last, before they did. Raises DomainError."""
    cases, _too_new = past_cases(until=at, most=MOST_OUTCOMES)
    won = {case.lead_id: case.won for case in cases}
    asked = ((case.lead_id, case.moment, case.moment) for case in cases)
    scores = evaluate_pairs(spec, asked, earlier=earlier)
    return [(score.hits, won[score.lead_id]) for score in scores]


def lifts_of(spec: Spec, closed: Sequence[Closed], words: Vocabulary) -> Iterator[RuleLift]:
    """The lift of each enabled rule that enough closed leads met, and enough did not."""
    wins = sum(won for _, won in closed)
    if len(closed) < FEWEST_OUTCOMES or not 0 < wins < len(closed):
        return
    for index, rule in enumerate(spec.enabled_rules):
        with_rule = [won for hits, won in closed if hits >> index & 1]
        others = len(closed) - len(with_rule)
        if min(len(with_rule), others) < FEWEST_WITH_RULE:
            continue
        won = sum(with_rule)
        ratio = risk_ratio(won, len(with_rule), wins - won, others)
        yield RuleLift(rule.key, short(rule, words), rule.points, *ratio, len(with_rule), won)


def risk_ratio(won: int, of: int, others_won: int, of_others: int) -> tuple[float, float, float]:
    """How many times as often the first win as the others, and its 95 % interval on the log scale.

    With half a win added to each (Walter), so that none on either side has an interval too.
    """
    a, n, c, m = won + 0.5, of + 0.5, others_won + 0.5, of_others + 0.5
    centre, spread = log(a / n) - log(c / m), Z95 * sqrt(1 / a - 1 / n + 1 / c - 1 / m)
    return exp(centre), exp(centre - spread), exp(centre + spread)
