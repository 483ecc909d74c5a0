"""Signing in, and filling the editor's forms as a browser would."""

import re
from html.parser import HTMLParser

from django.test import Client

from leadscoring.people.models import User

Fields = dict[str, list[str]]


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


class _Fields(HTMLParser):
    """What a browser would send for the form of a class: names with the values that are set."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: Fields = {}
        self.inside = False
        self.select = ""
        self.textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("class") == "draft":
            self.inside = True
        if not self.inside:
            return
        name = given.get("name", "")
        if tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            unsaid = "on" if given.get("type") == "checkbox" else ""
            self.fields.setdefault(name, []).append(given.get("value", unsaid))
        if tag == "select":
            self.select = name
        if tag == "option" and "selected" in given:
            self.fields[self.select] = [given["value"]]
        if tag == "textarea":
            self.textarea = name
            self.fields[name] = [""]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        if tag == "textarea":
            self.textarea = ""

    def handle_data(self, data: str) -> None:
        if self.inside and self.textarea:
            # A browser drops the first line break of a text area.
            self.fields[self.textarea] = [self.fields[self.textarea][0] + data]


def editor_fields(html: str) -> Fields:
    """The fields of the editor's form, as they would be sent unchanged."""
    parser = _Fields()
    parser.feed(html)
    return {
        name: [value.removeprefix("\n").removeprefix("\r\n") for value in values]
        for name, values in parser.fields.items()
        if name
    }


def prefix_of(html: str, sentence: str) -> str:
    """The prefix of the rule that reads so."""
    found = re.search(rf'for="id_([\w-]+)-points">Points for: {re.escape(sentence)}<', html)
    assert found, f"No rule reads “{sentence}”."
    return found.group(1)
