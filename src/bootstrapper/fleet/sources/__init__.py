"""Where offers come from: the settings, systemd's units, and commands that run under us."""
