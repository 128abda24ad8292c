"""From a plan to a permit and to its end, and envelopes approved by day."""
