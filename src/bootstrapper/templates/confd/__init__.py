"""The command line and the configuration of confd 0.16, as its users have them."""
