"""The keys of the pages: the one list that the handler, the sheet of keys, the palette and the tests read.

A command is the `data-command` of what the key presses on the page; where nothing on a page has it, the key
does nothing there. `DONE_BY_SCRIPT` are those that no element stands for.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MODIFIER = "mod+"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """`key` is as browsers call it, behind `mod+` where Ctrl or Cmd is held down with it."""

    key: str
    command: str
    label: Promise

    @property
    def shown(self) -> str:
        """The key as people read it."""
        if self.key.startswith(MODIFIER):
            return f"Ctrl {self.key.removeprefix(MODIFIER).upper()}"
        return self.key.upper() if len(self.key) == 1 else self.key


SHORTCUTS = (
    Shortcut("n", "next", _("Work the next lead")),
    Shortcut("j", "down", _("Down the list")),
    Shortcut("k", "up", _("Up the list")),
    Shortcut("x", "select", _("Choose this lead, to change many at once")),
    Shortcut("Enter", "open", _("Open the lead's page")),
    Shortcut("c", "claim", _("Claim this lead")),
    Shortcut("r", "release", _("Release: give it back")),
    Shortcut("a", "accept", _("Accept a lead from marketing")),
    Shortcut("b", "return", _("Return a lead to marketing")),
    Shortcut("s", "skip", _("Skip: leave it for your next day")),
    Shortcut("h", "snooze", _("Snooze: out of all queues for a while")),
    Shortcut("e", "call", _("Log the outcome")),
    Shortcut("l", "signal", _("Log a signal")),
    Shortcut("o", "override", _("Override the score")),
    Shortcut("w", "why", _("Why this score")),
    Shortcut("z", "undo", _("Undo what you did last")),
    Shortcut(".", "news", _("Show what moved")),
    Shortcut("/", "find", _("Find a lead")),
    Shortcut("mod+k", "palette", _("Find a lead, a list or a command")),
    Shortcut("?", "help", _("These keys")),
)
DONE_BY_SCRIPT = frozenset({"up", "down", "select", "open", "palette", "help"})
