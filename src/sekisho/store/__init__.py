"""Where streams lie sealed; reading takes a permit and shows only the columns it names."""
