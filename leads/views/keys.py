"""Keys of rows as addresses and forms have them."""

from collections.abc import Iterable

from leads.queue.cursor import BIG_INTEGER


def key_of(text: str) -> int | None:
    """The key that a text says; None for what can't be one."""
    return (
        int(text)
        if text.isascii() and text.isdigit() and len(text) < 20 and int(text) in BIG_INTEGER
        else None
    )


def keys_of(texts: Iterable[str]) -> tuple[int, ...]:
    """The keys among some texts, each once, in their order."""
    return tuple(dict.fromkeys(key for key in map(key_of, texts) if key is not None))
