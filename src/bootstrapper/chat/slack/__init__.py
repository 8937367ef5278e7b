"""The only room that knows Slack's libraries."""
