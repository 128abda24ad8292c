"""The chat in Django, database mode, for WSGI and ASGI."""
