"""python notebooks/execute.py: run every notebook and keep its new outputs.

Times and versions are left out of the files, so that a diff shows what a reader would see change.
Pictures that a notebook saves are kept in `pictures`. With paths as arguments, only those are run.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

import autograd

FOLDER = Path(__file__).parent
KINDS = (".png", ".gif")


def executed(path: Path, pictures: Path | None = None) -> nbformat.NotebookNode:
    """The notebook with fresh outputs, run from the first cell on in an empty folder.

    The pictures that it saves there are copied to the folder `pictures`, if one is given. Raises
    nbclient.exceptions.CellExecutionError if a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    root = str(Path(autograd.__file__).parents[1])
    # with the same instructions on every processor: training prints the same numbers everywhere
    environment = os.environ | {"PYTHONPATH": root, "GLASSGRAD_INSTRUCTIONS": "baseline"}
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
        for made in Path(folder).iterdir() if pictures else ():
            if made.suffix in KINDS:
                shutil.copy(made, pictures)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def main() -> None:
    """Write every notebook with its new outputs."""
    for path in map(Path, sys.argv[1:]) if sys.argv[1:] else sorted(FOLDER.glob("**/*.ipynb")):
        nbformat.write(executed(path, FOLDER / "pictures"), path)
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
