"""Consents: recorded with the text shown, shown to their giver, ended."""
