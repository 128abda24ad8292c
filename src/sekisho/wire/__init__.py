"""Bytes to values and back, for every protocol and log format; never opens a socket."""
