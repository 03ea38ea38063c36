"""Telling people that something waits: channels, whom each reaches, messages, delivery."""
