"""Answers about texts that come again and again, such as titles and industries, kept in the process.

What a text may be is up to whoever sends it: 32 kB and more. So only short ones are kept, and a process grows
by some tens of megabytes at most, whatever is sent.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar

MOST = 20_000
LONGEST = 100  # characters

P = ParamSpec("P")
T = TypeVar("T")


def remembered(answer: Callable[Concatenate[str, P], T]) -> Callable[Concatenate[str, P], T]:
    """The same function; what it answers about a text of up to `LONGEST` characters it computes once."""
    kept = lru_cache(maxsize=MOST)(answer)

    @wraps(answer)
    def answered(text: str, *others: P.args, **named: P.kwargs) -> T:
        return (kept if len(text) <= LONGEST else answer)(text, *others, **named)

    return answered
