"""The runbook as pages show it: every alarm has something to do, and commands stay whole."""

from __future__ import annotations

import pytest

from dashboard.runbook import Piece, blocks, kinds_named
from mangaassist.alarms.parsing import defined
from mangaassist.language import Language

EACH = {alarm.kind: alarm for alarm in defined().values()}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", sorted(EACH))
def test_every_section_has_commands_and_words_and_no_rule(kind: str, language: Language) -> None:
    found = blocks(EACH[kind], language)
    assert any(block.commands for block in found)
    assert any(block.pieces for block in found)
    assert not any(" · " in piece.text for block in found for piece in block.pieces)


def test_commands_and_code_are_told_apart_from_words() -> None:
    found = blocks(EACH["chat-unsaved"], Language.EN)
    assert found[1].commands[-1] == "manage.py smoke"
    assert Piece("AccessDenied", is_code=True) in found[2].pieces


def test_the_first_command_is_that_of_the_alarms_own_queue() -> None:
    for alarm in defined().values():
        commands = [line for block in blocks(alarm, Language.JA) for line in block.commands]
        assert alarm.look in commands
        assert len(set(commands)) == len(commands)


def test_other_alarms_that_a_section_names_are_found_once() -> None:
    assert kinds_named("chat-slow") == ["bedrock-latency", "bedrock-throttles", "limiter-degraded"]
