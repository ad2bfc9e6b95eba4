"""Pictures where they are used: in JupyterLab, in an exported page, in marimo, by a real browser."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
import pytest
from browser import chromium

ROOT = Path(__file__).parents[1]
GRAPH = """
from autograd import Value, draw
a, b = Value(2.0, name="a"), Value(-3.0, name="b")
L = a * b + a; L.name = "L"
L.backward()
"""
WIDGET = f"{GRAPH}w = draw(L).widget()\nw"
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


def needs(package):
    if find_spec(package) is None:
        pytest.skip(f'{package} is not installed: pip install "glassgrad[browser]" to test this')


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


def notebook(path, *cells):
    """A notebook with these cells, run."""
    from nbclient import NotebookClient

    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(made, kernel_name="python3").execute(env=ENVIRONMENT)
    nbformat.write(made, path)
    return path


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def serving(command, url, folder, **more):
    """A server, once it answers."""
    environment = ENVIRONMENT | {"HOME": str(folder)} | more
    log = open(folder / "log.txt", "w+")  # noqa: SIM115
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(300):
            try:
                urlopen(url, timeout=5).close()
                break
            except (URLError, OSError):
                assert process.poll() is None, Path(log.name).read_text()
                time.sleep(0.1)
        else:
            pytest.fail(f"no answer: {Path(log.name).read_text()}")
        yield
    finally:
        process.terminate()
        process.wait(20)
        log.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab, and the folder of its notebooks."""
    needs("jupyterlab")
    folder, port = tmp_path_factory.mktemp("lab"), free_port()
    (folder / ".jupyter" / "labconfig").mkdir(parents=True)
    news = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (folder / ".jupyter" / "labconfig" / "page_config.json").write_text(json.dumps(news))
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--allow-root"]
    command += ["--IdentityProvider.token=", "--ServerApp.password=", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.root_dir={folder}"]
    url = f"http://127.0.0.1:{port}"
    with serving(command, f"{url}/api", folder):
        yield url, folder


def opened(browser, url, name):
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    page.goto(f"{url}/lab/tree/{name}?reset")
    page.wait_for_selector(".jp-Notebook", timeout=60_000)
    return page


def run_all(page):
    page.get_by_text("| Idle").wait_for(timeout=60_000)  # the kernel is there
    page.locator(".jp-Notebook").click(position={"x": 5, "y": 5})
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def test_a_trusted_notebook_is_live(lab, browser):
    url, folder = lab
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f"{GRAPH}draw(L)")])
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(made, folder / "live.ipynb")
    page = opened(browser, url, "live.ipynb")
    run_all(page)
    slider = page.locator(".glassgrad input[type=range]")
    slider.wait_for(timeout=60_000)
    slider.focus()
    page.keyboard.press("Home")
    assert page.locator(".glassgrad .says").inner_text().startswith("Before the first step")
    page.keyboard.press("ArrowRight")
    assert "Forward 1 of 4" in page.locator(".glassgrad .says").inner_text()
    assert page.locator(".jp-Notebook").is_visible()  # the keys were not taken for the notebook's
    page.close()


def test_an_untrusted_notebook_shows_the_picture(lab, browser):
    url, folder = lab
    notebook(folder / "untrusted.ipynb", f"{GRAPH}draw(L)")
    page = opened(browser, url, "untrusted.ipynb")
    image = page.locator(".jp-OutputArea img[alt^='Graph of L']")
    image.wait_for(timeout=60_000)
    assert image.evaluate("image => image.complete && image.naturalWidth > 300")
    assert page.locator(".glassgrad").count() == 0
    page.close()


def test_a_widget_is_told_and_tells(lab, browser):
    needs("anywidget")
    url, folder = lab
    cells = [WIDGET, "w.step = 5; w.selected = ['a']", "print('at', w.step, w.selected)"]
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(made, folder / "widget.ipynb")
    page = opened(browser, url, "widget.ipynb")
    run_all(page)
    page.get_by_text("at 5 ['a']").wait_for(timeout=60_000)
    place = page.locator(".glassgrad .controls output")
    page.wait_for_function(
        "() => document.querySelector('.glassgrad')?.shadowRoot.querySelector('.controls output').textContent === '5 / 7'"
    )
    assert page.locator(".glassgrad g.card.chosen").count() == 1
    page.locator(".glassgrad").get_by_label("One step on").click()
    page.locator(".glassgrad g.card[aria-label^='b:']").click()
    assert place.inner_text() == "6 / 7"
    page.wait_for_timeout(300)
    page.locator(".jp-Cell").nth(2).click()
    page.keyboard.press("Control+Enter")
    page.get_by_text("at 6 ['a', 'b']").wait_for(timeout=20_000)
    page.close()


def test_an_exported_page_is_live_offline(browser, tmp_path):
    needs("nbconvert")
    from nbconvert import HTMLExporter

    path = notebook(tmp_path / "a.ipynb", f"{GRAPH}draw(L)", "draw(L, view='trace')")
    body, _ = HTMLExporter().from_filename(path)
    (tmp_path / "a.html").write_text(body, encoding="utf-8")
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((tmp_path / "a.html").as_uri())
    sliders = page.locator(".glassgrad input[type=range]")
    sliders.nth(1).wait_for(timeout=20_000)
    assert sliders.count() == 2
    sliders.first.focus()
    page.keyboard.press("Home")
    assert page.locator(".glassgrad .says").first.inner_text().startswith("Before the first step")
    context.close()


def test_marimo_shows_it(browser, tmp_path):
    needs("marimo")
    lines = "\n    ".join(GRAPH.strip().splitlines())
    (tmp_path / "app.py").write_text(
        "import marimo\napp = marimo.App()\n\n@app.cell\ndef _():\n    "
        f"{lines}\n    draw(L)\n    return\n\nif __name__ == '__main__':\n    app.run()\n"
    )
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "marimo",
        "run",
        "app.py",
        "--headless",
        f"--port={port}",
        "--no-token",
    ]
    url = f"http://127.0.0.1:{port}"
    with serving(command, f"{url}/health", tmp_path):
        page = browser.new_page()
        page.goto(url)
        frame = page.frame_locator("iframe")  # where marimo puts what has a script
        shown = frame.locator(".glassgrad svg")
        shown.wait_for(timeout=60_000)
        assert shown.bounding_box()["width"] > 300
        frame.locator(".glassgrad").get_by_label("One step back").click()
        assert frame.locator(".glassgrad .controls output").inner_text() == "6 / 7"
        page.close()


def test_what_is_saved_has_html_svg_and_text(tmp_path):
    saved = json.loads(
        notebook(tmp_path / "a.ipynb", f"{GRAPH}draw(L)").read_text(encoding="utf-8")
    )
    assert {"text/html", "image/svg+xml", "text/plain"} == set(
        saved["cells"][0]["outputs"][0]["data"]
    )
