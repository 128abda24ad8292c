"""Invitations answered with a typed code: what is asked, and what became of it."""
