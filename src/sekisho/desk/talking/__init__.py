"""Masked talks: opened, their mails passed on one by one, and those that were held."""
