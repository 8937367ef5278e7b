"""The logger that Slack's libraries get: at debug they would log messages, forms and the URLs
that let a caller in."""

import logging

QUIET = "bootstrapper.chat.slack.library"


def quiet_logger() -> logging.Logger:
    """It says nothing: what goes wrong is raised, and told by who called."""
    logger = logging.getLogger(QUIET)
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False
    return logger
