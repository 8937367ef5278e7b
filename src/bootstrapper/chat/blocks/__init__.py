"""What is told, in Slack's Block Kit. Pure: values in, messages out."""
