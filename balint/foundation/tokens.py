"""Links that open one thing: a row's number, signed. Nothing secret is stored, so nothing secret can leak from a copy.

A token carries 122 random bits (UUID 4) and a 256-bit signature over them and their purpose.
"""

import base64
import binascii
import uuid

from django.core.signing import BadSignature, Signer


def make(purpose: str, pk: uuid.UUID) -> str:
    """The token of a row, for one purpose; the same each time."""
    number = base64.urlsafe_b64encode(pk.bytes).decode().rstrip("=")
    return Signer(sep=".", salt=f"balint.{purpose}").sign(number)


def read(purpose: str, token: str) -> uuid.UUID | None:
    """The row's number, or None for anything that we did not make for this purpose."""
    try:
        number = Signer(sep=".", salt=f"balint.{purpose}").unsign(token)
        return uuid.UUID(bytes=base64.urlsafe_b64decode(number + "=="))
    except (BadSignature, binascii.Error, ValueError):
        return None
