"""The website snippet on a page of another origin: nothing before consent, then page views and forms."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page

from leads.models import IntakeMessage, Lead
from leadscoring.api.scopes import Scope
from tests.api.conftest import key_for
from tests.browser.conftest import follow
from tests.company import Company
from tests.intake.conftest import signals_of, use

# Sent by GET, so that all of it stands in the address of the next page.
PAGE = """<!doctype html><title>Shop</title><form name="contact" action="/thanks">
<input type="email" name="mail"><input autocomplete="given-name" name="first"><input name="id" value="x">
<input autocomplete="cc-number" name="card"><textarea name="text">Call me</textarea>
<button>Send</button></form>
<form action="/login"><input type="email" value="me@shop.example">
<input autocomplete="current-password" value="hunter2"><button>Sign in</button></form>
<script src="{host}/static/leadscoring/track.js" data-write-key="{key}" defer></script>"""
CSP = "default-src 'none'; script-src 'self' {host}; connect-src {host}; form-action 'self'"


@pytest.fixture
def website(company: Company, live_server_url: str) -> Iterator[str]:
    """The address of a page with the snippet, on a port of its own, with a strict policy of what it loads."""
    key = key_for(company.person("sam"), {Scope.TRACK}).text
    html = PAGE.format(host=live_server_url, key=key).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Security-Policy", CSP.format(host=live_server_url))
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
    for _look in range(600):
        if IntakeMessage.objects.count() >= count:
            return True
        page.wait_for_timeout(100)
    return False


def test_a_visitor_who_agrees_becomes_a_lead(website: str, new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto(f"{website}/pricing?token=s3cret&utm_campaign=spring#top")
    assert stored(page) == 0 and not IntakeMessage.objects.exists()
    page.evaluate("leadscoring.consent(true)")
    assert stored(page) == 1
    assert kept(page, 1)
    page.locator("[name=mail]").fill("vera@shop.example")
    page.locator("[name=first]").fill("Vera")
    page.locator("[name=card]").fill("4111111111111111")
    follow(page.get_by_role("button", name="Send"))
    assert kept(page, 3)
    page.evaluate("leadscoring.consent(true)")
    assert kept(page, 4)
    follow(page.get_by_role("button", name="Sign in"))
    page.evaluate("leadscoring.consent(true)")
    assert kept(page, 5)  # the next page, and nothing of the form
    sent = [message.raw for message in IntakeMessage.objects.order_by("pk")]
    # Who filled in the form and that it was sent are two requests at once: either may come first.
    visit, *form, thanks, signed_in = sent
    assert "/pricing?utm_campaign=spring" in visit and max(map(len, sent)) < 700
    assert "/thanks" in thanks and '"path":"/login"' in signed_in
    assert sorted("vera@" in raw for raw in form) == [False, True]
    told = " ".join(sent)
    assert told.count("vera@") == 1
    assert not [text for text in ("s3cret", "4111", "Call me", "hunter2", "me@shop") if text in told]
    use()
    assert {"pricing_view", "form_submit"} <= set(signals_of("vera@shop.example"))
    assert Lead.objects.get(email="vera@shop.example").first_name == "vera"


def test_who_changes_their_mind_is_forgotten_and_sends_no_more(
    website: str, new_page: Callable[..., Page]
) -> None:
    page = new_page()
    page.goto(website)
    page.evaluate("leadscoring.consent(true)")
    assert kept(page, 1)
    page.evaluate("leadscoring.consent(false); leadscoring.track('Pricing Viewed')")
    assert stored(page) == 0
    page.evaluate("leadscoring.consent(true); leadscoring.track('Came Back')")
    assert kept(page, 2)
    assert [raw for raw in IntakeMessage.objects.values_list("raw", flat=True) if "Pricing" in raw] == []


@pytest.mark.parametrize("wish", ["doNotTrack", "globalPrivacyControl"])
def test_who_asks_not_to_be_tracked_is_not(website: str, new_page: Callable[..., Page], wish: str) -> None:
    page = new_page()
    value = '"1"' if wish == "doNotTrack" else "true"
    page.add_init_script(f"Object.defineProperty(navigator, '{wish}', {{get: () => {value}}})")
    page.goto(website)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("leadscoring.consent(true)")
    page.reload()  # what was sent before is known by then
    assert asked and not [url for url in asked if "/v1/" in url]
    assert stored(page) == 0 and not IntakeMessage.objects.exists()
