"""`python -m clearprop.cli` is `clearprop`."""

from clearprop.cli import main

main()
