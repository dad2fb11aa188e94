"""Words that templates need and models should not carry."""

from django import template

register = template.Library()


@register.filter
def city(zone: object) -> str:
    """How people say a time zone: "America/Argentina/Buenos_Aires" is Buenos Aires."""
    return str(zone).rpartition("/")[2].replace("_", " ")
