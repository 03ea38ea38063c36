"""What becomes of a finding: raised or extended, prompted, stored, acted on, accounted for."""
