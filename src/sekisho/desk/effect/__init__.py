"""What is counted beside measures: complaints, calls, blacklist entries, by day; before, during and after."""
