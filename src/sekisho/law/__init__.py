"""The words of the law, and the reader of the case book."""
