"""The containers of this node: what Docker says of them, and what they offer to the fleet.

`offers` decides what one container offers, as registrator reads it (pure); `known` holds what is
known of all of them; `keep` is the loop, and `engine` speaks Docker's HTTP over its socket.
"""
