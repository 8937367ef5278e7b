"""Callback plugins; `bootstrapper callback-path` prints this folder."""
