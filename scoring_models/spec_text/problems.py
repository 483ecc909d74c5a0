"""What is wrong with a version's text, where, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from leadscoring.errors import DomainError

Path = tuple[str | int, ...]


class Refused(ValueError):
    """One value can't be used; its sentence says why. `key` names the place below the value that was read."""

    def __init__(self, sentence: str, *key: str | int) -> None:
        super().__init__(sentence)
        self.key = key


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `path` leads to it: ("rules", 2, "signal", "at_least")."""

    path: Path
    sentence: str
    line: int | None = None

    def __str__(self) -> str:
        place = dotted(self.path)
        if self.line is not None:
            place = f"{place}, line {self.line}" if place else f"line {self.line}"
        return f"{place}: {self.sentence}" if place else self.sentence


class InvalidVersion(DomainError):
    """A version that can't be read, with everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("invalid_version", "\n".join(map(str, self.problems)))


@dataclass(slots=True)
class Notes:
    """Collects problems while a version is read. `lines` says where in a file each path begins."""

    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, path: Path, sentence: str) -> None:
        self.problems.append(Problem(path, sentence, self._line(path)))

    def _line(self, path: Path) -> int | None:
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def dotted(path: Path) -> str:
    """A path for people; rows count from 1: "rule 3, signal, at_least"."""
    parts: list[str] = []
    for part in path:
        if isinstance(part, int) and parts:
            parts[-1] = f"{parts[-1].removesuffix('s')} {part + 1}"
        else:
            parts.append(str(part))
    return ", ".join(parts)


def instead(name: str, known: Iterable[str]) -> str:
    """A hint at the known name that is nearest, or at all of them where they are few."""
    names = sorted(known)
    if near := get_close_matches(name, names, n=1, cutoff=0.6):
        return f"Did you mean {near[0]}?"
    return f"Known: {', '.join(names)}." if 0 < len(names) <= 12 else ""
