"""Check my backprop: compare somebody's own gradients with the right ones, and name the likely mistake."""

from .check import check_backprop
from .report import BackpropReport

__all__ = ["BackpropReport", "check_backprop"]
