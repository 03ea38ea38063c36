"""The slower evidence: each bench_*.py measures one thing and says it in figures with units."""
