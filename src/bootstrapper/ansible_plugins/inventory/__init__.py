"""Inventory plugins; `bootstrapper inventory-path` prints this folder."""
