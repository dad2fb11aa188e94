"""What may stand in a log: which page broke, never its address (a personal link is one) and never what was sent."""

from logging import LogRecord


def broken_page(record: LogRecord) -> bool:
    """Keep pages that raised, under the name of their view; a 503 of /healthz is an answer and no fault."""
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    record.msg, record.args = "%s broke", (match.view_name if match else "a page",)
    return bool(record.exc_info)


def refused_request(record: LogRecord) -> bool:
    """One line for a request that we did not take, under the reason (`django.security.DisallowedHost`): anyone can
    send thousands, and what they wrote is not for us to repeat."""
    record.msg, record.args, record.exc_info, record.exc_text = "a request was refused", (), None, None
    return True
