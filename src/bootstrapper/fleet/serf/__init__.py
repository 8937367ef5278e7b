"""Serf: a client of its agent's RPC, members as values, joining, and what its handlers hand over.

Nothing here trusts an event: events wake, and whole states are compared.
"""
