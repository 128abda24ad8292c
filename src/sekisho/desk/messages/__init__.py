"""Campaigns: one approved message to many people, one envelope each. Submitted, approved, sent, resumed, stopped, checked by who got it."""
