"""Sparse derivatives against closed forms, SymPy and the dense ones; and how many sweeps they take."""

import sys
from itertools import pairwise, permutations

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from autograd import (
    Value,
    custom,
    exp,
    floor,
    grad,
    hessian,
    jacobian,
    maximum,
    no_grad,
    relu,
    sin,
    where,
)
from autograd.transforms import dependence
from autograd.transforms.colouring import colours, how_many, star_colours
from autograd.transforms.dependence import gathered
from autograd.transforms.recorded import Recorded
from autograd.transforms.sparse import sparsity

scipy_sparse = pytest.importorskip("scipy.sparse")


@pytest.fixture
def sweeps(monkeypatch):
    """What the numeric sweeps were: "pull" or "push" for each."""
    seen = []
    for name in ("pull", "push"):
        sweep = getattr(Recorded, name)

        def counted(self, roots, seeds, is_open, name=name, sweep=sweep):
            if not is_open:
                seen.append(name)
            return sweep(self, roots, seeds, is_open)

        monkeypatch.setattr(Recorded, name, counted)
    return seen


def pairs(matrix):
    coo = matrix.tocoo()
    return {*zip(coo.row.tolist(), coo.col.tolist(), strict=True)}


# -- the pattern -----------------------------------------------------------------------------


def test_pattern_says_which_results_depend_on_which_arguments():
    pattern = sparsity(lambda x: [x[0] * x[1], x[2], 5.0, sin(x[2]) + x[0]], [1.0, 2.0, 3.0, 4.0])
    assert isinstance(pattern, scipy_sparse.csr_matrix)
    assert pattern.dtype == bool
    assert pattern.toarray().tolist() == [
        [True, True, False, False],
        [False, False, True, False],
        [False, False, False, False],
        [True, False, True, False],
    ]


@pytest.mark.parametrize("results", [1, 2, 3, 5, 9])
def test_pattern_is_the_same_from_either_end(results):
    """From the fewer of results and variables."""

    def f(x):
        total = x[0] * 1.0
        return [total := total * x[(3 * i) % 4] + 1.0 for i in range(results)]

    expected = {(i, (3 * k) % 4) for i in range(results) for k in range(i + 1)}
    expected |= {(i, 0) for i in range(results)}
    assert pairs(sparsity(f, [1.0, 2.0, 3.0, 4.0])) == expected


def test_pattern_of_a_scalar_is_a_row():
    assert sparsity(lambda x: x[0] + x[2], [1.0, 2.0, 3.0]).toarray().tolist() == [
        [True, False, True]
    ]


def test_pattern_of_a_gradient_is_that_of_the_hessian():
    assert pairs(
        sparsity(grad(lambda x: x[0] * x[1] + x[2] ** 2 + x[3]), [1.0, 2.0, 3.0, 4.0])
    ) == {
        (0, 1),
        (1, 0),
        (2, 2),
    }


def test_pattern_flattens_structures_in_order():
    pattern = sparsity(
        lambda p, q: {"u": p["b"] * q[1], "v": [p["a"][1, 0], q[0]]},
        {"a": np.ones((2, 2)), "b": 3.0},
        (4.0, 5.0),
    )
    assert pattern.shape == (3, 7)
    assert pairs(pattern) == {(0, 4), (0, 6), (1, 2), (2, 5)}


def test_pattern_is_that_of_the_branches_taken():
    def f(x):
        return [x[0] if x[1] > 0 else x[2], where(x[1] > 0, x[2], x[0])]

    assert pairs(sparsity(f, [1.0, 1.0, 2.0])) == {(0, 0), (1, 2)}
    assert pairs(sparsity(f, [1.0, -1.0, 2.0])) == {(0, 2), (1, 0)}


