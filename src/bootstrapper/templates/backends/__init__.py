"""Where values come from: one small file for each backend, behind the port of `port.py`."""
