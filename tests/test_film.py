"""Films: one graph through training, each picture with the numbers of its time, all alike."""

import re
from html import unescape
from io import BytesIO
from itertools import pairwise

import pytest
from browser import chromium
from picture import read

import nn
from autograd import Value, draw

X, Y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]


def trained(view, most=60, epochs=6, every=1):
    """A film of some epochs, with the parameters after each."""
    model = nn.MLP(2, [2, 1], activation="tanh", seed=1)
    film = draw.film(view=view, most=most)
    loss = nn.binary_cross_entropy_with_logits
    numbers = []

    def note(run):
        numbers.append([p.data for p in model.parameters()])

    watch = film.callback(lambda m: loss(m([1.0, 0.5]), 1), every)
    nn.fit(model, X, Y, loss, nn.SGD(model.parameters(), lr=0.5), epochs, callbacks=[watch, note])
    return film, model, numbers


def test_each_picture_has_the_numbers_of_its_time():
    film, _, numbers = trained("graph")
    assert len(film) == len(film.frames) == len(numbers) == 6
    for frame, parameters in zip(film.frames, numbers, strict=True):
        texts = [card.row("data") for card in read(frame).cards.values() if "leaf" in card.texts]
        found = {float(text.replace("−", "-")) for text in texts}
        assert found == {float(f"{p:.6g}") for p in parameters}


@pytest.mark.parametrize("view", ["graph", "trace", "network"])
def test_places_and_colours_are_the_same_in_all_pictures(view):
    film, *_ = trained(view)
    numbers = r'(?<=[ "])(?:x|y|cx|cy|r|rx|height|width)="[^"]*"'
    frames = [re.sub(r"<rect[^>]*fill-opacity[^>]*>", "", frame) for frame in film.frames]
    if view != "network":  # there the numbers on lines are as wide as they are
        assert len({tuple(re.findall(numbers, frame)) for frame in frames}) == 1
    assert len({re.search(r'viewBox="[^"]*"', frame)[0] for frame in frames}) == 1
    legends = {tuple(re.findall(r">([+−][\d.e−]+|0)</text>", f))[-5:] for f in frames}
    assert len(legends) == 1 or view == "trace"


def test_captions_count_epochs_or_steps_or_say_what_they_are_told():
    film, *_ = trained("network", epochs=2)
    assert [re.search(r">(epoch \d+): loss [\d.]+<", frame)[1] for frame in film.frames] == [
        "epoch 1",
        "epoch 2",
    ]
    x = Value(1.0, name="x")
    film = draw.film().add(x * 2.0).add(x * 2.0, "now")
    assert ">step 1<" in film.frames[0] and ">now<" in film.frames[1]


def test_of_many_pictures_the_first_and_the_last_stay():
    film = draw.film(most=10)
    x = Value(0.0, name="x")
    for i in range(1, 1001):
        x.data = float(i)
        film.add(x * 1.0, f"at {i}.")
        assert len(film) <= 10
        assert f"at {i}." in film._pictures[-1][1] and "at 1." in film._pictures[0][1]
    steps = [int(words[3:-1]) for _, words in film._pictures]
    assert steps == sorted(set(steps))
    gaps = {b - a for a, b in pairwise(steps[:-1])}  # the last is always there
    assert len(gaps) == 1
    assert f"({len(film)} of 1,000 shown)" in film.frames[0]


def test_only_every_so_many_epochs_and_the_last():
    film, *_ = trained("network", epochs=7, every=3)
    assert [re.search(r">epoch (\d+)", frame)[1] for frame in film.frames] == ["3", "6", "7"]


def test_taking_pictures_changes_nothing():
    _, model, numbers = trained("graph")
    other = nn.MLP(2, [2, 1], activation="tanh", seed=1)
    nn.fit(other, X, Y, nn.binary_cross_entropy_with_logits, nn.SGD(other.parameters(), lr=0.5), 6)
    assert numbers[-1] == [p.data for p in other.parameters()]
    assert {p.grad for p in model.parameters()} == {0.0}
    x = Value(2.0, name="x")
    x.grad = 5.0
    film = draw.film()
    run = type("Run", (), {"epoch": 1, "epochs": 1, "loss": 1.0, "model": x})
    film.callback(lambda x: x * x)(run)
    assert x.grad == 5.0


def test_an_animated_gif(tmp_path):
    image = pytest.importorskip("PIL.Image")
    film, *_ = trained("network", epochs=3)
    film.gif(tmp_path / "a.gif", seconds=0.1, scale=0.5)
    shown = image.open(BytesIO((tmp_path / "a.gif").read_bytes()))
    assert shown.n_frames == 3


@pytest.mark.parametrize("view", ["graph", "network"])
def test_a_page_shows_each_picture_as_it_is(view, tmp_path):
    film, *_ = trained(view, epochs=4)
    film.html(tmp_path / "film.html")
    with chromium() as browser:
        page = browser.new_page()
        trouble = []
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.goto((tmp_path / "film.html").as_uri())
        slider = page.locator("input[type=range]")
        slider.focus()
        for k in (3, 2, 1, 0):
            drawn = page.locator("svg text").all_text_contents()
            assert drawn == [
                *map(unescape, re.findall(r"<text[^>]*>([^<]*)</text>", film.frames[k]))
            ]
            fills = page.locator("svg rect, svg circle").evaluate_all(
                "all => all.map((x) => x.getAttribute('fill'))"
            )
            assert fills == re.findall(r'<(?:rect|circle)[^>]*? fill="([^"]*)"', film.frames[k])
            slider.press("ArrowLeft")
        page.get_by_label("Play").click()
        page.wait_for_function(
            "() => document.querySelector('.glassgrad').shadowRoot.querySelector('input').value === '3'"
        )
        assert trouble == []


def test_without_scripts_the_last_picture_stays():
    film, *_ = trained("network", epochs=2)
    shown = film._repr_html_()
    assert (
        shown.startswith('<img alt="Film, last picture: epoch 2') and "data:image/svg+xml" in shown
    )


def test_hostile_captions_stay_text(tmp_path):
    x = Value(1.0, name="x")
    words = '</script><img src=x onerror="alert(1)"> & "quotes" 🙂'
    film = draw.film().add(x * 2.0, words).add(x * 3.0, words)
    assert film.html().count("</script>") == 1


def test_what_a_film_cannot_show_is_refused():
    x = Value(1.0, name="x")
    film = draw.film().add(x * x)
    with pytest.raises(
        ValueError, match="the first had 2 nodes, and this one, of 3 nodes, is made in another way"
    ):
        film.add(x * x + 1.0)
    assert len(film) == 1
    with pytest.raises(
        ValueError, match="a film shows one of the views 'graph', 'trace', 'network', got 'layers'"
    ):
        draw.film(view="layers")
    with pytest.raises(
        ValueError, match="most must be a whole number of pictures from 2 on, got 1"
    ):
        draw.film(most=1)
    with pytest.raises(TypeError, match="draw has no option 'folds'"):
        draw.film(folds=1)
    with pytest.raises(ValueError, match="this film has no pictures yet"):
        draw.film().gif()
    with pytest.raises(ValueError, match="every must be a whole number of epochs from 1 on, got 0"):
        film.callback(lambda m: x, every=0)


def test_it_says_what_it_is():
    x = Value(1.0, name="x")
    y = x * x
    y.name = "y"
    assert (
        repr(draw.film().add(y))
        == "<Film of 'y = x × x': 1 picture; save with .gif(path) or .html(path)>"
    )
