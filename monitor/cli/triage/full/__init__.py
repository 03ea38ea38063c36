"""The full screen of a triage: the queue on the left, one alert whole on the right."""