def test_pattern_has_the_inputs_of_an_operation_that_are_not_felt_here():
    f = lambda x: [maximum(x[0], x[1]), relu(x[2]), floor(x[3])]  # noqa: E731
    assert pairs(sparsity(f, [1.0, 2.0, -3.0, 4.5])) == {(0, 0), (0, 1), (1, 2), (2, 3)}
    assert jacobian(f, sparse=True)([1.0, 2.0, -3.0, 4.5]).toarray().tolist() == [
        [0, 1, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
    ]


def test_pattern_has_derivatives_that_are_0_by_value():
    f = lambda x: [x[0] * x[1]]  # noqa: E731
    assert pairs(sparsity(f, [0.0, 0.0])) == {(0, 0), (0, 1)}
    derivative = jacobian(f, sparse=True)([0.0, 3.0])
    assert derivative.nnz == 2
    assert derivative.toarray().tolist() == [[3.0, 0.0]]


def test_pattern_of_results_that_are_variables_constants_and_repeated():
    outside = Value(7.0)
    f = lambda x: [x[1], x[1], 2.0, outside, outside * x[0], x[1]]  # noqa: E731
    expected = {(0, 1), (1, 1), (4, 0), (5, 1)}
    assert pairs(sparsity(f, [1.0, 2.0])) == expected
    for mode in (None, "fwd", "rev"):
        derivative = jacobian(f, mode=mode, sparse=True)([1.0, 2.0])
        assert derivative.toarray().tolist() == [[0, 1], [0, 1], [0, 0], [0, 0], [7, 0], [0, 1]]


@pytest.mark.parametrize("f, shape", [(lambda x: [], (0, 2)), (lambda x: 3.0, (1, 2))])
def test_nothing_depends_on_anything(f, shape):
    for made in (sparsity(f, [1.0, 2.0]), jacobian(f, sparse=True)([1.0, 2.0])):
        assert made.shape == shape
        assert made.nnz == 0


def test_no_arguments_make_no_columns():
    for made in (sparsity(lambda x: [1.0], []), jacobian(lambda x: [1.0], sparse=True)([])):
        assert made.shape == (1, 0)
    assert hessian(lambda x: 1.0, sparse=True)([]).shape == (0, 0)


def test_a_long_sum_hands_its_marks_on():
    """Only the last node has the set of them all: no copy is left, so none was made."""
    n = 100
    sums = [[k - 1, k - n] for k in range(n, 2 * n)]  # as `total = total + x` makes
    found = gathered([[] for _ in range(n)] + sums, {k: [k] for k in range(n)}, [2 * n - 1])
    assert found[-1] == {*range(n)}
    assert sum(map(len, found)) == n


@pytest.mark.parametrize("variables, results", [(1, 5), (5, 1), (3, 3)])
def test_pattern_counts_from_the_end_that_has_fewer(variables, results, monkeypatch):
    marked = []

    def counted(inputs, marks, kept):
        marked.append(len(marks))
        return gathered(inputs, marks, kept)

    monkeypatch.setattr(dependence, "gathered", counted)
    made = sparsity(lambda x: [sum(x, 0.0) * (i + 2.0) for i in range(results)], [1.0] * variables)
    assert made.nnz == variables * results
    assert marked == [min(variables, results)]


def test_pattern_can_be_asked_for_inside_another_derivative_and_of_values():
    x = Value(2.0)
    assert pairs(sparsity(lambda u, v: u * x, x, 3.0)) == {(0, 0)}
    assert grad(lambda y: y * sparsity(lambda z: [z[0] * y, y], [1.0, 1.0]).nnz)(2.0) == 1.0


# -- Jacobians -------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [None, "fwd", "rev"])
def test_jacobian_of_differences(mode, sweeps):
    n = 50
    x = [0.1 * i for i in range(n)]
    derivative = jacobian(lambda x: [b * b - a for a, b in pairwise(x)], mode=mode, sparse=True)(x)
    assert isinstance(derivative, scipy_sparse.csr_matrix)
    assert derivative.shape == (n - 1, n)
    expected = np.zeros((n - 1, n))
    for i in range(n - 1):
        expected[i, i], expected[i, i + 1] = -1.0, 2 * x[i + 1]
    assert (derivative.toarray() == expected).all()
    assert sweeps == [{"fwd": "push"}.get(mode, "pull")] * 2


@pytest.mark.parametrize("tall", [False, True])
def test_jacobian_takes_the_fewer_sweeps(tall, sweeps):
    def wide_f(x):  # one row that has all columns: forward sweeps would be many
        return [sum(x, 0.0), x[0] * x[3]]

    def tall_f(x):
        return [x[0] * (i + 2.0) for i in range(9)] + [x[1] * x[0]]

    derivative = jacobian(tall_f if tall else wide_f, sparse=True)([1.0, 2.0, 3.0, 4.0])
    assert sweeps == ["push" if tall else "pull"] * 2
    if tall:
        expected = [[i + 2.0, 0, 0, 0] for i in range(9)] + [[2.0, 1.0, 0, 0]]
    else:
        expected = [[1, 1, 1, 1], [4, 0, 0, 1]]
    assert derivative.toarray().tolist() == expected


def test_jacobian_of_several_arguments_has_their_columns_side_by_side():
    f = lambda a, b, c: {"y": a[1] * c["k"], "z": np.array([b * a[0], c["k"]])}  # noqa: E731
    made = jacobian(f, argnums=(2, 0), sparse=True)([2.0, 3.0], 5.0, {"k": 7.0})
    assert made.toarray().tolist() == [[3, 0, 7], [0, 5, 0], [1, 0, 0]]


def test_jacobian_hands_on_aux():
    f = lambda x: ([x[0] * 2.0], {"seen": x[0]})  # noqa: E731
    made, aux = jacobian(f, has_aux=True, sparse=True)([3.0])
    assert made.toarray().tolist() == [[2.0]]
    assert aux == {"seen": 3.0}
    assert type(aux["seen"]) is float


def test_entries_do_not_spoil_their_neighbours():
    """An infinite derivative stays in its place, also in a shared sweep."""
    f = lambda x: [1 / x[0], x[1] * x[2], x[3] ** 0.5, x[2] * 3.0]  # noqa: E731
    for mode in ("fwd", "rev"):
        made = jacobian(f, mode=mode, sparse=True)([0.0, 2.0, 5.0, 0.0]).toarray()
        inf = float("inf")
        expected = [[-inf, 0, 0, 0], [0, 5, 2, 0], [0, 0, 0, inf], [0, 0, 3, 0]]
        assert made.tolist() == expected


def test_jacobian_under_no_grad():
    with no_grad():
        assert jacobian(lambda x: [x[0] ** 2], sparse=True)([3.0]).toarray() == [[6.0]]


# -- Hessians --------------------------------------------------------------------------------


def rosenbrock(x):
    return sum((100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(x)), 0.0)


def test_hessian_of_rosenbrock_against_sympy(sweeps):
    symbols = sympy.symbols("x:6")
    point = [0.5, -1.5, 2.0, 0.25, -0.75, 1.0]
    exact = sympy.hessian(rosenbrock(symbols), symbols).subs(dict(zip(symbols, point, strict=True)))
    made = hessian(rosenbrock, sparse=True)(point)
    np.testing.assert_allclose(made.toarray(), np.array(exact, float), rtol=1e-13)
    assert pairs(made) == {(i, j) for i in range(6) for j in range(6) if abs(i - j) <= 1}
    assert len(sweeps) == 3


def test_tridiagonal_hessian_of_ten_thousand_variables_takes_three_sweeps(sweeps):
    n = 10_000
    x = [(i % 11 - 5) / 4 for i in range(n)]
    made = hessian(
        lambda x: sum((a * b for a, b in pairwise(x)), 0.0) + sum((a**4 for a in x), 0.0),
        sparse=True,
    )(x)
    assert len(sweeps) <= 3
    expected = scipy_sparse.diags(
        [np.ones(n - 1), 12 * np.array(x) ** 2, np.ones(n - 1)], [-1, 0, 1]
    )
    assert abs(made - expected).max() < 1e-14
    assert made.nnz == 3 * n - 2


@pytest.mark.parametrize("hub", [0, 7, 24])
def test_arrow_hessian_takes_two_sweeps(hub, sweeps):
    n = 25
    x = [0.5 + i for i in range(n)]
    made = hessian(lambda x: sum((a * a * x[hub] for a in x), 0.0), sparse=True)(x)
    expected = np.diag([2 * x[hub]] * n)
    expected[hub, :] = expected[:, hub] = 2 * np.array(x)
    expected[hub, hub] = 6 * x[hub]
    assert (made.toarray() == expected).all()
    assert len(sweeps) == 2


def test_banded_hessian_takes_as_many_sweeps_as_the_band_is_wide(sweeps):
    n, band = 40, 4
    links = [(i, j) for i in range(n) for j in range(i, min(n, i + band + 1))]
    made = hessian(lambda x: sum((x[i] * x[j] * (i + 1.0) for i, j in links), 0.0), sparse=True)(
        [1.0 + i for i in range(n)]
    )
    expected = np.zeros((n, n))
    for i, j in links:
        expected[i, j] += i + 1.0
        expected[j, i] += i + 1.0
    assert (made.toarray() == expected).all()
    assert len(sweeps) <= 2 * band + 1


def test_hessian_of_a_ring_takes_the_three_sweeps_of_its_columns(sweeps):
    """Where columns that share no row are fewer than stars, which would be four."""
    x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    made = hessian(lambda x: sum((x[i - 1] * x[i] ** 2 for i in range(6)), 0.0), sparse=True)(x)
    expected = np.zeros((6, 6))
    for i in range(6):
        expected[i, i] = 2 * x[i - 1]
        expected[i, i - 1] = expected[i - 1, i] = 2 * x[i]
    assert (made.toarray() == expected).all()
    assert len(sweeps) == 3


def test_dense_hessian_takes_a_sweep_for_each_variable(sweeps):
    x = [0.25 * i for i in range(8)]
    made = hessian(lambda x: exp(sum(x, 0.0)), sparse=True)(x)
    np.testing.assert_allclose(made.toarray(), np.full((8, 8), np.exp(7.0)), rtol=1e-14)
    assert len(sweeps) == 8


def test_hessian_without_a_diagonal_and_with_unused_variables(sweeps):
    made = hessian(lambda x: x[0] * x[3] + x[4], sparse=True)([1.0, 2.0, 3.0, 4.0, 5.0])
    assert pairs(made) == {(0, 3), (3, 0)}
    assert made.data.tolist() == [1.0, 1.0]
    assert len(sweeps) <= 2


def test_hessian_of_a_linear_function_takes_no_sweep(sweeps):
    assert hessian(lambda x: x[0] * 2.0 + x[1], sparse=True)([1.0, 2.0]).nnz == 0
    assert sweeps == []


def test_hessian_of_several_arguments_with_aux():
    f = lambda a, b: (a[0] ** 2 * b["w"] + a[1], "aux")  # noqa: E731
    made, aux = hessian(f, argnums=(0, 1), has_aux=True, sparse=True)([3.0, 1.0], {"w": 5.0})
    assert made.toarray().tolist() == [[10, 0, 6], [0, 0, 0], [6, 0, 0]]
    assert aux == "aux"


def test_hessian_of_derivatives_that_do_not_agree_is_what_was_recorded():
    odd = custom(lambda x, y: x * y, lambda x, y, out: y * 1.0, lambda x, y, out: 4.0)
    f = lambda x: odd(x[0], x[1])  # noqa: E731
    assert hessian(f, sparse=True)([2.0, 3.0]).toarray().tolist() == [[0, 1], [0, 0]]
    assert hessian(f)([2.0, 3.0]) == [[0, 1], [0, 0]]


# -- random polynomials, whose derivatives are plain to see -------------------------------------

N = 6
monomials = st.tuples(
    st.integers(1, 5), st.lists(st.integers(0, N - 1), min_size=1, max_size=4).map(tuple)
)
polynomials = st.lists(monomials, max_size=5)
points = st.lists(st.integers(-3, 3).map(float), min_size=N, max_size=N)


def evaluated(polynomial, x):
    total = 0.0
    for factor, places in polynomial:
        term = float(factor)
        for k in places:
            term = term * x[k]
        total = total + term
    return total


def derived(polynomial, k):
    """By the k-th variable: each factor x[k] left out once."""
    return [
        (factor, places[:i] + places[i + 1 :])
        for factor, places in polynomial
        for i, place in enumerate(places)
        if place == k
    ]


@given(st.lists(polynomials, max_size=8), points, st.sampled_from([None, "fwd", "rev"]))
def test_jacobian_of_random_polynomials(results, x, mode):
    f = lambda x: [evaluated(p, x) for p in results]  # noqa: E731
    made = jacobian(f, mode=mode, sparse=True)(x)
    expected = [[evaluated(derived(p, k), x) for k in range(N)] for p in results]
    assert made.toarray().tolist() == expected
    assert pairs(made) == {(i, k) for i, p in enumerate(results) for k in range(N) if derived(p, k)}
    assert pairs(sparsity(f, x)) == pairs(made)


@given(polynomials, points)
def test_hessian_of_random_polynomials(polynomial, x):
    f = lambda x: evaluated(polynomial, x)  # noqa: E731
    made = hessian(f, sparse=True)(x)
    second = [[derived(derived(polynomial, i), j) for j in range(N)] for i in range(N)]
    assert made.toarray().tolist() == [[evaluated(p, x) for p in row] for row in second]
    assert pairs(made) == {(i, j) for i in range(N) for j in range(N) if second[i][j]}


# -- colouring ----------------------------------------------------------------------------------

patterns = st.lists(st.sets(st.integers(0, 7)).map(sorted), max_size=12)


@given(patterns)
def test_columns_of_one_colour_share_no_row(columns):
    colouring = colours(columns, 8)
    assert [colour < 0 for colour in colouring] == [not column for column in columns]
    for i, j in permutations(range(len(columns)), 2):
        if colouring[i] == colouring[j]:
            assert not {*columns[i]} & {*columns[j]}
    assert {*colouring} - {-1} == {*range(how_many(colouring))}


@given(st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=24))
def test_stars_show_each_entry_in_one_of_its_places(links):
    rows = [sorted({j for a, b in links for i, j in ((a, b), (b, a)) if i == k}) for k in range(9)]
    colouring = star_colours(rows)
    assert [colour < 0 for colour in colouring] == [not row for row in rows]
    for i in range(9):
        for j in rows[i]:
            places = [(colouring[i], rows[j]), (colouring[j], rows[i])]
            assert any([colouring[k] for k in row].count(c) == 1 for c, row in places)
        assert [colouring[k] for k in rows[i] if k != i].count(colouring[i]) == 0


