"""Bootstrapper: a self-hosted control plane for fleets that heal themselves."""

__version__ = "0.1.0"
