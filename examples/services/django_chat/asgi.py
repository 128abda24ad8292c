"""The application for ASGI servers; the tables are made when it starts."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "examples.services.django_chat.settings")
application = get_asgi_application()
call_command("migrate", verbosity=0)
