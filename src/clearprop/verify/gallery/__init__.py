"""Worked examples of backpropagation from books, courses and articles, reproduced number by number."""

from .example import Example
from .files import example_names, load_example
from .reproduce import Comparison, Report, reproduce

__all__ = ["Comparison", "Example", "Report", "example_names", "load_example", "reproduce"]
