"""Keys to config files, safely: read, render, check, replace, reload, and go back if that fails."""
