"""What a statement reads: its subjects, their leads and accounts, their colleagues and their signals."""

from scoring_models.engine import colleagues
from scoring_models.engine.signals import SignalColumns
from scoring_models.engine.subjects import Subjects, View, subjects_with_leads


def source(signals: SignalColumns, subjects: Subjects, view: View) -> str:
    """Subjects (b) with their lead (l), account (a), colleagues (y0, …) and aggregated signals (s)."""
    rows = subjects_with_leads(subjects, view, merges=signals.merges)
    rows += colleagues.joins(signals, rows, view)
    if not signals.columns:
        return rows
    wanted = signals.wanted()
    if subjects is Subjects.RANGE:
        in_range = "g.lead_id >= %(low)s::bigint AND g.lead_id < %(high)s::bigint"
        return f"{rows} LEFT JOIN ({signals.stream(f'{in_range} AND {wanted}')}) s ON s.lead_id = b.lead_id"
    of_lead = f"FROM {signals.source} WHERE g.lead_id = b.lead_id AND {wanted}"
    return f"{rows} LEFT JOIN LATERAL ({signals.select(of_lead)}) s ON TRUE"
