from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "balint.foundation"
    label = "foundation"
