"""Who may see what: keyed tokens instead of names, roles, and conflicts of interest."""
