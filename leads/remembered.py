"""Answers about texts that come again and again, such as titles and industries, kept in the process.

What a text may be is up to whoever sends it: 32 kB and more. So only short ones are kept, and a process grows
by some tens of megabytes at most, whatever is sent.
"""

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast

MOST = 20_000
LONGEST = 100  # characters

OfText = TypeVar("OfText", bound=Callable[..., Any])


def remembered(answer: OfText) -> OfText:
    """The same function; what it answers about a text of up to `LONGEST` characters it computes once.

    The text is its first argument.
    """
    kept = lru_cache(maxsize=MOST)(answer)

    @wraps(answer)
    def answered(text: str, *others: Hashable, **named: Hashable) -> object:
        return (kept if len(text) <= LONGEST else answer)(text, *others, **named)

    return cast(OfText, answered)
