"""The build of the native engine: writes the kernels from the table, then compiles value.c.

Needs a C compiler and nothing else. Without one, or where extensions cannot be (Pyodide), the
installation succeeds all the same and the Python engine runs: the extension is optional.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from setuptools import Extension
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).parents[2]


class BuildNative(build_ext):
    """Compiles value.c with a kernels.h made for it."""

    def build_extension(self, ext: Extension) -> None:
        folder = Path(self.build_temp)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "kernels.h").write_text(kernels(), encoding="utf-8")
        ext.include_dirs = [*ext.include_dirs, str(folder)]
        # the same bits as Python's arithmetic: no fused multiply-add; errno and traps are not used
        unwatched = ["-fno-math-errno", "-fno-trapping-math"]
        strict = ["-ffp-contract=off", "-O3", *unwatched, "-pthread"]
        if os.name == "nt":
            strict = ["/fp:precise", "/std:c11"]
        ext.extra_compile_args = [*ext.extra_compile_args, *strict]
        super().build_extension(ext)


def kernels() -> str:
    """kernels.h, written by a Python of its own: the package is not installed yet."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GLASSGRAD_ENGINE": "python"}
    environment |= {"PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "autograd.native.kernels"]
    return subprocess.run(
        command, env=environment, cwd=ROOT, check=True, capture_output=True, encoding="utf-8"
    ).stdout
