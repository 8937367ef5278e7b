"""limbo's plugins as they are: in a process of their own, with the policy in front of each."""
