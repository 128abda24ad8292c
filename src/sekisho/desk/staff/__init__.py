"""The operator's own people: enrolled, signed in, dismissed, and what they sign."""
