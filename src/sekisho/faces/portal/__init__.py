"""The portal of an event's network: one small process, its page and its words."""
