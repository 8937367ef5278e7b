"""Keys to config files: the template languages, and the functions that templates call."""
