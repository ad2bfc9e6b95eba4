"""Packages: what the job needs beyond the library, which needs nothing."""

from __future__ import annotations

from importlib import import_module

NEEDED = {
    "numpy": "numpy",
    "sklearn": "scikit-learn",
    "matplotlib": "matplotlib",
    "tqdm": "tqdm",
    "resvg_py": "resvg-py",
}  # import name: name for pip


def import_all() -> None:
    """Import every package the job needs.

    Raises ImportError naming those that are missing, and the command that installs them.
    """
    missing = []
    for name, package in NEEDED.items():
        try:
            import_module(name)
        except ImportError:
            missing.append(package)
    if missing:
        raise ImportError(
            f"the job needs {', '.join(missing)}, not installed here. "
            'Install everything it needs with: pip install "glassgrad[job]"'
        )
