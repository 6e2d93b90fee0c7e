"""The contenders' training code, a file a library, imported only in the process that trains with it."""
