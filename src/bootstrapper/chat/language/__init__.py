"""What people write in the chat, read: pure, from Slack's text to what is asked."""
