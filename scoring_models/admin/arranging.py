"""What the page's script does by itself, done without it: the posted form is changed before it is read."""

from django.http import QueryDict

# What makes a rule that one and no other.
OWN = ("id", "version", "position", "DELETE")


def arranged(posted: QueryDict) -> QueryDict:
    """The posted fields after a button: `_move` (`rules-3:-1`), `_duplicate` (`rules-3`), `_condition`."""
    fields = posted.copy()
    prefix, _, by = _one(fields, "_move").partition(":")
    if prefix:
        _move(fields, prefix, 1 if by == "1" else -1)
    if prefix := _one(fields, "_duplicate"):
        _duplicate(fields, prefix)
    if prefix := _one(fields, "_condition"):
        _add_condition(fields, prefix)
    return fields


def _move(fields: QueryDict, prefix: str, by: int) -> None:
    """Change places with the rule before or after it."""
    order = _in_order(fields, _set_of(prefix))
    if prefix not in order or not 0 <= order.index(prefix) + by < len(order):
        return
    places = sorted(_place(fields, each) for each in order)
    at = order.index(prefix)
    order[at], order[at + by] = order[at + by], prefix
    for each, place in zip(order, places, strict=True):
        fields[f"{each}-position"] = str(place)


def _duplicate(fields: QueryDict, prefix: str) -> None:
    """One more form that says the same, right after it."""
    stem = _set_of(prefix)
    if prefix not in _in_order(fields, stem):
        return
    total = int(_one(fields, f"{stem}-TOTAL_FORMS"))
    copy, place = f"{stem}-{total}", _place(fields, prefix)
    fields[f"{stem}-TOTAL_FORMS"] = str(total + 1)
    for name, values in list(fields.lists()):
        own = name.removeprefix(f"{prefix}-")
        if own != name and own not in OWN:
            fields.setlist(f"{copy}-{own}", values)
        elif name.endswith("-position") and _place(fields, name.removesuffix("-position")) > place:
            fields[name] = str(int(_one(fields, name)) + 1)
    fields[f"{copy}-position"] = str(place + 1)


def _add_condition(fields: QueryDict, prefix: str) -> None:
    """One more row, which is empty."""
    total = _one(fields, f"{prefix}-TOTAL")
    if total.isdigit():
        fields[f"{prefix}-TOTAL"] = str(int(total) + 1)
        fields[f"{prefix}-{total}-operator"] = ""


def _set_of(prefix: str) -> str:
    return prefix.rpartition("-")[0]


def _in_order(fields: QueryDict, stem: str) -> list[str]:
    """The prefixes of a set's stored rules, as they stand on the page."""
    total = _one(fields, f"{stem}-TOTAL_FORMS")
    prefixes = [f"{stem}-{place}" for place in range(int(total) if total.isdigit() else 0)]
    stored = [each for each in prefixes if _one(fields, f"{each}-id")]
    return sorted(stored, key=lambda each: _place(fields, each))


def _place(fields: QueryDict, prefix: str) -> int:
    place = _one(fields, f"{prefix}-position")
    return int(place) if place.isdigit() else 0


def _one(fields: QueryDict, name: str) -> str:
    return str(fields.get(name) or "")
