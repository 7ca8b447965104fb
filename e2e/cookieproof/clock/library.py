"""The preload library that puts a process on the clock."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from cookieproof.errors import CookieproofError

SOURCE = Path(__file__).with_name("clock.c")


def build() -> Path:
    """Compile ``clock.c``, unless it was compiled before for this machine, and return the library's path. Linux only.

    Raises ``CookieproofError`` without a C compiler.
    """
    if sys.platform != "linux":
        raise CookieproofError("The clock needs Linux: it is preloaded into site and browser (LD_PRELOAD).")
    source = SOURCE.read_bytes()
    name = f"clock-{hashlib.sha256(source + platform.machine().encode()).hexdigest()[:16]}.so"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cookieproof"
    if (library := cache / name).exists():
        return library
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        raise CookieproofError(
            "The clock needs a C compiler once, and there is no cc: install gcc (apt-get install gcc libc6-dev)."
        )
    try:
        cache.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=cache))
    except OSError:  # a home that cannot be written: then only for this run
        cache = made = Path(tempfile.mkdtemp())
    try:
        command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(made / name), str(SOURCE), "-ldl"]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            raise CookieproofError(f"The clock could not be compiled: {compiler} says\n{run.stderr.strip()}")
        return (made / name).rename(cache / name)
    finally:
        if made != cache:
            shutil.rmtree(made, ignore_errors=True)
