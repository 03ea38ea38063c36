"""The mathematics; it knows nothing of policing."""
