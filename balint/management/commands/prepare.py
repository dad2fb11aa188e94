"""Bring the data up to date before the parts start."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from balint import demo as demonstration
from balint.foundation.models import Part


class Command(BaseCommand):
    help = "Migrate, forget the parts of an earlier start, gather static files in production, load the demo if asked."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="load the demo, once")

    def handle(self, *, demo: bool, **options: object) -> None:
        call_command("migrate", verbosity=0)
        if (settings.PRODUCTION or settings.PUBLIC_ADDRESS) and demonstration.can_log_in():
            raise CommandError("These data hold the demo, whose password everyone knows. Choose another BALINT_DATA.")
        if settings.PRODUCTION:
            call_command("collectstatic", interactive=False, verbosity=0)
        else:
            Part.objects.all().delete()  # in production other nodes may be alive
        if demo:
            call_command("demo", stdout=self.stdout)
