"""`manage.py operator EMAIL`: make a person an operator, who names leaders and founds trials."""

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from balint.foundation.mail import site_link
from groups.models import Doctor


class Command(BaseCommand):
    help = "Make the person with this e-mail an operator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: object, email: str, **options: object) -> None:
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            where = site_link(reverse("account_signup"))
            raise CommandError(f"Nobody has a log-in with {email}. Ask them to make one first: {where}")
        if not Doctor.objects.filter(user=user).update(is_operator=True):
            where = site_link(reverse("profile"))
            raise CommandError(f"{user.email} has no profile yet. Ask them to log in and fill it in first: {where}")
        self.stdout.write(f"{user.email} is an operator now.")
