"""Reports: pages that leave the house, each built from facts and written as one file."""
