"""Settings of the Django chat. CHAT_HOME is its folder."""

from __future__ import annotations

import os
from pathlib import Path

from examples.services.demo_home import Home
from sekisho_sender.trust import Trust

HOME = Home(Path(os.environ["CHAT_HOME"]))
SECRET_KEY = HOME.secret("django.secret").hex()
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ROOT_URLCONF = "examples.services.django_chat.urls"
INSTALLED_APPS = ["sekisho_sender.django", "examples.services.django_chat"]
MIDDLEWARE = ["sekisho_sender.django.middleware.SenderMiddleware"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": HOME.database, "OPTIONS": {"timeout": 30}}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SEKISHO_SENDER = {"trust": Trust(), "keeper": HOME.keeper()}
