"""Reading a mapping key by key: what isn't taken is refused by name, and every problem is noted."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from scoring_models.spec_text.problems import Notes, Path, Refused, instead

T = TypeVar("T")


class Section:
    """The mapping at `path` of a version's data, with the keys that it may have."""

    def __init__(self, data: object, path: Path, notes: Notes, known: tuple[str, ...]) -> None:
        self.path = path
        self.notes = notes
        self.data: Mapping[str, object] = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            notes.add(path, f"Write keys here: {', '.join(known)}.")
        for key in self.data:
            if key not in known:
                self.note(f"Unknown key. {instead(key, known)}".rstrip(), key)

    def note(self, sentence: str, *key: str | int) -> None:
        self.notes.add((*self.path, *key), sentence)

    def has(self, key: str) -> bool:
        return self.data.get(key) is not None

    def part(self, key: str, known: tuple[str, ...]) -> "Section":
        """The mapping at `key`; an empty one where there is none."""
        return Section(self.data.get(key) or {}, (*self.path, key), self.notes, known)

    def parts(self, key: str, known: tuple[str, ...]) -> "list[Section]":
        """The mappings in the list at `key`; none where there is no list."""
        data = self.data.get(key)
        if data is not None and not isinstance(data, list):
            self.note("Write a list here.", key)
        items = data if isinstance(data, list) else []
        return [
            Section(item, (*self.path, key, index), self.notes, known) for index, item in enumerate(items)
        ]

    def required(self, key: str, read: Callable[[object], T], otherwise: T) -> T:
        """The value at `key`; where it is missing or refused that is noted, and `otherwise` stands in."""
        if self.data.get(key) is None:
            self.note("This is missing." if key not in self.data else "This is empty.", key)
            return otherwise
        return self._read(key, read, otherwise)

    def optional(self, key: str, read: Callable[[object], T], default: T) -> T:
        """The value at `key`, or `default` where there is none."""
        return default if self.data.get(key) is None else self._read(key, read, default)

    def or_none(self, key: str, read: Callable[[object], T], default: T | None) -> T | None:
        """The value at `key`, where null means none and a missing key means `default`."""
        if key not in self.data:
            return default
        return None if self.data[key] is None else self._read(key, read, None)

    def _read(self, key: str, read: Callable[[object], T], otherwise: T) -> T:
        try:
            return read(self.data[key])
        except Refused as problem:
            self.note(str(problem), key, *problem.key)
            return otherwise
