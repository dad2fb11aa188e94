"""Pages. The room's WebSocket is served by the room node (`manage.py runroom`)."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "balint.settings")
application = get_asgi_application()
