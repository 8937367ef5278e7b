"""What to do about the fleet: values in, verdicts out. Nothing here reads a clock or a store."""
