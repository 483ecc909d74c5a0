"""What a rule is in SQL."""

from dataclasses import dataclass

from scoring_models.spec import RuleSpec


@dataclass(frozen=True, slots=True)
class RuleSql:
    """One enabled rule over the columns of leads (l), accounts (a), signals (s) and subjects (b).

    `units` is a number: 0 is not met, NULL can't be told. `if_met` are the units that it would have if all
    were met that can't be told. `changes_at` is the next moment at which units can change while nothing new
    is learned (NULL: none). `deciding_at` is the moment that `changes_at` rests on, and `value` the attribute
    as it was compared. `count` is how often a decayed each-time rule counts, whose units don't say it.
    `moments` are those of the matching signals in the window, where what they say decides which match.
    `conditions` are those on attributes, in the order of the rule, its own last.
    """

    rule: RuleSpec
    units: str
    changes_at: str | None
    deciding_at: str = "NULL::timestamptz"
    value: str = "NULL::text"
    if_met: str = "1"
    count: str | None = None
    moments: str = "NULL::timestamptz[]"
    conditions: tuple[str, ...] = ()
