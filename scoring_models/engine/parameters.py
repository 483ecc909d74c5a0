"""Bind parameters: every text, number and date of a spec reaches the database as one."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class Parameters:
    """Collects the values of a statement while it is written."""

    values: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: object, cast: str) -> str:
        """A placeholder for the value, of the SQL type `cast`."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"%({name})s::{cast}"

    def bind_array(self, values: Iterable[object], cast: str) -> str:
        """A placeholder for an array of `cast`. Adapting a list at each run takes longer."""
        return self.bind(f"{{{','.join(map(_element, values))}}}", f"{cast}[]")


def _element(value: object) -> str:
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'
