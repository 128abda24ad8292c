"""One file per thing an operator may want to do: its steps, what it looks for, what it asks for."""
