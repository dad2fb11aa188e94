"""Reading single settings, with a sentence that names the remedy when one is wrong. Imports no settings."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def absolute_folder(path: str | Path) -> Path:
    """The folder, made when missing, readable by its owner only."""
    folder = Path(path).resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"The folder {folder} cannot be made ({error.strerror}). Set BALINT_DATA.") from None
    return folder


def site_url(value: str) -> str:
    """SITE_URL without a trailing slash; https, unless it is this machine."""
    if not value:
        return ""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ImproperlyConfigured(f"SITE_URL={value} is not an address such as https://balint.example.org.")
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1"):
        raise ImproperlyConfigured("SITE_URL must begin with https:// (a browser gives no camera without it).")
    return value.rstrip("/")


def local_secret(path: Path) -> str:
    """This laptop's own secret, made once. Written whole or not at all, so that two processes agree."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()
