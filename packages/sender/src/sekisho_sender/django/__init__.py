"""Database mode for Django: an app to install, a middleware for WSGI and ASGI, and a base for models whose objects people send.

INSTALLED_APPS = [..., "sekisho_sender.django"]
MIDDLEWARE = ["sekisho_sender.django.middleware.SenderMiddleware", ...]      # first
SEKISHO_SENDER = {"trust": Trust(...), "keeper": Keeper(...)}

class Post(KeptModel): ...                                                   # from sekisho_sender.django.models
"""
