"""Whether a service can take traffic: questions, asked again and again, counted and judged."""

from bootstrapper.fleet.checks.checks import Checks

__all__ = ["Checks"]
