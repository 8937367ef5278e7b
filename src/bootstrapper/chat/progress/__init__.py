"""A job's journal, folded to how far it is. Pure."""
