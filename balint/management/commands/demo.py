"""Load the demonstration data, on this laptop only."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from balint import demo


class Command(BaseCommand):
    help = "Load the demonstration: a live session, a finished trial, a waiting questionnaire. Only on localhost."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--print-logins", action="store_true", help="only say how to log in")

    def handle(self, *, print_logins: bool, **options: object) -> None:
        if settings.SITE_URL or settings.DATABASE_URL or settings.PUBLIC_ADDRESS:
            raise CommandError("The demo has a known password, so it is loaded only on this laptop's own data.")
        if print_logins:
            self._print()
        elif demo.load(timezone.now()):
            self.stdout.write("The demo is loaded: a live session, a finished trial, a waiting questionnaire.")

    def _print(self) -> None:
        for email, words in demo.logins():
            self.stdout.write(f"  {email:<22} {words}")
        self.stdout.write(f"  password for all:      {demo.PASSWORD}")
