"""A message for each job, edited as it goes: several jobs share one when many wait."""
