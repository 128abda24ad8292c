"""The demos: keys and clocks that nobody should trust with anything real."""
