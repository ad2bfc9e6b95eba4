"""Attention and embeddings: against NumPy, through recordings, and learning to look back."""

import pytest

import nn
from autograd import Value, check_grads, jit

np = pytest.importorskip("numpy")
SEQUENCE = [[1.0, -0.5, 0.3, 2.0], [0.0, 1.0, -1.0, 0.5], [2.0, 0.2, 0.1, -0.4]]


def weights(linear):
    return np.array([[w.data for w in n.weights] for n in linear.neurons]), np.array(
        [n.bias.data for n in linear.neurons]
    )


def by_numpy(attention, x, memory=None):
    q, k, v, o = (
        weights(part) for part in (attention.query, attention.key, attention.value, attention.out)
    )
    s = x if memory is None else memory
    Q, K, V = x @ q[0].T + q[1], s @ k[0].T + k[1], s @ v[0].T + v[1]
    d, rows = Q.shape[1] // attention.heads, []
    for h in range(attention.heads):
        part = slice(h * d, (h + 1) * d)
        scores = Q[:, part] @ K[:, part].T / np.sqrt(d)
        if attention.causal:
            scores[np.triu_indices(len(x), 1)] = -np.inf
        shares = np.exp(scores - scores.max(1, keepdims=True))
        rows.append(shares / shares.sum(1, keepdims=True) @ V[:, part])
    return np.concatenate(rows, axis=1) @ o[0].T + o[1]


@pytest.mark.parametrize("heads", [1, 2, 4])
@pytest.mark.parametrize("causal", [False, True])
def test_it_is_the_formula(heads, causal):
    attention = nn.MultiheadAttention(4, heads, causal=causal, seed=0)
    found = np.array([[v.data for v in row] for row in attention(SEQUENCE)])
    assert found == pytest.approx(by_numpy(attention, np.array(SEQUENCE)), rel=1e-10)


def test_keys_and_values_may_come_from_elsewhere():
    attention = nn.MultiheadAttention(4, 2, seed=1)
    found = np.array([[v.data for v in row] for row in attention(SEQUENCE[:1], SEQUENCE)])
    assert found == pytest.approx(by_numpy(attention, np.array(SEQUENCE[:1]), np.array(SEQUENCE)))


def test_a_causal_row_does_not_see_later_ones():
    attention = nn.MultiheadAttention(4, 2, causal=True, seed=0)
    rows = [[Value(x) for x in row] for row in SEQUENCE]
    attention(rows)[0][0].backward()
    assert any(x.grad for x in rows[0])
    assert not any(x.grad for row in rows[1:] for x in row)


def test_gradients():
    attention = nn.MultiheadAttention(4, 2, causal=True, seed=0)
    check_grads(lambda rows: sum(v * v for row in attention(rows) for v in row), (SEQUENCE,))


def test_an_embedding_looks_its_rows_up():
    table = nn.Embedding(5, 3, seed=0)
    assert table(2) == table.weight[2] == table(2.0) == table(np.int64(2))
    assert [row[1].data for row in table([4, 0])] == [
        table.weight[4][1].data,
        table.weight[0][1].data,
    ]
    out = table(Value(3.0))
    sum(out).backward()
    assert [[w.grad for w in row] for row in table.weight] == [
        [float(i == 3)] * 3 for i in range(5)
    ]


def test_one_recording_serves_for_all_tokens():
    table = nn.Embedding(5, 2, seed=0)
    fast = jit(lambda token: sum(table(token)))
    for token in range(5):
        assert fast(float(token)).data == pytest.approx(sum(w.data for w in table.weight[token]))
    assert fast.recordings == 1


class Copying(nn.Module):
    """Says the token that came first."""

    def __init__(self):
        self.table = nn.Embedding(3, 6, seed=0)
        self.places = nn.Embedding(4, 6, seed=1)
        self.attention = nn.MultiheadAttention(6, 2, seed=2)
        self.out = nn.Linear(6, 3, seed=3)

    def forward(self, tokens):
        rows = [
            [a + b for a, b in zip(self.table(t), self.places(i), strict=True)]
            for i, t in enumerate(tokens)
        ]
        return self.out(self.attention(rows[-1:], rows)[0])


def test_attention_and_embeddings_learn_by_fit():
    X = [[a, b, c, d] for a in range(3) for b in range(3) for c in range(3) for d in (0, 1)]
    model = Copying()
    history = nn.fit(
        model,
        X,
        [row[0] for row in X],
        "cross_entropy",
        nn.Adam(model.parameters(), lr=0.03),
        40,
        16,
        metric="accuracy",
    )
    assert history["accuracy"][-1] == 1.0


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="width must be a multiple of heads, got 4 and 3"):
        nn.MultiheadAttention(4, 3)
    with pytest.raises(ValueError, match="at least one row to look at"):
        nn.MultiheadAttention(4)([[1.0] * 4], [])
    table = nn.Embedding(3, 2)
    with pytest.raises(ValueError, match="rows for the tokens 0 to 2, got 3"):
        table(3)
    with pytest.raises(TypeError, match="a token is an int or a Value, got 1.5"):
        table(1.5)
