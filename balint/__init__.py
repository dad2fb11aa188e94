"""Balint: online groups, and the trial around them."""

from balint.celery import app as celery_app

__all__ = ["celery_app"]
