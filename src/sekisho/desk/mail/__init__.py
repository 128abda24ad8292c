"""The mail server's questions: answered for as long as permits say, and otherwise not at all."""
