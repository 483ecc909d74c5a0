"""What is read of a lead's signals: aggregates over one pass of the index (lead, type, occurred_at)."""

from collections.abc import Collection
from dataclasses import dataclass, field

from scoring_models.engine.merges import with_absorbed
from scoring_models.engine.moments import days_before

MOST_RUNS = 3


@dataclass
class SignalColumns:
    """Collects the aggregates of a statement, each once, as columns of `s`.

    `moment` is the SQL of as_of where the signals are read, and `known` that of known_at (None: all that is
    known now). A signal is `g` there. `merges` says that some leads were merged.
    """

    moment: str
    known: str | None = None
    merges: bool = False
    columns: dict[str, str] = field(default_factory=dict)
    derived: dict[str, str] = field(default_factory=dict)
    types: set[int] = field(default_factory=set)
    for_ever: set[int] = field(default_factory=set)
    longest_days: int = 0
    asked: set[int] = field(default_factory=set)
    accounts: dict[tuple[tuple[int, ...], int | None, str], str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """Signals (g), and of those types that are asked for it, what they say (p)."""
        if not self.asked:
            return f"{self.table} g"
        return f"{self.table} g LEFT JOIN leads_signaldetail p ON p.key = g.key AND {of_types(self.asked)}"

    @property
    def table(self) -> str:
        """What signals are read from."""
        return self.table_at(self.moment, self.known)

    def table_at(self, moment: str, known: str | None) -> str:
        """The same for other SQL of as_of and known_at. Of both halves each has an index of its own."""
        table = "leads_signal"
        if known is not None:
            halves = ("retracted_at IS NULL", "retracted_at IS NOT NULL")
            table = f"({' UNION ALL '.join(f'SELECT * FROM leads_signal WHERE {half}' for half in halves)})"
        return with_absorbed(table, moment, known) if self.merges else table

    @property
    def known_of_subject(self) -> str | None:
        """The SQL of known_at where a subject (b) is at hand."""
        return None if self.known is None else "b.known_at"

    def newest(self, types: tuple[int, ...], window_days: int | None, where: str = "") -> str:
        """When the newest matching signal occurred; NULL without one. `where` is about its properties (p)."""
        return self._column(f"max(g.occurred_at) FILTER (WHERE {self._matches(types, window_days, where)})")

    def every(self, types: tuple[int, ...], window_days: int | None, where: str = "") -> str:
        """When each matching signal occurred, in no order; NULL without any."""
        matches = self._matches(types, window_days, where)
        return self._column(f"array_agg(g.occurred_at) FILTER (WHERE {matches})")

    def nth_newest(self, every: str, n: str) -> str:
        """The n-th newest of the moments that `every` gave; NULL where there are fewer.

        An ordered aggregate would make the planner sort all signals of all leads; this sorts a few of some.
        """
        nth = f"(SELECT m FROM unnest({every}) m ORDER BY m DESC OFFSET {n} - 1 LIMIT 1)"
        expression = (
            f"CASE WHEN cardinality({every}) = 1 AND {n} = 1 THEN {every}[1]"
            f" WHEN cardinality({every}) >= {n} THEN {nth} END"
        )
        return self.derive(expression)

    def derive(self, expression: str) -> str:
        """A column that is computed once of the aggregates."""
        return "s." + self.derived.setdefault(expression, f"d{len(self.derived)}")

    def of_account(self, types: tuple[int, ...], window_days: int | None, where: str) -> str:
        """The alias of what is read of a lead's account: a row with `moments` and `begins`, or none.

        `moments` are those of each of its leads' newest matching signal, newest first; `begins` is when the
        first future-dated one of anybody begins.
        """
        return self.accounts.setdefault((types, window_days, where), f"y{len(self.accounts)}")

    def next_beginning(self) -> str:
        """When the first future-dated signal of any type that is read begins to count."""
        return self._column(f"min(g.occurred_at) FILTER (WHERE g.occurred_at > {self.moment})")

    def wanted(self) -> str:
        """The condition that a signal is of use: of a type that counts, and young enough for some window.

        Where some count for ever, types are no condition of the index: to look each up in a list takes longer
        than to pass over the few signals that don't count.
        """
        is_counted = among if self.for_ever else of_types
        of_use = is_counted(self.types)
        if self.longest_days:
            of_use = f"g.occurred_at > {days_before(self.moment, self.longest_days)} AND {of_use}"
            if self.for_ever:
                of_use = f"({of_use} OR {among(self.for_ever)})"
        return f"{counting('g', self.known)} AND {of_use}"

    def _column(self, expression: str) -> str:
        return "s." + self.columns.setdefault(expression, f"s{len(self.columns)}")

    def _matches(self, types: tuple[int, ...], window_days: int | None, where: str) -> str:
        self.types.update(types)
        past = f"{among(types)} AND g.occurred_at <= {self.moment}"
        if where:
            self.asked.update(types)
            past = f"{past} AND {where}"
        if window_days is None:
            self.for_ever.update(types)
            return past
        self.longest_days = max(self.longest_days, window_days)
        return f"{past} AND g.occurred_at > {days_before(self.moment, window_days)}"

    def select(self, source: str) -> str:
        """The aggregates over `source` (FROM …), and over them what is derived of them."""
        return self._with_derived(f"SELECT {_named(self.columns)} {source}")

    def stream(self, condition: str) -> str:
        """The same for each lead of whom there are signals with that condition, in the order of `lead_id`.

        That is how they are read. Said here, the planner knows it above what is derived, too, and joins the
        leads as they come instead of by a hash table.
        """
        rows = f"FROM {self.source} WHERE {condition} GROUP BY g.lead_id"
        return self._with_derived(f"SELECT g.lead_id, {_named(self.columns)} {rows}", " ORDER BY s.lead_id")

    def _with_derived(self, aggregates: str, order: str = "") -> str:
        if not self.derived:
            return aggregates
        return f"SELECT s.*, {_named(self.derived)} FROM ({aggregates}) s{order} OFFSET 0"


def _named(columns: dict[str, str]) -> str:
    return ", ".join(f"{expression} AS {name}" for expression, name in columns.items())


def of_types(types: Collection[int]) -> str:
    """The condition that signal `g` is of one of these types."""
    if len(types) == 1:
        return f"g.type_id = {next(iter(types))}::smallint"
    return f"g.type_id = ANY ('{{{','.join(map(str, sorted(types)))}}}'::smallint[])"


def among(types: Collection[int]) -> str:
    """The same for signals that are read anyway: by what ids they lie between, which is sooner seen than
    that they are in a list. An index has no use for it.
    """
    runs = _runs(types)
    if not 0 < len(runs) <= MOST_RUNS:
        return of_types(types)
    each = (
        f"g.type_id = {low}::smallint"
        if low == high
        else f"g.type_id BETWEEN {low}::smallint AND {high}::smallint"
        for low, high in runs
    )
    return f"({' OR '.join(each)})"


def _runs(ids: Collection[int]) -> list[tuple[int, int]]:
    """The first and the last of each run of ids that follow each other."""
    starts = sorted(each for each in ids if each - 1 not in ids)
    ends = sorted(each for each in ids if each + 1 not in ids)
    return list(zip(starts, ends, strict=True))


def no_signal_before_now(types: Collection[int], signals: SignalColumns) -> str:
    """The condition that a subject has no signal of these types by its moment; one look into the index."""
    return (
        f"(SELECT TRUE FROM {signals.table} g WHERE g.lead_id = b.lead_id"
        f" AND {counting('g', signals.known_of_subject)}"
        f" AND {of_types(types)} AND g.occurred_at <= b.as_of LIMIT 1) IS NULL"
    )


def counting(signal: str, known: str | None) -> str:
    """The condition that a signal, by its alias, has come and was not taken back, by what is known."""
    if known is None:
        return f"{signal}.retracted_at IS NULL"
    taken_back = f"({signal}.retracted_at IS NULL OR {signal}.retracted_at > {known})"
    return f"{signal}.received_at <= {known} AND {taken_back}"
