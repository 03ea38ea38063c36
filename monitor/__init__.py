"""The shell: command line, ingest, lake, settings, clock, daemon and replay."""
