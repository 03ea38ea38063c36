"""Whether years of trouble lose anything: damaged input, order, kills, faults and a long run."""
