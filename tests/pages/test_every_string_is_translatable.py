"""A run in a language of our own, in which every translatable string is in brackets: none may lack them.

What people or imports wrote, and what a frozen version says, is not to be translated: all texts that the
database holds are taken away before looking.
"""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.db.models import Model
from django.test import Client
from django.utils import timezone
from django.utils.translation import gettext, trans_real
from pytest_django import Settings

from scoring_models.demo.versions import propose
from tests.company import Company
from tests.pages.test_routes import ROUTES, WHO, SignIn, real
from tests.scoring_models.approving import evidence_of

SPOKEN_ATTRIBUTES = ("aria-label", "aria-description", "title", "placeholder", "alt")
SILENT_TAGS = ("script", "style", "kbd", "code", "pre", "svg", "time")
WORD = re.compile(r"[^\W\d_]{3,}")
# Names, which are the same in every language; and units.
NAMES = {"csv", "xlsx", "yaml", "sha", "linkedin", "ssi", "auc", "utc"}
# Of encodings.
NAMES |= {"utf", "iso", "big", "euc", "koi", "mac", "roman", "shift", "jis"}


class Spoken(HTMLParser):
    """The texts of a page that a person reads or hears."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts += [value for name, value in attrs if name in SPOKEN_ATTRIBUTES and value]
        if tag in SILENT_TAGS:
            self._silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)


def texts_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts_of(key)
            yield from texts_of(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_of(inner)


def kept_texts() -> list[str]:
    """All texts that the database holds, the longest first."""
    models: list[type[Model]] = [model for model in apps.get_models() if model._meta.managed]
    rows = (row for model in models for row in model._default_manager.values_list())
    found = {text.casefold() for row in rows for text in texts_of(list(row)) if WORD.search(text)}
    return sorted(found | {text.replace("_", " ") for text in found}, key=len, reverse=True)


@pytest.fixture
def bracketed(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Each translation in brackets. The language is another one than that of all other tests, so that what a
    process keeps by language it keeps apart from what they see.
    """
    settings.LANGUAGE_CODE = "en-au"

    def plain(translate: Callable[..., str]) -> Callable[..., str]:
        return lambda *given: f"⟦{translate(*given)}⟧"

    for name in ("gettext", "ngettext", "pgettext", "npgettext"):
        monkeypatch.setattr(f"django.utils.translation._trans.{name}", plain(getattr(trans_real, name)))


def without_brackets(text: str) -> str:
    """What stands outside all brackets, which may lie in each other."""
    while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", " ", text)) != text:
        text = shorter
    return text


def untranslated(html: str, kept: list[str]) -> set[str]:
    page = Spoken()
    # A name that is kept apart for its direction doesn't end the sentence that it is in.
    page.feed(re.sub("</?bdi>", "", html))
    found = set()
    for text in page.texts:
        rest = without_brackets(text).casefold()
        for known in kept if WORD.search(rest) else []:
            rest = rest.replace(known, " ")
        if set(WORD.findall(rest)) - NAMES:
            found.add(" ".join(text.split()))
    return found


def pages_of(company: Company) -> Iterator[tuple[str, str]]:
    """Whom to be and where to look."""
    for route in ROUTES.values():
        if not route.post:
            yield WHO[sorted(route.roles)[0]], real(route, company)
            if "rep" in route.roles:
                yield "ana", real(route, company)
    yield "ana", f"/queue/?lead={company.lead('Wei').pk}"


def test_the_brackets_show_what_lacks_them(bracketed: None) -> None:
    html = f"<h1 title='Bare'>{gettext('Queue')} <b>naked words</b></h1><p>Ana works</p>⟦by <bdi>Ana</bdi>⟧"
    assert untranslated(html, ["ana works"]) == {"Bare", "naked words"}


def test_every_string_of_every_page_can_be_translated(
    bracketed: None, sign_in: SignIn, company: Company
) -> None:
    version = propose(author=company.person("sam"), now=timezone.now())
    evidence_of(version)
    kept = kept_texts()
    found = {
        f"{path}: {text}"
        for who, path in pages_of(company)
        for text in untranslated(page_of(sign_in(who), path), kept)
    }
    assert not found, "\n".join(sorted(found))


def page_of(client: Client, path: str) -> str:
    answer = client.get(path, follow=True)
    if "html" not in answer.headers.get("Content-Type", ""):
        return ""
    return str(answer.content.decode())
