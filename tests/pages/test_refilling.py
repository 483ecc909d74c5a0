"""Putting what was typed back into a page's HTML; what must hold for whatever was typed."""

from html.parser import HTMLParser

from django import forms
from hypothesis import given, settings
from hypothesis import strategies as st

from leadscoring.refilling import Fields, refilled

CHOICES = [("a", "A"), ("b", "B"), ("<c>", "C")]
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.just("\n"), max_size=30)
TYPED = st.fixed_dictionaries(
    {
        "line": TEXT.map(lambda text: text.replace("\n", " ")),
        "lines": TEXT,
        "one": st.sampled_from(CHOICES).map(lambda choice: choice[0]),
        "some": st.lists(st.sampled_from([key for key, _label in CHOICES]), unique=True).map(sorted),
        "picked": st.lists(st.sampled_from([key for key, _label in CHOICES]), unique=True).map(sorted),
        "yes": st.booleans(),
    }
)


class Example(forms.Form):
    line = forms.CharField(initial="old")
    lines = forms.CharField(widget=forms.Textarea, initial="old <b>")
    one = forms.ChoiceField(choices=CHOICES, initial="b", widget=forms.RadioSelect)
    some = forms.MultipleChoiceField(choices=CHOICES, initial=["a"])
    picked = forms.MultipleChoiceField(choices=CHOICES, initial=["a"], widget=forms.CheckboxSelectMultiple)
    yes = forms.BooleanField(initial=True)


OTHER = '<form method="post" action="/other/"><input name="line" value="other"></form>'
PAGE = f'<p>Ünder &lt;\u2028</p>\r\n{OTHER}<form method="post" id="it">{Example().as_p()}</form><p>End</p>'


def shown(rest: Fields) -> tuple[str, str]:
    return "", str(rest)


class Sender(HTMLParser):
    """Collects what a browser would send of the form with the id `it`."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self.inside, self.name, self.text = False, "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.inside = given.get("id") == "it"
        name, chosen = given.get("name") or "", {"checked", "selected"} & given.keys()
        if tag in ("select", "textarea"):
            self.name, self.text = name, ""
        elif tag == "option" and chosen:
            self.keep(self.name, given.get("value"))
        elif tag == "input" and (chosen or given.get("type") not in ("radio", "checkbox")):
            self.keep(name, given.get("value", "on"))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.keep(self.name, self.text.removeprefix("\n"))

    def keep(self, name: str, value: str | None) -> None:
        if self.inside:
            self.sent.append((name, value or ""))


@settings(max_examples=40)
@given(TYPED)
def test_a_browser_sends_from_the_filled_form_what_was_typed(
    typed: dict[str, str | bool | list[str]],
) -> None:
    lists = {name: value if isinstance(value, list) else [str(value)] for name, value in typed.items()}
    lists["yes"] = ["on"] if typed["yes"] else []
    filled = refilled(PAGE, page="/x/", to="/x/", typed=lists, around=shown)
    assert filled is not None and "</form>{" not in filled and 'id="it">{}' in filled
    sender = Sender()
    sender.feed(filled)
    assert sorted(sender.sent) == sorted((name, value) for name in lists for value in lists[name])
    assert 'name="line" value="other"' in filled and filled.endswith("<p>End</p>")


def test_a_page_without_such_a_form_is_left_alone() -> None:
    assert refilled(PAGE, page="/y/", to="/x/", typed={"line": ["new"]}, around=shown) is None


def test_a_form_is_known_by_what_its_buttons_post_to_as_well() -> None:
    button = '<button formaction="/y/">Look again</button>'
    page = PAGE.replace("</form><p>End</p>", f"{button}</form><p>End</p>")
    filled = refilled(page, page="/x/", to="/y/", typed={"line": ["new"]}, around=shown)
    assert filled is not None and 'value="new"' in filled
