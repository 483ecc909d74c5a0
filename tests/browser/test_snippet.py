"""The website snippet on a page of another origin: nothing before consent, then page views and forms."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page

from leads.models import IntakeMessage, Lead
from leadscoring.api.scopes import Scope
from tests.api.conftest import key_for
from tests.company import Company
from tests.intake.conftest import signals_of, use

PAGE = """<!doctype html><title>Shop</title><form id="contact" action="/thanks">
<input type="email" name="mail"><input autocomplete="given-name" name="first"><button>Send</button></form>
<script src="{host}/static/leadscoring/track.js" data-write-key="{key}" defer></script>"""


@pytest.fixture
def website(company: Company, live_server_url: str) -> Iterator[str]:
    """The address of a page with the snippet, on a port of its own."""
    key = key_for(company.person("sam"), {Scope.TRACK}).text
    html = PAGE.format(host=live_server_url, key=key).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def stored(page: Page) -> int:
    return int(page.evaluate("localStorage.length"))


def kept(page: Page, count: int) -> bool:
    """Whether so many messages have come, while the browser goes on."""
    for _look in range(100):
        if IntakeMessage.objects.count() >= count:
            return True
        page.wait_for_timeout(100)
    return False


def test_a_visitor_who_agrees_becomes_a_lead(website: str, new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto(f"{website}/pricing")
    page.wait_for_function("window.leadscoring !== undefined")
    assert stored(page) == 0 and not IntakeMessage.objects.exists()
    page.evaluate("leadscoring.consent(true)")
    assert stored(page) == 1
    assert kept(page, 1)
    page.locator("[type=email]").fill("vera@shop.example")
    page.locator("[name=first]").fill("Vera")
    page.get_by_role("button", name="Send").click()
    assert kept(page, 3)
    use()
    assert {"pricing_view", "form_submit"} <= set(signals_of("vera@shop.example"))
    assert Lead.objects.get(email="vera@shop.example").first_name == "vera"


@pytest.mark.parametrize("wish", ["doNotTrack", "globalPrivacyControl"])
def test_who_asks_not_to_be_tracked_is_not(website: str, new_page: Callable[..., Page], wish: str) -> None:
    page = new_page()
    value = '"1"' if wish == "doNotTrack" else "true"
    page.add_init_script(f"Object.defineProperty(navigator, '{wish}', {{get: () => {value}}})")
    page.goto(website)
    page.wait_for_function("window.leadscoring !== undefined")
    page.evaluate("leadscoring.consent(true)")
    page.wait_for_timeout(300)
    assert stored(page) == 0 and not IntakeMessage.objects.exists()
