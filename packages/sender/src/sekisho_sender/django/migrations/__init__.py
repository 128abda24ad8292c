"""Migrations of the table of sender records."""
