"""The gallery: worked examples from books, courses and articles, as files of the package."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from ...checks import check_name
from ...errors import InputError
from .example import Example, read_example

__all__ = ["example_names", "load_example"]


def example_names() -> list[str]:
    """Return the names of the examples in the package, sorted."""
    files = (file.name for file in _folder().iterdir())
    return sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml"))


def load_example(name: str) -> Example:
    """Return an example of the package by its name, or the one in a file that is named `….toml`.

    >>> load_example("mazur").title
    'A Step by Step Backpropagation Example'

    Raises:
        InputError: no such example or file, or a file that does not fit.
    """
    if not name.endswith(".toml"):
        check_name("example", name, example_names(), also=", or a file of your own that ends with .toml")
        return read_example(_folder() / f"{name}.toml")
    path = Path(name)
    if not path.is_file():
        raise InputError(f"there is no file {name!r}", expected="a TOML file with a worked example")
    return read_example(path)


def _folder() -> resources.abc.Traversable:
    return resources.files(__package__) / "examples"
