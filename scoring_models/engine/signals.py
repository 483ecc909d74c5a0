"""What is read of a lead's signals: aggregates over one pass of the index (lead, type, occurred_at)."""

from dataclasses import dataclass, field

from scoring_models.engine.moments import days


@dataclass
class SignalColumns:
    """Collects the aggregates of a statement, each once, as columns of `s`.

    `moment` is the SQL of as_of where the signals are read. A signal is `g` there.
    """

    moment: str
    columns: dict[str, str] = field(default_factory=dict)
    derived: dict[str, str] = field(default_factory=dict)
    types: set[int] = field(default_factory=set)

    def newest(self, types: tuple[int, ...], window_days: int | None) -> str:
        """When the newest matching signal occurred; NULL without one."""
        return self._column(f"max(g.occurred_at) FILTER (WHERE {self._matches(types, window_days)})", types)

    def every(self, types: tuple[int, ...], window_days: int | None) -> str:
        """When each matching signal occurred, in no order; NULL without any."""
        return self._column(
            f"array_agg(g.occurred_at) FILTER (WHERE {self._matches(types, window_days)})", types
        )

    def nth_newest(self, every: str, n: str) -> str:
        """The n-th newest of the moments that `every` gave; NULL where there are fewer.

        An ordered aggregate would make the planner sort all signals of all leads; this sorts a few of some.
        """
        nth = f"(SELECT m FROM unnest({every}) m ORDER BY m DESC OFFSET {n} - 1 LIMIT 1)"
        expression = f"CASE WHEN cardinality({every}) >= {n} THEN {nth} END"
        return "s." + self.derived.setdefault(expression, f"d{len(self.derived)}")

    def next_beginning(self) -> str:
        """When the first future-dated signal of any type that is read begins to count."""
        return self._column(f"min(g.occurred_at) FILTER (WHERE g.occurred_at > {self.moment})", ())

    def _column(self, expression: str, types: tuple[int, ...]) -> str:
        self.types.update(types)
        return "s." + self.columns.setdefault(expression, f"s{len(self.columns)}")

    def _matches(self, types: tuple[int, ...], window_days: int | None) -> str:
        lower = "" if window_days is None else f" AND g.occurred_at > {self.moment} - {days(window_days)}"
        return f"{of_types(types)} AND g.occurred_at <= {self.moment}{lower}"

    def select(self, source: str, *, key: str = "") -> str:
        """The aggregates over `source` (FROM …), and over them what is derived of them. `key` leads both."""
        aggregates = f"SELECT {key}{_named(self.columns)} {source}"
        if not self.derived:
            return aggregates
        return f"SELECT s.*, {_named(self.derived)} FROM ({aggregates}) s OFFSET 0"


def _named(columns: dict[str, str]) -> str:
    return ", ".join(f"{expression} AS {name}" for expression, name in columns.items())


def of_types(types: tuple[int, ...]) -> str:
    """The condition that signal `g` is of one of these types."""
    if len(types) == 1:
        return f"g.type_id = {types[0]}::smallint"
    return f"g.type_id = ANY ('{{{','.join(map(str, sorted(types)))}}}'::smallint[])"