def test_columns_that_meet_most_others_come_first_where_that_is_better():
    """A path with its ends first: as they stand, the two between them would differ from both."""
    assert colours([[0], [2], [0, 1], [1, 2]], 3) == [1, 0, 0, 1]


@pytest.mark.parametrize("neighbours", [
    [[1], [0, 2], [1, 3, 4], [2, 4], [2, 3]],
    [[1, 4], [0, 3], [3], [1, 2, 4], [0, 3]],
], ids=["largest first", "as they stand"])  # fmt: skip
def test_stars_are_found_in_the_better_order(neighbours):
    assert how_many(star_colours(neighbours)) == 3


@pytest.mark.parametrize("n", [1, 2, 3, 10, 101])
def test_paths_need_three_stars(n):
    path = [[j for j in (i - 1, i, i + 1) if 0 <= j < n] for i in range(n)]
    assert how_many(star_colours(path)) == min(n, 2 if n <= 3 else 3)


# -- errors -------------------------------------------------------------------------------------


@pytest.mark.parametrize("derivative", [jacobian, hessian])
def test_values_are_refused(derivative):
    def square(x):
        return x[0] ** 2

    with pytest.raises(TypeError, match="sparse derivative of square .* leave out sparse=True"):
        derivative(square, sparse=True)([Value(2.0)])


