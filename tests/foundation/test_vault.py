"""What is sealed opens in its own place, whole, with its own key; anything else is refused with a sentence (D11)."""

import secrets
import uuid

import pytest
from pytest_django import Settings

from balint.foundation import vault
from balint.foundation.models import Job, Mail
from balint.foundation.vault import Unreadable

WORDS = "Ask Nora how the others' silence was for her. Größe, 東京, \x00"
ROW, OTHER = Job(id=uuid.UUID(int=1)), Job(id=uuid.UUID(int=2))


@pytest.fixture(autouse=True)
def key(settings: Settings) -> str:
    key = secrets.token_urlsafe(48)
    settings.MASTER_KEYS = (key,)
    return key


def sentence(sealed: bytes, row: Job | Mail = ROW, field: str = "plan") -> str:
    with pytest.raises(Unreadable) as refusal:
        vault.unseal(sealed, row, field)
    return str(refusal.value)


@pytest.mark.parametrize("words", ["", WORDS, "long " * 20_000])
def test_what_is_sealed_opens_as_it_was(words: str) -> None:
    assert vault.unseal(vault.seal(words, ROW, "plan"), ROW, "plan") == words


def test_nothing_of_the_text_shows_and_no_two_are_alike() -> None:
    first, second = (vault.seal(WORDS, ROW, "plan") for _ in range(2))

    assert b"Nora" not in first
    assert first[vault.HEAD :] != second[vault.HEAD :]
    assert len({first[at : at + vault.NONCE] for at in (vault.HEAD, vault.HEAD + vault.WRAPPED)}) == 2


@pytest.mark.parametrize(
    ("row", "field"), [(OTHER, "plan"), (ROW, "note"), (Mail(id=ROW.pk), "plan")], ids=["row", "field", "table"]
)
def test_it_opens_in_no_other_place(row: Job | Mail, field: str) -> None:
    assert sentence(vault.seal(WORDS, ROW, "plan"), row, field).startswith("It was altered, cut or moved")


def test_two_rows_cannot_swap_their_data_keys() -> None:
    mine, theirs = vault.seal(WORDS, ROW, "plan"), vault.seal(WORDS, OTHER, "plan")
    end = vault.HEAD + vault.WRAPPED

    assert sentence(mine[: vault.HEAD] + theirs[vault.HEAD : end] + mine[end:]).startswith("It was altered")


def test_every_cut_and_every_changed_byte_is_noticed() -> None:
    sealed = vault.seal("ten words", ROW, "plan")
    cut = [sealed[:length] for length in range(len(sealed))]
    changed = [sealed[:at] + bytes([byte ^ 1]) + sealed[at + 1 :] for at, byte in enumerate(sealed)]

    refusals = [sentence(each) for each in (*cut, *changed, sealed + b"\x00")]

    assert len(refusals) == 2 * len(sealed) + 1


def test_a_rotated_key_still_opens_what_it_sealed(settings: Settings, key: str) -> None:
    old = vault.seal(WORDS, ROW, "plan")
    settings.MASTER_KEYS = (secrets.token_urlsafe(48), key)

    new = vault.seal(WORDS, ROW, "plan")

    assert [vault.unseal(each, ROW, "plan") for each in (old, new)] == [WORDS, WORDS]
    assert old[: vault.HEAD] != new[: vault.HEAD]


def test_without_the_key_the_sentence_names_which_one_is_missing(settings: Settings) -> None:
    sealed = vault.seal(WORDS, ROW, "plan")
    settings.MASTER_KEYS = (secrets.token_urlsafe(48),)

    needed = sealed[: vault.HEAD].hex()
    assert sentence(sealed) == f"It needs the master key {needed}. Add that one to MASTER_KEY, on a line below."


def test_a_wrong_key_under_the_right_name_opens_nothing(settings: Settings) -> None:
    sealed = vault.seal(WORDS, ROW, "plan")
    settings.MASTER_KEYS = (secrets.token_urlsafe(48),)
    head = vault.seal(WORDS, ROW, "plan")[: vault.HEAD]

    assert sentence(head + sealed[vault.HEAD :]).startswith("It was altered")
