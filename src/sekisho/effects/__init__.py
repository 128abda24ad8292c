"""One file per way of touching the world."""
