"""Reading single settings, with a sentence that names the remedy when one is wrong. Imports no settings."""

import ipaddress
import os
import re
import secrets
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

SITE = re.compile(r"(https?)://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(?P<port>[0-9]{1,5}))?/?")
RELAY = re.compile(
    r"(turns?):(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?(?:\?transport=(?P<transport>udp|tcp))?"
)
USUAL_PORT = {"http": "80", "https": "443"}


def text(name: str, default: str = "") -> str:
    """The variable, or what the file named by NAME_FILE holds; without the line break at its end."""
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return os.environ.get(name, "").strip() or default
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(
            f"{name}_FILE={path} cannot be read ({type(error).__name__}). Name a readable file."
        ) from None


def port(name: str, default: int) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdecimal() or not 0 < int(value) < 65536:
        raise ImproperlyConfigured(f"{name}={value} is not a port. Use a number from 1 to 65535.")
    return int(value)


def address(name: str, value: str) -> str:
    """An IP address, or nothing: browsers are sent to it without asking a name server."""
    try:
        return str(ipaddress.ip_address(value)) if value else ""
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value} is not an IP address such as 203.0.113.7.") from None


def database(url: str) -> dict[str, object]:
    """The settings of a PostgreSQL; the URL holds a password, so no message repeats it."""
    parts = _split(url)
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise ImproperlyConfigured("DATABASE_URL must look like postgres://user:password@host/name.")
    return environ.Env.db_url_config(url)


def redis(url: str) -> str:
    if url and _split(url).scheme not in ("redis", "rediss"):
        raise ImproperlyConfigured("REDIS_URL must look like redis://host:6379/0.")
    return url


def mail_server(url: str) -> dict[str, object]:
    if _split(url).scheme not in ("smtp", "smtp+tls", "smtp+ssl", "smtps"):
        raise ImproperlyConfigured("EMAIL_URL must look like smtp+tls://user:password@mail.example.org:587.")
    return environ.Env.email_url_config(url)


def relay(urls: str, secret: str) -> tuple[str, ...]:
    """The addresses of a TURN server, as browsers take them: with one that is wrong they open no line at all."""
    if bool(urls) != bool(secret):
        raise ImproperlyConfigured("TURN_URL and TURN_SECRET belong together. Set both, or neither.")
    if secret and len(secret) < 32:
        raise ImproperlyConfigured("TURN_SECRET is too short. Use at least 32 characters: openssl rand -hex 32.")
    found = tuple(url.strip() for url in urls.split(",")) if urls else ()
    for url in found:
        match = RELAY.fullmatch(url)
        over_udp = match and url.startswith("turns") and match["transport"] == "udp"
        if not match or over_udp or not 0 < int(match["port"] or 443) < 65536:
            raise ImproperlyConfigured(
                f"TURN_URL={url} is not an address such as turns:turn.example.org:443?transport=tcp "
                "(several with a comma between them)."
            )
    return found


def master_keys(value: str) -> tuple[str, ...]:
    """The master key, and on lines below it those that it replaced."""
    keys = tuple(value.split())
    if not keys or min(map(len, keys)) < 32:
        raise ImproperlyConfigured("MASTER_KEY is too short. Use at least 32 characters: openssl rand -base64 48.")
    return keys


def _split(url: str) -> SplitResult:
    """The parts of an address; none for what is no address at all."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def absolute_folder(path: str | Path) -> Path:
    """The folder, made when missing, readable by its owner only."""
    folder = Path(path).resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"The folder {folder} cannot be made ({error.strerror}). Set BALINT_DATA.") from None
    return folder


def site_url(value: str) -> str:
    """SITE_URL as browsers name an origin: small letters, no usual port, no slash. https, unless it is this machine."""
    if not value:
        return ""
    match = SITE.fullmatch(value.lower())
    if not match or int(match["port"] or 0) > 65535:
        raise ImproperlyConfigured(f"SITE_URL={value} is not an address such as https://balint.example.org.")
    scheme, host, port = match.groups()
    if scheme != "https" and host not in ("localhost", "127.0.0.1"):
        raise ImproperlyConfigured("SITE_URL must begin with https:// (a browser gives no camera without it).")
    return f"{scheme}://{host}" + ("" if port in (None, USUAL_PORT[scheme]) else f":{port}")


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
