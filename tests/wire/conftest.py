"""Time on a shared machine is no property of a decoder: hypothesis runs here without deadlines."""

from hypothesis import settings

settings.register_profile("wire", deadline=None)
settings.load_profile("wire")
