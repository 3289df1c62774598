"""The messages to what people plausibly write, word for word; see messages.py."""

from __future__ import annotations

from tests.python import messages


def test_check_leads_to_the_answer() -> None:
    assert messages.all_checked() == messages.CHECKED.read_text()


def test_commands_lead_to_the_answer() -> None:
    assert messages.all_answers() == messages.ANSWERS.read_text()
