"""What Ansible loads from here by path: it is no part of our own processes."""
