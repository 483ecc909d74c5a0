"""Which bands sales works: their leads are the queues."""

from collections.abc import Sequence

from scoring_models.spec import BandSpec

SALES = "sales"


def sales_ranks(bands: Sequence[BandSpec]) -> frozenset[int]:
    """The ranks of the bands that sales works."""
    return frozenset(rank for rank, band in enumerate(bands) if band.worked_by == SALES)
