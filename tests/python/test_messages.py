"""The exact messages for typical mistakes; see messages.py."""

from __future__ import annotations

from tests.python import messages


def test_messages_of_check_are_as_expected() -> None:
    assert messages.all_checked() == messages.CHECKED.read_text()


def test_answers_of_commands_are_as_expected() -> None:
    assert messages.all_answers() == messages.ANSWERS.read_text()
