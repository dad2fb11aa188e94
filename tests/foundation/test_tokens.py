"""A link's token opens one row for one purpose; nothing that we did not make opens anything."""

import uuid

import pytest
from pytest_django import Settings

from balint.foundation import tokens

ROW = uuid.UUID("6f1b8f6e-4c39-4f0e-9d7c-1a2b3c4d5e6f")


def test_a_token_leads_back_to_its_row() -> None:
    assert tokens.read("session", tokens.make("session", ROW)) == ROW


def test_a_token_serves_its_purpose_only() -> None:
    assert tokens.read("invitation", tokens.make("session", ROW)) is None


def test_every_changed_character_is_noticed() -> None:
    token = tokens.make("session", ROW)
    changed = [f"{token[:at]}{'A' if char != 'A' else 'B'}{token[at + 1 :]}" for at, char in enumerate(token)]

    assert {tokens.read("session", each) for each in changed} == {None}


@pytest.mark.parametrize("rubbish", ["", ".", "a", "....", "\x00", "é" * 40, "A" * 100_000, "AAAA.AAAA", str(ROW)])
def test_rubbish_opens_nothing(rubbish: str) -> None:
    assert tokens.read("session", rubbish) is None


def test_a_token_of_another_installation_opens_nothing(settings: Settings) -> None:
    settings.SECRET_KEY = "another key, of another house, 32 long"
    theirs = tokens.make("session", ROW)
    settings.SECRET_KEY = "this installation's key, also 32 long"

    assert tokens.read("session", theirs) is None


def test_a_token_has_at_least_128_bits_that_cannot_be_guessed() -> None:
    number, _, signature = tokens.make("session", ROW).partition(".")

    assert len(signature) * 6 >= 256
    assert len(number) * 6 >= 128
    assert tokens.make("session", uuid.uuid4()).partition(".")[2] != signature
