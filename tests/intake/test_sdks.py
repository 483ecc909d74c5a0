"""Segment's own SDKs, unchanged, against a live server whose first answer is that it has no time."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer
from segment.analytics.client import Client

from leads.intake.inbox import InboxFull, keep
from leads.models import Lead
from leads.views import segment as view
from leadscoring.api.scopes import Scope
from leadscoring.ops.state import file_lock
from leadscoring.people.models import User
from tests.api.conftest import key_for
from tests.intake.conftest import signals_of, use

NODE = Path(__file__).parent / "node"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "leadscoring-tests" / "node"


@pytest.fixture
def server(committed_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a server that sends the first request away."""
    asked: list[int] = []

    def busy_at_first(*args: Any, **options: Any) -> int:
        asked.append(1)
        if len(asked) == 1:
            raise InboxFull
        return keep(*args, **options)

    monkeypatch.setattr(view, "keep", busy_at_first)
    monkeypatch.setattr(view, "FULL_RETRY_AFTER", 1)
    return str(live_server.url)


@pytest.fixture
def write_key(server: str, people: Callable[[str], User]) -> str:
    return key_for(people("sam"), {Scope.TRACK}).text


def test_the_python_sdk_works_unchanged(server: str, write_key: str) -> None:
    client = Client(write_key, host=server, gzip=True, upload_interval=0.1)
    client.identify("p1", {"email": "pia@python.example", "title": "VP Sales"}, anonymous_id="p0")
    client.track(anonymous_id="p0", event="Signed Up", properties={"plan": "pro"})
    client.group("p1", "Python Works", {"industry": "Software"})
    client.page("p1", name="Pricing")
    client.flush()
    client.join()
    use()
    lead = Lead.objects.select_related("account").get(external_id="p1")
    assert (lead.job_title, lead.account and lead.account.industry) == ("vp sales", "software")
    assert signals_of("pia@python.example") == ["form_submit", "pricing_view"]


def test_the_node_sdk_works_unchanged(server: str, write_key: str, node_modules: Path) -> None:
    command = [str(shutil.which("node")), "track.mjs", server, write_key]
    done = subprocess.run(command, cwd=node_modules, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    use()
    lead = Lead.objects.select_related("account").get(external_id="n1")
    assert (lead.job_title, lead.account and lead.account.company) == ("cto", "node works")
    assert signals_of("nora@node.example") == ["demo_request", "page_view"]


@pytest.fixture(scope="session")
def node_modules() -> Iterator[Path]:
    """A folder with the SDK as the lock file has it, filled once for all runs."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Node isn't here: install nodejs and npm to run Segment's Node SDK.")
    CACHE.mkdir(parents=True, exist_ok=True)
    with file_lock(CACHE / "lock"):
        for name in ("package.json", "package-lock.json", "track.mjs"):
            shutil.copy(NODE / name, CACHE / name)
        _install(CACHE)
    yield CACHE


def _install(folder: Path) -> None:
    wanted = (folder / "package-lock.json").read_bytes()
    stamp = folder / "installed"
    if stamp.exists() and stamp.read_bytes() == wanted:
        return
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        pytest.skip(f"npm could not fetch Segment's Node SDK: {done.stderr.strip()[-300:]}")
    stamp.write_bytes(wanted)
