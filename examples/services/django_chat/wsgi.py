"""The application for WSGI servers; the tables are made when it starts."""

from __future__ import annotations

import os

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "examples.services.django_chat.settings")
application = get_wsgi_application()
call_command("migrate", verbosity=0)
