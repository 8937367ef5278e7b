"""Slack's two directions: what is heard goes into the inbox, what is said goes through a voice.

Nothing outside this folder imports slack_sdk or slack_bolt; they come with bootstrapper[chat].
"""
