"""The page: a network to play with in the browser. The server is a thin door over `explain` and `MLP`."""
