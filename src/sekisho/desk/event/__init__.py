"""An event's network: its public board, what is counted for it, and who may stop it."""
