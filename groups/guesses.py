"""Counting links that open nothing, so that nobody can try many."""

from contextlib import suppress

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

MOST_MISSES = 30
WINDOW_S = 600


def too_many(request: HttpRequest) -> bool:
    """Has this address missed thirty times within ten minutes?"""
    return cache.get(_key(request), 0) >= MOST_MISSES


def count_miss(request: HttpRequest) -> None:
    cache.add(_key(request), 0, WINDOW_S)
    with suppress(ValueError):  # the window ended between the two calls
        cache.incr(_key(request))


def _key(request: HttpRequest) -> str:
    return f"missed-links:{get_adapter().get_client_ip(request)}"
