from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "sessions"
    label = "balint_sessions"  # django.contrib.sessions has "sessions"

    def ready(self) -> None:
        from sessions import letters  # noqa: F401  the worker must know how to write them
