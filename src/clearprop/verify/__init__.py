"""Checks of what the network computes."""
