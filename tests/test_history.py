"""History: a dict of lists that can be shown, plotted, copied and pickled."""

import copy
import json
import pickle

import pytest

from nn import History


def history(epochs=3, **more):
    columns = {"loss": [1.0 / (i + 1) for i in range(epochs)], "seconds": [0.25] * epochs}
    return History({**columns, **{name: numbers[:epochs] for name, numbers in more.items()}})


def test_it_is_a_mapping_of_lists():
    found = history(accuracy=[0.1, 0.2, 0.3])
    assert found["loss"] == [1.0, 0.5, 1 / 3]
    assert list(found) == ["loss", "seconds", "accuracy"] and len(found) == 3
    assert dict(found)["accuracy"][-1] == 0.3
    assert "accuracy" in found and "rate" not in found
    assert found.epochs == 3
    assert History().epochs == 0


def test_an_unknown_name_says_which_there_are():
    with pytest.raises(KeyError, match="'val_loss': this history has 'loss', 'seconds'"):
        history()["val_loss"]


def test_recording_and_shortening():
    found = History()
    for i in range(4):
        found.record({"loss": float(i), "rate": 0.1})
    found.shorten(2)
    assert dict(found) == {"loss": [0.0, 1.0], "rate": [0.1, 0.1]}
    found.shorten(9)
    assert found.epochs == 2


def test_it_does_not_share_lists_with_what_it_was_made_of():
    columns = {"loss": [1.0]}
    found = History(columns)
    found.record({"loss": 2.0})
    assert columns == {"loss": [1.0]}


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda h: pickle.loads(pickle.dumps(h))]
)
def test_copies(copied):
    found = history()
    found.interrupted, found.stopped, found.best_epoch = True, "no better loss", 2
    other = copied(found)
    assert dict(other) == dict(found) and vars(other) == vars(found)
    assert json.loads(json.dumps(dict(other))) == dict(found)


def test_repr():
    found = history(accuracy=[0.5, 0.75, 0.98765])
    assert repr(found) == ("History(3 epochs in 0.75 s, loss 1.0 → 0.3333, accuracy 0.5 → 0.9877)")
    found.interrupted = True
    assert repr(found).endswith(", interrupted)")
    found.interrupted, found.stopped = False, "no better loss"
    assert repr(found).endswith(", stopped: no better loss)")
    assert repr(History()) == "History(0 epochs)"
    assert repr(history(1)).startswith("History(1 epoch in")


def test_the_table_is_short_and_escaped():
    short = history(6)._repr_html_()
    assert short.count("<tr>") == 7 and "…" not in short
    found = history(100, **{"a<b": [0.5] * 100})
    found.stopped = "loss < 0"
    table = found._repr_html_()
    assert table.count("<tr>") == 1 + 3 + 1 + 3
    assert "<td>3</td>" in table and "<td>98</td>" in table and "<td>4</td>" not in table
    assert "a&lt;b" in table and "loss &lt; 0" in table
    assert "<td>0.01</td>" in table  # the last loss


def test_the_plot_has_the_losses_above_and_the_metric_below():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    above, below = history(
        validation_loss=[0.9, 0.8, 0.85], accuracy=[0.1, 0.2, 0.3], rate=[0.1] * 3
    ).plot()
    shown = {line.get_label(): list(line.get_ydata()) for line in above.lines}
    assert shown == {"loss": [1.0, 0.5, 1 / 3], "validation loss": [0.9, 0.8, 0.85]}
    assert [line.get_label() for line in below.lines] == ["accuracy"]
    assert list(below.lines[0].get_xdata()) == [1, 2, 3]
    assert len(history().plot()) == 1
    pyplot.close("all")
