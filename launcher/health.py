"""Asks /healthz. For a container: `python -m launcher.health http://web:8000 worker` ends with 0 when it is well."""

import http.client
import json
import os
import sys
from urllib.parse import urlsplit


def ask(url: str) -> tuple[int, str]:
    """Status and body; 0 and nothing when the web server is silent. It answers to the site's own name only."""
    parts = urlsplit(url)
    host = urlsplit(os.environ.get("SITE_URL", "")).hostname or "localhost"
    connection = http.client.HTTPConnection(parts.hostname or "localhost", parts.port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        response = connection.getresponse()
        return response.status, response.read().decode()
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


def is_well(url: str, part: str) -> bool:
    """Whether one part (database, worker, room_node) is well."""
    _, body = ask(url)
    return body.startswith("{") and json.loads(body)["checks"].get(part) == "ok"


if __name__ == "__main__":
    sys.exit(not is_well(*sys.argv[1:]))