def test_a_derivative_inside_another_is_refused():
    def inner(y):
        def product(x):
            return [x[0] * y]

        return jacobian(product, sparse=True)([1.0])[0, 0]

    with pytest.raises(TypeError, match="a SciPy matrix holds floats only"):
        grad(inner)(2.0)


def test_one_that_does_not_depend_on_the_outer_variable_is_allowed():
    f = lambda y: y * hessian(rosenbrock, sparse=True)([1.0, 1.0])[1, 1]  # noqa: E731
    assert grad(f)(3.0) == 200.0


@pytest.mark.parametrize("call", [
    lambda: sparsity(rosenbrock, [1.0]),
    lambda: jacobian(rosenbrock, sparse=True),
    lambda: hessian(rosenbrock, sparse=True),
])  # fmt: skip
def test_without_scipy(call, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    with pytest.raises(ImportError, match="pip install scipy"):
        call()


def test_misuse_of_sparsity():
    with pytest.raises(TypeError, match=r"sparsity takes a function, got 3.0"):
        sparsity(3.0, 1.0)
    with pytest.raises(TypeError, match="argument 0 of rosenbrock\\[1\\] is 2"):
        sparsity(rosenbrock, [1.0, 2])
    with pytest.raises(TypeError, match="the result of text is 'a', of type str"):

        def text(x):
            return "a"

        sparsity(text, 1.0)
