"""Bind parameters: every text, number and date of a spec reaches the database as one."""

from dataclasses import dataclass, field
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
