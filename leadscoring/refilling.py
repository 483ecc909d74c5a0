"""Puts what somebody typed back into the form of a page that it was typed into, whatever form that is.

It reads the page's own HTML, finds the form that sends to the same address, and changes its controls; every
other byte stays as it was. So no form needs to know of it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from itertools import accumulate
from urllib.parse import urljoin, urlsplit

Attributes = dict[str, str | None]
Edit = tuple[int, int, str]
Fields = Mapping[str, Sequence[str]]
Around = Callable[[Fields], tuple[str, str]]
# What the page says itself: its token, and of how many it speaks. Then what only names how a form was sent.
OWN = {"csrfmiddlewaretoken", "expected"}
UNTOUCHED = {"submit", "button", "image", "reset", "file", "password"}


@dataclass(slots=True)
class Control:
    """A start tag from `start` to `end`; a textarea's text, and a select's options, reach to `closes`."""

    tag: str
    attributes: Attributes
    start: int
    end: int
    closes: int = 0
    options: list["Control"] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.attributes.get("name") or ""

    @property
    def value(self) -> str:
        return self.attributes.get("value") or ""

    @property
    def kind(self) -> str:
        return (self.attributes.get("type") or "text").lower() if self.tag == "input" else self.tag


@dataclass(slots=True)
class PageForm:
    """A form of a page, with its controls wherever on the page they stand."""

    tag: Control
    controls: list[Control] = field(default_factory=list)


def refilled(html: str, *, page: str, to: str, typed: Fields, around: Around) -> str | None:
    """The page with `typed` in its form that posts to the address `to`; None where it has no such form.

    `page` is the page's own address, against which the form's is read. `around` takes the values for which
    the form has no place any more and gives what stands before the form, and what stands first in it.
    """
    form = _form_for(html, page=page, to=to, names=set(typed))
    if form is None:
        return None
    left = {name: list(values) for name, values in typed.items() if name not in OWN}
    edits = [edit for control in form.controls for edit in _filled(control, left)]
    before, first = around({name: values for name, values in left.items() if values})
    edits += [(form.tag.start, form.tag.start, before), (form.tag.end, form.tag.end, first)]
    return _edited(html, edits)


def _form_for(html: str, *, page: str, to: str, names: set[str]) -> PageForm | None:
    """Of the forms that post there, the one that shares most with what was typed."""
    here = [form for form in _forms_of(html) if to in _posts(form, page)]
    return max(here, key=lambda form: len(names & {one.name for one in form.controls}), default=None)


def _posts(form: PageForm, page: str) -> set[str]:
    """The addresses that a form posts to, by itself and by its buttons, without the host."""
    if (form.tag.attributes.get("method") or "").lower() != "post":
        return set()
    asked = [form.tag.attributes.get("action"), *(one.attributes.get("formaction") for one in form.controls)]
    return {_without_host(urljoin(page, address or page)) for address in asked}


def _without_host(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _filled(control: Control, left: dict[str, list[str]]) -> Iterator[Edit]:
    """Change a control to what was typed, taking that from what is `left`."""
    values = left.get(control.name)
    kind = control.kind
    if control.name in OWN:
        return
    if kind in UNTOUCHED:
        left.pop(control.name, None)
    elif kind in ("checkbox", "radio"):
        chosen = values is not None and control.attributes.get("value", "on") in values
        if chosen and values is not None:
            values.remove(control.attributes.get("value") or "on")
        yield _marked(control, "checked", chosen)
    elif kind == "select":
        yield from _selected(control, values)
    elif values:
        yield _written(control, values.pop(0))


def _selected(control: Control, values: list[str] | None) -> Iterator[Edit]:
    for option in control.options:
        chosen = values is not None and option.value in values
        if chosen and values is not None:
            values.remove(option.value)
        yield _marked(option, "selected", chosen)


def _marked(control: Control, mark: str, chosen: bool) -> Edit:
    attributes = {name: value for name, value in control.attributes.items() if name != mark}
    return control.start, control.end, _tag(control.tag, attributes | ({mark: None} if chosen else {}))


def _written(control: Control, value: str) -> Edit:
    if control.tag == "textarea":
        return control.end, control.closes, f"\n{escape(value)}"
    return control.start, control.end, _tag(control.tag, control.attributes | {"value": value})


def _tag(tag: str, attributes: Attributes) -> str:
    said = (name if value is None else f'{name}="{escape(value)}"' for name, value in attributes.items())
    return f"<{' '.join((tag, *said))}>"


def _edited(html: str, edits: list[Edit]) -> str:
    done, at = [], 0
    for start, end, text in sorted(edits):
        done += [html[at:start], text]
        at = end
    return "".join((*done, html[at:]))


def _forms_of(html: str) -> list[PageForm]:
    reader = _Reader(html)
    reader.feed(html)
    reader.close()
    return reader.forms


class _Reader(HTMLParser):
    """Finds the forms of a page, and where in its text their controls stand."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._lines = [0, *accumulate(len(line) + 1 for line in html.split("\n"))]
        self._form: PageForm | None = None
        self._open: Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("form", "input", "button", "select", "option", "textarea"):
            return
        start = self._at()
        control = Control(tag, dict(attrs), start, start + len(self.get_starttag_text() or ""))
        if tag == "form":
            self._form = PageForm(control)
            self.forms.append(self._form)
        elif tag == "option":
            if self._open is not None:
                self._open.options.append(control)
        else:
            self._keep(control)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif self._open is not None and tag == self._open.tag:
            self._open.closes = self._at()
            self._open = None

    def _keep(self, control: Control) -> None:
        owner = self._form
        if (wanted := control.attributes.get("form")) is not None:
            owner = next((form for form in self.forms if form.tag.attributes.get("id") == wanted), None)
        if owner is not None:
            owner.controls.append(control)
        if control.tag in ("select", "textarea"):
            self._open = control

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column
