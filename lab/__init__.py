"""Laboratories in network namespaces: real exporters, real RADIUS, real traffic. Linux and root only."""
