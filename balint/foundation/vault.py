"""Text encrypted at rest: AES-256-GCM under a data key of its own, which the master key wraps.

What is sealed opens whole and in its own place only, which is a table, a row and a field: moved, cut or altered it is
refused. `settings.MASTER_KEYS` are the master key and those before it: the first seals, and each opens what it sealed.

Layout: version (1 byte), id of the master key (4), nonce (12), wrapped data key (48), nonce (12), text with its tag.
"""

import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db.models import Model

VERSION = b"\x01"
ID, NONCE, KEY, TAG = 4, 12, 32, 16
WRAPPED = NONCE + KEY + TAG
HEAD = len(VERSION) + ID


class Unreadable(Exception):
    """What was sealed does not open. The sentence says what an operator can do, and nothing of the text."""


def seal(text: str, row: Model, field: str) -> bytes:
    """The text, for this field of this row, whose primary key is known."""
    master, head = _master(settings.MASTER_KEYS[0])
    place, data_key = head + _place(row, field), secrets.token_bytes(KEY)
    return head + _encrypt(master, data_key, place) + _encrypt(data_key, text.encode(), place)


def unseal(sealed: bytes, row: Model, field: str) -> str:
    """Raises Unreadable."""
    head, wrapped, body = sealed[:HEAD], sealed[HEAD : HEAD + WRAPPED], sealed[HEAD + WRAPPED :]
    master = {known: key for key, known in map(_master, settings.MASTER_KEYS)}.get(head)
    if master is None:
        raise Unreadable(f"It needs the master key {head.hex()}. Add that one to MASTER_KEY, on a line below.")
    place = head + _place(row, field)
    try:
        return _decrypt(_decrypt(master, wrapped, place), body, place).decode()
    except (InvalidTag, ValueError):
        raise Unreadable("It was altered, cut or moved here from another row. Restore it from a backup.") from None


@lru_cache
def _master(secret: str) -> tuple[bytes, bytes]:
    """A master key, and what stands at the head of everything sealed with it (RFC 5869 derives both)."""
    derived = HKDF(hashes.SHA256(), KEY + ID, salt=None, info=b"balint master key 1").derive(secret.encode())
    return derived[:KEY], VERSION + derived[KEY:]


def _place(row: Model, field: str) -> bytes:
    return f"{row._meta.db_table}|{row.pk}|{field}".encode()


def _encrypt(key: bytes, plain: bytes, place: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, place)


def _decrypt(key: bytes, sealed: bytes, place: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], place)
