"""A home kept for years: backed up while it works, and restored whole or not at all."""
