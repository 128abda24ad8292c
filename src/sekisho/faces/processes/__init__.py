"""The processes of a node, each with its rights, and what they share."""
