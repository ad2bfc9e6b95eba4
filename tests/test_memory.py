"""What autograd.memory() counts."""

from autograd import Value, dot, memory


def test_nodes_and_bytes_come_and_go():
    before = memory()
    xs = [Value(float(i)) for i in range(100)]
    total = dot(xs, xs)
    during = memory()
    assert during["nodes"] - before["nodes"] == 101
    assert during["bytes"] - before["bytes"] >= 101 * 80 + 100 * 16
    assert during["reserved"] >= during["bytes"]
    del xs, total
    after = memory()
    assert (after["nodes"], after["bytes"]) == (before["nodes"], before["bytes"])
