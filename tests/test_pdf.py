"""PDF: every text of the picture can be read back, in fonts that are embedded."""

import re
import xml.etree.ElementTree as ET
from io import BytesIO

import pytest

import nn
from autograd import Value, draw

pypdf = pytest.importorskip("pypdf")
pytest.importorskip("svglib")


def loss():
    model = nn.MLP(2, [3, 1], activation="tanh", seed=0)
    made = nn.mse_loss(model([1.0, -2.0]), 0.5)
    made.name = "loss <&> \"'"
    made.backward()
    return made


@pytest.mark.parametrize("view", ["graph", "layers", "network"])
def test_all_texts_are_there_as_texts(view, tmp_path):
    drawing = draw(loss(), view=view)
    data = drawing.pdf(tmp_path / "picture.pdf")
    assert (tmp_path / "picture.pdf").read_bytes() == data and data.startswith(b"%PDF")
    page = pypdf.PdfReader(BytesIO(data)).pages[0]
    read = re.sub(r"\s", "", page.extract_text())
    root = ET.fromstring(drawing.svg())
    for text in root.iter("{http://www.w3.org/2000/svg}text"):
        assert re.sub(r"\s", "", text.text) in read
    width, height = map(float, root.get("viewBox").split()[2:])
    assert [float(x) for x in page.mediabox[2:]] == pytest.approx(
        [0.75 * width, 0.75 * height], abs=1
    )


def test_letters_are_in_the_file():
    page = pypdf.PdfReader(BytesIO(draw(Value(2.0) * Value(3.0)).pdf())).pages[0]
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    used = [font for font in fonts if "DejaVu" in font["/BaseFont"]]
    assert len(used) >= 3 and all("/FontFile2" in font["/FontDescriptor"] for font in used)
