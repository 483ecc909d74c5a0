"""Reading a mapping key by key: what isn't taken is refused by name, and every problem is noted."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from scoring_models.spec_text.problems import Notes, Path, Refused, instead

T = TypeVar("T")


class Section:
    """The mapping at `path` of a version's data, with the keys that it may have.

    `not_yet` names keys of the text form that nothing computes yet; they may stand there empty.
    """

    def __init__(
        self, data: object, path: Path, notes: Notes, known: tuple[str, ...], not_yet: tuple[str, ...] = ()
    ) -> None:
        self.path = path
        self.notes = notes
        self.data: Mapping[str, object] = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            notes.add(path, f"Write keys here: {', '.join(known)}.")
        for key, value in self.data.items():
            if key in not_yet:
                if value not in (None, [], {}):
                    self.note(f"“{key}” isn't computed yet. Remove it.", key)
            elif key not in known:
                self.note(f"Unknown key. {instead(key, known)}".rstrip(), key)

    def note(self, sentence: str, *key: str | int) -> None:
        self.notes.add((*self.path, *key), sentence)

    def has(self, key: str) -> bool:
        return self.data.get(key) is not None

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
