"""What may stand in a log: which page broke, never its address (a personal link is one) and never what was sent."""

from logging import LogRecord


def broken_page(record: LogRecord) -> bool:
    """Keep pages that raised, under the name of their view; a 503 of /healthz is an answer and no fault."""
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    record.msg, record.args = "%s broke", (match.view_name if match else "a page",)
    return bool(record.exc_info)
