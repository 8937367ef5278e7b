"""What the tests (and the bench) stand on: real servers in folders of their own.

services   a program that is missing: skip on a laptop, fail in CI; free ports; short folders
eventually wait for what must come, and no longer than it may take
redis      one private redis-server: start, kill, start again
sshd       one real sshd on several loopback addresses, each of them a host
content    a small Ansible content whose hosts those addresses are
control    the whole control plane, each process by itself
rules      the policy that it runs under, and whose tokens its tests hold
processes  what runs on this machine, read from /proc
dockerd    a private dockerd with a tiny image, and containers that answer HTTP
"""
