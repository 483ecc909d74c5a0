"""What the engine gives: SQL and its parameters."""

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL text with named placeholders, and the values of those that the spec itself brought.

    `merges` says that it reads who was merged.
    """

    sql: str
    parameters: dict[str, Any]
    merges: bool = False

    def apart(self, name: str) -> "Statement":
        """The statement with its own parameters renamed, so that several of them go into one."""

        def renamed(found: re.Match[str]) -> str:
            return f"%({name}_{found[1]})s" if found[1] in self.parameters else found[0]

        return Statement(
            re.sub(r"%\((\w+)\)s", renamed, self.sql),
            {f"{name}_{own}": value for own, value in self.parameters.items()},
            self.merges,
        )
