"""Services with posts: sender records kept, opened for a case, reported on."""
