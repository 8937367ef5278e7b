"""The logger that Slack's libraries get: at debug they would log messages, forms and the URLs
that let a caller in."""

import logging


def quiet_logger() -> logging.Logger:
    """It says nothing: what goes wrong is raised, and told by who called."""
    logger = logging.getLogger("bootstrapper.chat.slack.library")
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False
    return logger
