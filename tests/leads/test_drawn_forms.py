"""Empty forms are drawn once for all panels, and again as soon as they would look otherwise."""

from collections.abc import Iterator, Sequence

import pytest
from django import forms
from django.core.cache import cache
from django.template import engines
from django.utils.translation import override

from leads.handoff_forms import ReturnForm

FIELDS = "leads/return_fields.html"


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def drawn(form: forms.Form) -> str:
    template = engines["django"].from_string("{% load drawn %}{% drawn form fields %}")
    return template.render({"form": form, "fields": FIELDS})


def form_of(choices: Sequence[tuple[str, str]], help_text: str = "") -> ReturnForm:
    form = ReturnForm()
    reason = form.fields["reason"]
    assert isinstance(reason, forms.ChoiceField)
    reason.choices = choices
    form.fields["note"].help_text = help_text
    return form


def test_the_same_form_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = drawn(ReturnForm())
    monkeypatch.setattr("leads.templatetags.drawn._draw", lambda *_: pytest.fail("drawn again"))
    assert drawn(ReturnForm()) == first


def test_a_form_that_looks_otherwise_is_drawn_anew() -> None:
    looks = [
        drawn(form_of([("a", "One")])),
        drawn(form_of([("a", "Another")])),
        drawn(form_of([("b", "One")])),
        drawn(form_of([("a", "One")], help_text="Until tomorrow.")),
    ]
    assert len(set(looks)) == len(looks)


def test_another_language_is_drawn_anew() -> None:
    drawn(ReturnForm())
    with override("de"):
        drawn(ReturnForm())
    assert sum("drawn-" in key for key in cache._cache) == 2  # type: ignore[attr-defined]


def test_what_somebody_wrote_is_never_kept() -> None:
    written = ReturnForm({"note": "secret"})  # type: ignore[arg-type]
    assert "secret" in drawn(written)
    assert "secret" not in drawn(ReturnForm())
