"""The sender of a request: what the nearest trusted hop says about address, port and time, and nothing a stranger can write."""
