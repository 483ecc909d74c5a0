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
    types: set[int] = field(default_factory=set)

    def newest(self, types: tuple[int, ...], window_days: int | None) -> str:
        """When the newest matching signal occurred; NULL without one."""
        return self._column(f"max(g.occurred_at) FILTER (WHERE {self._matches(types, window_days)})", types)

    def newest_first(self, types: tuple[int, ...], window_days: int | None) -> str:
        """When each matching signal occurred, the newest first; NULL without any."""
        ordered = "array_agg(g.occurred_at ORDER BY g.occurred_at DESC)"
        return self._column(f"{ordered} FILTER (WHERE {self._matches(types, window_days)})", types)

    def count(self, types: tuple[int, ...], window_days: int | None) -> str:
        """How many signals match."""
        return self._column(f"count(*) FILTER (WHERE {self._matches(types, window_days)})", types)

    def next_beginning(self) -> str:
        """When the first future-dated signal of any type that is read begins to count."""
        return self._column(f"min(g.occurred_at) FILTER (WHERE g.occurred_at > {self.moment})", ())

    def _column(self, expression: str, types: tuple[int, ...]) -> str:
        self.types.update(types)
        return "s." + self.columns.setdefault(expression, f"s{len(self.columns)}")

    def _matches(self, types: tuple[int, ...], window_days: int | None) -> str:
        lower = "" if window_days is None else f" AND g.occurred_at > {self.moment} - {days(window_days)}"
        return f"{of_types(types)} AND g.occurred_at <= {self.moment}{lower}"

    def select_list(self) -> str:
        return ", ".join(f"{expression} AS {name}" for expression, name in self.columns.items())


def of_types(types: tuple[int, ...]) -> str:
    """The condition that signal `g` is of one of these types."""
    if len(types) == 1:
        return f"g.type_id = {types[0]}::smallint"
    return f"g.type_id = ANY ('{{{','.join(map(str, sorted(types)))}}}'::smallint[])"
