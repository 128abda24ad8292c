"""Closed viewing: a film is submitted, opened with the code of an invitation, and watched while its permit lives."""
