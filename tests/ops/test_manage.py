"""The entry point of all commands."""

import sys

import pytest

import manage


def test_ctrl_c_ends_a_command_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(manage, "execute_from_command_line", interrupted)
    monkeypatch.setattr(sys, "argv", ["manage.py", "help"])
    with pytest.raises(SystemExit) as end:
        manage.main()
    assert end.value.code == 130
