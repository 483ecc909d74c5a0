"""Signal types from the names that other systems give to events."""

import hashlib
import re
import unicodedata
from collections.abc import Collection

from leads.models import SignalType
from leadscoring.errors import DomainError

MAX_KEY = 60
MAX_NEW = 200
_OUTSIDE = re.compile(r"[^a-z0-9]+")


def type_key(name: str) -> str:
    """The key of the type that an event of this name has: "Product View" is product_view.

    A name without a Latin letter or digit, or too long a one, gets a key with a digest of the name.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    key = _OUTSIDE.sub("_", plain).strip("_")
    digest = hashlib.sha256(name.strip().encode()).hexdigest()[:8]
    if not key:
        return f"event_{digest}"
    if not key[0].isalpha():
        key = f"event_{key}"
    return key if len(key) <= MAX_KEY else f"{key[: MAX_KEY - 9]}_{digest}"


def create_types(names: Collection[str]) -> dict[str, str]:
    """Make the types that these names mean and that aren't there; the first name of each by its key.

    They count for no rule until one uses them. Raises DomainError where there are more than `MAX_NEW`.
    """
    by_key: dict[str, str] = {}
    for name in names:
        by_key.setdefault(type_key(name), name.strip())
    known = set(SignalType.objects.filter(key__in=by_key).values_list("key", flat=True))
    new = {key: name for key, name in by_key.items() if key not in known}
    if len(new) > MAX_NEW:
        some = ", ".join(list(new.values())[:3])
        raise DomainError(
            "signal.types",
            f"The file would make {len(new):,} new signal types ({some}, …), and {MAX_NEW} is the most:"
            " map the column that holds what happened to type.",
        )
    SignalType.objects.bulk_create(
        (SignalType(key=key, label=name[:100]) for key, name in new.items()), ignore_conflicts=True
    )
    return new
