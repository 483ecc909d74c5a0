"""How a file is to be imported: how it is read, what its columns mean, and what holds for all its rows."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from leads.ingestion.refused_file import ABOUT
from leads.ingestion.sources.table import Wish

# A column that a new attribute is to be made of is mapped to this and the attribute's key.
NEW = "new:"
# Those that can be chosen where the guess is wrong.
ENCODINGS = (
    *("utf-8", "utf-16", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256"),
    "cp1257",
    *(
        "iso8859-1",
        "iso8859-2",
        "iso8859-15",
        "mac_roman",
        "koi8_r",
        "shift_jis",
        "gb18030",
        "big5",
        "euc_kr",
    ),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """As a person sets it in the browser. `targets` are by column; a column may have several, with commas.

    `outcome_column` closes leads: each of the other three lists, with commas, the values that mean it.
    """

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_at: int | None = None
    targets: Mapping[str, str] = field(default_factory=dict)
    recognised_as: str = ""
    missing: str = ""
    source: str = ""
    team: int | None = None
    owner: int | None = None
    outcome_column: str = ""
    converted: str = ""
    lost: str = ""
    disqualified: str = ""
    lead_key: str = "external_id"
    type_name: str = ""
    timezone: str = "UTC"

    @property
    def wish(self) -> Wish:
        """How to open the file."""
        return Wish(
            encoding=self.encoding or None,
            delimiter=self.delimiter or None,
            sheet=self.sheet or None,
            header_at=self.header_at,
            numbered=True,
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def for_columns(self, names: Sequence[str]) -> "Plan":
        """The same without what it says of columns that aren't there, as those of another header."""
        return replace(
            self,
            targets={name: self.targets[name] for name in names if name in self.targets},
            outcome_column=self.outcome_column if self.outcome_column in names else "",
        )

    def for_another_file(self) -> "Plan":
        """What a saved mapping keeps: not how one file happened to be written."""
        return replace(self, encoding="", delimiter="", sheet="", header_at=None)


def from_json(kept: Mapping[str, Any]) -> Plan:
    return Plan(**kept)


def header_digest(names: Sequence[str]) -> str:
    """What two files with the same columns have in common; one of refused rows has those of its file."""
    own = names[len(ABOUT) :] if tuple(names[: len(ABOUT)]) == ABOUT else names
    return hashlib.sha256(json.dumps(own, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()
