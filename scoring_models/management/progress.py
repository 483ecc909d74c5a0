"""How far a command is, on one line of a terminal; nothing where standard error goes elsewhere."""

from django.core.management.base import OutputWrapper

CLEAR_LINE = "\r\x1b[K"


class ProgressLine:
    def __init__(self, stderr: OutputWrapper) -> None:
        self.stderr = stderr

    def show(self, text: str) -> None:
        """Put this text in the place of the last one."""
        if self.stderr.isatty():
            self.stderr.write(f"{CLEAR_LINE}{text}", ending="")
            self.stderr.flush()

    def clear(self) -> None:
        """Leave the line empty for what comes next."""
        self.show("")
