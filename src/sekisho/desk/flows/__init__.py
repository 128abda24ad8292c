"""From datagrams to a letter on one line: what is taken in, looked at, found and named."""
