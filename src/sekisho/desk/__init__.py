"""The use cases, one file each, in a folder for each matter; here lies what several matters share. A use case never calls another."""
