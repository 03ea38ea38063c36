"""The command line: a file per command, imported when the command is asked for."""
