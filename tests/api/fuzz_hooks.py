"""Loaded by schemathesis. Making a request takes longer than answering it, so each is sent as several people.

`FUZZ_AS` has the keys of the others, as a JSON list; null is a stranger. Of the requests that the description
suggests, thousands and the same each time, one in `FUZZ_ONE_IN` of each operation is taken. `FUZZ_SECONDS` is
how long an answer may take. `FUZZ_SEEN` is the file for how many were sent as others, and what took longest.
"""

import atexit
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import requests
import schemathesis
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi import checks

ONE_IN = int(os.environ.get("FUZZ_ONE_IN", "1"))
SECONDS = float(os.environ.get("FUZZ_SECONDS", "30"))
SHOWN = 3
OTHERS: list[str | None] = json.loads(os.environ.get("FUZZ_AS", "[]"))
# What any answer must hold, whoever asks; the other checks ask again by themselves, as whom they were given.
HOLDS_FOR_ALL: list[Any] = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.positive_data_acceptance,
]
_seen: Counter[str] = Counter()
_sessions = {key: requests.Session() for key in OTHERS}
_sent: Counter[str | None] = Counter()
_slowest: dict[str, float] = {}
load_all_checks()


@schemathesis.hook
def filter_case(context: schemathesis.HookContext, case: schemathesis.Case[Any]) -> bool:
    if case.meta is None or case.meta.phase.name != "coverage":
        return True
    _seen[case.operation.label] += 1
    return _seen[case.operation.label] % ONE_IN == 1 % ONE_IN


@schemathesis.check
def holds_for_others(context: schemathesis.CheckContext, response: schemathesis.Response, case: Any) -> None:
    """The same request, asked by somebody else, is answered by the description, too."""
    _note(case, response.elapsed)
    for key, session in _sessions.items():
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        answer = case.call(session=session, headers=headers, timeout=SECONDS)
        _sent[key] += 1
        _note(case, answer.elapsed)
        case.validate_response(answer, checks=HOLDS_FOR_ALL)


def _note(case: Any, seconds: float) -> None:
    name = case.operation.label
    _slowest[name] = max(_slowest.get(name, 0.0), round(seconds, 2))


@atexit.register
def _tell() -> None:
    if path := os.environ.get("FUZZ_SEEN"):
        slowest = sorted(((took, name) for name, took in _slowest.items()), reverse=True)[:SHOWN]
        Path(path).write_text(json.dumps({"as_others": _sent.total(), "slowest": slowest}))
