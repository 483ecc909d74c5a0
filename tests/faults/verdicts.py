"""What a run found, each beside what it must be: said together at the end."""

from datetime import UTC, datetime

DRAINED_SECONDS = 60.0  # after the broker forgot everything
RECOVERED_SECONDS = 5.0  # after the database is back


def say(text: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {text}", flush=True)


class Verdicts:
    """Whether each thing that must hold does."""

    def __init__(self) -> None:
        self.found: list[tuple[bool, str]] = []
        self.seconds: dict[str, float] = {}

    def holds(self, what: str, good: bool) -> None:
        self.found.append((good, what))

    def within(self, what: str, seen: float, most: float) -> None:
        """Seconds that something took, of those that it may take."""
        self.holds(f"{what}: {seen:.1f} s, at most {most:g} s", seen <= most)

    def say(self) -> bool:
        """Print all; whether all are good."""
        say(f"seconds: {', '.join(f'{name} {took:.0f}' for name, took in self.seconds.items())}")
        for good, what in self.found:
            print(f"{'  ok  ' if good else 'FAILED'} {what}", flush=True)
        return bool(self.found) and all(good for good, _what in self.found)
