from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "sessions"
    label = "balint_sessions"  # django.contrib.sessions has "sessions"
