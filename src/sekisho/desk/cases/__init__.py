"""Cases of a procedure: opened, moved, answered, written to, held, shown."""
