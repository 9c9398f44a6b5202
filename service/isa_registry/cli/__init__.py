"""The commands, one module each. A command is a parser and a function that returns the exit status."""
