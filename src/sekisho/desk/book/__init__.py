"""The case book itself: read, checked, compared, packed, put in force, exchanged."""
