"""The HTML page of a story: one file in which every entry opens to its derivation."""

from .page import to_html, to_notebook

__all__ = ["to_html", "to_notebook"]
