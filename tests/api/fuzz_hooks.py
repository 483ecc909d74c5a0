"""Loaded by schemathesis: takes one in `FUZZ_ONE_IN` of the requests that the description suggests.

They are thousands, and the same each time: a short run takes a part of those of each operation.
"""

import os
from collections import Counter
from typing import Any

import schemathesis

ONE_IN = int(os.environ.get("FUZZ_ONE_IN", "1"))
_seen: Counter[str] = Counter()


@schemathesis.hook
def filter_case(context: schemathesis.HookContext, case: schemathesis.Case[Any]) -> bool:
    if case.meta is None or case.meta.phase.name != "coverage":
        return True
    _seen[case.operation.label] += 1
    return _seen[case.operation.label] % ONE_IN == 1 % ONE_IN
