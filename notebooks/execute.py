"""python notebooks/execute.py: run every notebook and keep its new outputs.

Times and versions are left out of the files, so that a diff shows what a reader would see change.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

import autograd

FOLDER = Path(__file__).parent


def executed(path: Path) -> nbformat.NotebookNode:
    """The notebook with fresh outputs, run from the first cell on in an empty folder.

    Raises nbclient.exceptions.CellExecutionError if a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    root = str(Path(autograd.__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": root}
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=300,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": folder}},
        )
        client.execute(env=environment)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def main() -> None:
    """Write every notebook with its new outputs."""
    for path in sorted(FOLDER.glob("**/*.ipynb")):
        nbformat.write(executed(path), path)
        print(f"wrote {path.relative_to(FOLDER.parent)}")


if __name__ == "__main__":
    main()
