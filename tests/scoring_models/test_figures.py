"""Shares and intervals as people read them."""

import pytest

from scoring_models.templatetags import figures


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.344, "34 %"), (0.0794, "7.9 %"), (1.0, "100 %"), (0.0, "0 %"), (0.0996, "10 %"), (None, "")],
)
def test_shares_in_per_cent(share: float | None, said: str) -> None:
    assert figures.percent(share).replace("\N{NARROW NO-BREAK SPACE}", " ") == said


def test_intervals() -> None:
    assert figures.percents([0.281, 0.409]).replace("\N{NARROW NO-BREAK SPACE}", " ") == "28–41 %"
    assert figures.percents(None) == figures.aucs(None) == figures.auc(None) == ""
    assert figures.aucs([-0.021, 0.014]) == "−0.02 to 0.01"
    assert figures.auc(-0.0023) == "−0.002"
    assert figures.whole_percent(0.3456) == "34.6%"
