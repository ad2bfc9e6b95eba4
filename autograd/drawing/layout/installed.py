"""Graphviz as installed on this machine: the `pygraphviz` package, or a `dot` on the PATH."""

from __future__ import annotations

import subprocess

from autograd.drawing.layout.plan import EngineFailedError, EngineTooSlowError

PATIENCE = 3.0  # seconds


def pygraphviz(source: str) -> str:
    """Lay out DOT source with the pygraphviz package."""
    try:
        import pygraphviz
    except ImportError as error:
        raise EngineFailedError(f"pygraphviz is not installed: {error}") from error
    try:
        answer = pygraphviz.AGraph(string=source).draw(format="json0", prog="dot")
    except (OSError, ValueError, RuntimeError) as error:
        raise EngineFailedError(f"pygraphviz: {error}") from error
    return answer.decode() if isinstance(answer, bytes) else str(answer)


def command(source: str) -> str:
    """Lay out DOT source with the `dot` command, as the graphviz package names it."""
    try:
        from graphviz import DOT_BINARY
    except ImportError:
        binary = "dot"
    else:
        binary = str(DOT_BINARY)
    try:
        run = subprocess.run(
            [binary, "-Kdot", "-Tjson0"],
            input=source.encode(),
            capture_output=True,
            timeout=PATIENCE,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise EngineTooSlowError(f"{binary}: no layout within {PATIENCE:g} s") from error
    except (OSError, subprocess.SubprocessError) as error:
        raise EngineFailedError(f"{binary}: {error}") from error
    return run.stdout.decode()
