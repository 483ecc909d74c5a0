"""Presses keys in a browser and prints how long each took until its result was painted, in seconds, as JSON.

    python -m scoring_models.bench.pressing URL COOKIE_NAME COOKIE_VALUE ROUNDS

A program of its own, since the browser's driver is no dependency of the app. The clock runs in the page: from
the key's own time stamp to the second frame after the result is there, over the change of pages where a verb
brings one. Who works reads before the next key: each is pressed once the page has been at rest for a while.
"""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress

from playwright.sync_api import Error, Page, Request, sync_playwright

CHROMIUM = os.environ.get("TEST_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--no-sandbox"]
LOCAL = ("j", "k", "?", "w", "s")
VERBS = ("c", "skip", "n", "z")

WATCH = """
(() => {
  window.took = window.listed = null;
  const now = () => performance.timeOrigin + performance.now();
  const painted = (since, name) => requestAnimationFrame(() => requestAnimationFrame(() => {
    window[name] = (now() - since) / 1000;
  }));
  let pressed = null;
  let list = null;
  // A key whose result is on this page: what the handler did is painted with the next frame.
  document.addEventListener("keydown", (event) => {
    const since = performance.timeOrigin + event.timeStamp;
    if (sessionStorage.getItem("measure") !== "verb") return painted(since, "took");
    sessionStorage.setItem("since", since);
    [pressed, list] = [since, document.getElementById("list")];
    document.querySelectorAll("#messages .toast").forEach((toast) => { toast.dataset.seen = ""; });
  }, true);
  // One that the server carries out: what was done is said beside the panel that one goes on with.
  const look = () => {
    const since = sessionStorage.getItem("since");
    const said = document.querySelector("#messages .toast:not([data-seen])");
    if (since && said && document.querySelector("#panel [data-chosen]")) {
      sessionStorage.removeItem("since");
      painted(Number(since), "took");
    }
    const shown = document.getElementById("list");
    if (pressed && list && shown && shown !== list) {
      painted(pressed, "listed");
      pressed = null;
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
})();
"""


LOOK_MS, LOOKS, REST_MS = 10, 1_500, 200
# The first rounds meet connections to the database that nobody has used yet.
WARM_ROUNDS = 2


class Watched:
    """A page and its requests that are under way."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._open: set[Request] = set()
        page.on("request", self._begun)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)

    def _begun(self, request: Request) -> None:
        self._open.add(request)

    def _ended(self, request: Request) -> None:
        self._open.discard(request)

    def rest(self) -> None:
        """Wait until nothing has been under way for a while."""
        quiet = 0
        while quiet < REST_MS:
            self.page.wait_for_timeout(LOOK_MS)
            quiet = 0 if self._open else quiet + LOOK_MS

    def press(self, key: str, *, verb: bool) -> float:
        """Press a key and wait for its result; the seconds that it took."""
        self.rest()
        begin = "(kind) => { window.took = window.listed = null; sessionStorage.setItem('measure', kind); }"
        self.page.evaluate(begin, _kind(verb))
        self.page.keyboard.press(key)
        return _seconds(self.page, "took")


def _seconds(page: Page, name: str) -> float:
    """What the page has measured, once it has."""
    for _ in range(LOOKS):
        # While a page gives way to the next there is nothing to ask.
        with suppress(Error):
            took: float | None = page.evaluate(f"window.{name}")
            if took is not None:
                return took
        page.wait_for_timeout(LOOK_MS)
    raise TimeoutError(f"Nothing came of a key: no {name}.")


def _kind(verb: bool) -> str:
    return "verb" if verb else "local"


def measure(page: Page, rounds: int) -> Mapping[str, list[float]]:
    """All keys in turn, as a rep works: look down the list, ask why, claim, skip, next; each taken back."""
    times: dict[str, list[float]] = defaultdict(list)
    watched = Watched(page)
    for place in range(-WARM_ROUNDS, rounds):
        if place == 0:
            times.clear()
        page.goto("/queue/?only=now", wait_until="networkidle")
        for key in ("j", "k", "j", "?"):
            times[key].append(watched.press(key, verb=False))
        page.keyboard.press("Escape")
        times["w"].append(watched.press("w", verb=False))
        _verbs(watched, times)
    return {**times, "local": _together(times, LOCAL), "verbs": _together(times, VERBS)}


def _verbs(watched: Watched, times: dict[str, list[float]]) -> None:
    for name in ("c", "z", "s", "z", "n", "z"):
        if name == "s":
            times["s"].append(watched.press("s", verb=False))
            # Enter sends the form from the field that the key has led to.
            watched.page.locator("#panel form input[type=radio]:focus").wait_for()
            watched.page.keyboard.press("Space")
            times["skip"].append(watched.press("Enter", verb=True))
        else:
            times[name].append(watched.press(name, verb=True))
        times["list"].append(_seconds(watched.page, "listed"))


def _together(times: Mapping[str, list[float]], names: tuple[str, ...]) -> list[float]:
    return [took for name in names for took in times[name]]


def main() -> None:
    url, name, value, rounds = sys.argv[1:]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = chromium.new_context(base_url=url, viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": name, "value": value, "url": url}])
        context.add_init_script(WATCH)
        print(json.dumps(measure(context.new_page(), int(rounds))))
        chromium.close()


if __name__ == "__main__":
    main()
