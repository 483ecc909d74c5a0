"""The bench's arithmetic and refusals. What it measures needs a server of its own with fsync on."""

import pytest
from django.core.management import CommandError, call_command

from scoring_models.bench.figures import against, in_milliseconds, percentile


def test_percentiles_are_times_that_were_measured() -> None:
    times = [float(n) for n in range(1, 201)]
    assert [percentile(times, share) for share in (0.5, 0.99, 1.0)] == [100, 198, 200]
    assert percentile([7.0], 0.5) == 7.0


def test_a_ratio_is_taken_round_by_round() -> None:
    # A busy minute makes both slow: the second round says the same as the others.
    figures = against([1.0, 10.0, 1.2], [1.0, 10.0, 1.0], target=1.1)
    assert (figures["ratio"], figures["seconds"], figures["reached"]) == (1.0, 1.2, True)
    assert against([2.0], [1.0], target=1.5)["reached"] is False


def test_a_target_in_milliseconds_is_for_the_99th_percentile() -> None:
    times = [0.001] * 90 + [0.02] * 10
    assert in_milliseconds(times, 10) == {
        **{"p50_ms": 1.0, "p95_ms": 20.0, "p99_ms": 20.0},
        **{"target_ms": 10, "reached": False},
    }
    assert "reached" not in in_milliseconds(times)


def test_it_measures_no_server_but_the_embedded_one() -> None:
    with pytest.raises(CommandError, match="Unset DATABASE_URL"):
        call_command("bench")


@pytest.mark.parametrize("arguments", [{"rounds": 4}, {"leads": 999}])
def test_too_little_to_measure_is_refused(monkeypatch: pytest.MonkeyPatch, arguments: dict[str, int]) -> None:
    monkeypatch.delenv("DATABASE_URL")
    with pytest.raises(CommandError, match="at least 1,000 leads and 5 rounds"):
        call_command("bench", **arguments)
