"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterable
from pathlib import Path


def write_atomically(path: str | os.PathLike[str], chunks: Iterable[bytes | memoryview]) -> None:
    """Write the chunks to a temporary file beside path, to the disk, and only then into its place.

    Whatever goes wrong on the way, a file that stood there before still stands there. A file that is
    replaced hands on its mode, a link stays a link.

    Raises:
        OSError: the file cannot be written; it names path.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():  # a device would be replaced by a file
        raise OSError(errno.EINVAL, "expected a file to write, got a folder or a device", os.fspath(path))
    temporary = target.with_name(f".clearprop-{os.urandom(8).hex()}.tmp")
    try:
        with open(temporary, "xb") as file:
            if target.exists():
                os.chmod(temporary, target.stat().st_mode & 0o777)
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
        _sync_folder(target.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError):  # which names the temporary file, or none
            raise OSError(error.errno, error.strerror, os.fspath(path)) from error
        raise


def _sync_folder(folder: Path) -> None:
    """Bring the folder's new entry to the disk, where the system has a way to."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EBADF, errno.EINVAL):  # some network file systems cannot
            raise
    finally:
        os.close(handle)
