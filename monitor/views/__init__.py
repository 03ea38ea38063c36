"""What a person reads: pure renderers from alerts and facts to text that fits 80 columns."""
