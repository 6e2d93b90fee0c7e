"""`python -m clearprop` is the command `clearprop`."""

from .cli import main

if __name__ == "__main__":
    main()
