"""The use cases, one file each; a use case never calls another."""
