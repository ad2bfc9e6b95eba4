"""The vector elementary functions, compiled for each instruction set at hand, against mpmath."""

import ctypes
import math
import platform
import random
import re
import shutil
import subprocess
from functools import cache, partial
from itertools import pairwise
from math import inf, nan
from pathlib import Path

import pytest
from mpmath import mp, mpf

HEADER = Path(__file__).parents[1] / "autograd" / "native" / "elementary.h"
COMPILER = shutil.which("gcc") or shutil.which("cc") or shutil.which("clang")
FLAGS = ["-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-Wall", "-Werror"]
ULPS = 2  # what elementary.h promises
REACH = 1e5  # LANE_REACH
LARGEST = float.fromhex("0x1.fffffffffffffp1023")
SMALLEST = 5e-324
LN2 = math.log(2)

pytestmark = pytest.mark.skipif(COMPILER is None, reason="needs a C compiler: gcc, cc or clang")


def erfc(x):
    """mp.erfc, which cannot take the largest numbers."""
    return mp.erfc(x) if abs(x) < 1000 else mpf(2 * (x < 0))


# fmt: off
# INSTRUCTION SETS  flags of the compiler           those of the processor   bytes of a vector
SETS = {
    "baseline":    ([],                             [],                      16),
    "avx2":        (["-mavx2", "-mfma"],            ["avx2", "fma"],         32),
    "avx512":      (["-mavx512f", "-mavx512dq"],    ["avx512f", "avx512dq"], 64),
}

# FUNCTION    the truth                         where it is neither flat nor infinite, and where it is awkward
FUNCTIONS = {
    "exp":     (mp.exp,                         (-746, 710),   [LN2 / 2, -LN2 / 2, 3 * LN2 / 2, -708.4, -745.13, 709.78]),
    "expm1":   (mp.expm1,                       (-45, 710),    [LN2 / 2, -LN2 / 2, 3 * LN2 / 2, -37.4, 37, 709.78, 2**-54]),
    "log":     (mp.log,                         (0, 4),        [1, math.sqrt(0.5), math.sqrt(2), 2**-1022, 0.5]),
    "log1p":   (mp.log1p,                       (-1, 4),       [math.sqrt(0.5) - 1, math.sqrt(2) - 1, -1 + 1e-9, 2**53, 2**60, 2**-54]),
    "tanh":    (mp.tanh,                        (-24, 24),     [0.55, -0.55, 1, 19, 22]),
    "sigmoid": (lambda x: 1 / (1 + mp.exp(-x)), (-746, 40),    [LN2 / 2, -LN2 / 2, -708.4, -745.13, 37]),
    "erf":     (mp.erf,                         (-6, 6),       [1, -1, 1.1, 0.9, 5.9375]),
    "erfc":    (erfc,                           (-6, 27.3),    [0.46875, -0.46875, 0.48, 0.5, 1, 26.54, 27.22, -5.9]),
    "sin":     (mp.sin,                         (-1e5, 1e5),   [k * math.pi / 4 for k in (1, 2, 3, 4, 6, 40, 4000, 127320)]),
    "cos":     (mp.cos,                         (-1e5, 1e5),   [k * math.pi / 4 for k in (1, 2, 3, 4, 6, 40, 4000, 127320)]),
}

# EDGES       x: what comes back, to the bit
EDGES = {
    "exp":     {0.0: 1.0, -inf: 0.0, inf: inf, 1000.0: inf, -1000.0: 0.0, 1e300: inf, -1e300: 0.0},
    "expm1":   {0.0: 0.0, -inf: -1.0, inf: inf, 1000.0: inf, -1000.0: -1.0, SMALLEST: SMALLEST},
    "log":     {1.0: 0.0, 0.0: -inf, inf: inf, -1.0: nan, -inf: nan, -SMALLEST: nan},
    "log1p":   {0.0: 0.0, -1.0: -inf, inf: inf, -1.5: nan, -inf: nan, SMALLEST: SMALLEST},
    "tanh":    {0.0: 0.0, inf: 1.0, 1e300: 1.0, 25.0: 1.0, SMALLEST: SMALLEST},
    "sigmoid": {0.0: 0.5, -inf: 0.0, inf: 1.0, -1000.0: 0.0, 1000.0: 1.0, -1e300: 0.0, 1e300: 1.0},
    "erf":     {0.0: 0.0, inf: 1.0, 1e300: 1.0, 6.0: 1.0, SMALLEST: SMALLEST},
    "erfc":    {0.0: 1.0, -inf: 2.0, inf: 0.0, 1e300: 0.0, -1e300: 2.0, 28.0: 0.0, -28.0: 2.0},
    "sin":     {0.0: 0.0, inf: nan, -inf: nan, SMALLEST: SMALLEST},
    "cos":     {0.0: 1.0, inf: nan, -inf: nan},
}
# fmt: on
MIRRORED = ["tanh", "erf", "sin"]

LOOP = (
    "void many_{0}(ptrdiff_t n, const double *restrict x, double *restrict y) "
    "{{ for (ptrdiff_t l = 0; l < n; l++) y[l] = lane_{0}(x[l]); }}"
)


def header() -> str:
    return HEADER.read_text(encoding="utf-8")


def source() -> str:
    """A loop over each function; that of function number k stands in line k + 1."""
    start = f'#include <stddef.h>\n#include "{HEADER.as_posix()}"\n#line 1 "loops.c"\n'
    return start + "\n".join(map(LOOP.format, FUNCTIONS)) + "\n"


@pytest.fixture(scope="module", params=SETS)
def compiled(request, tmp_path_factory):
    """A library for an instruction set, and what the compiler said about its loops."""
    flags, _, width = SETS[request.param]
    if flags and platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip(f"{request.param} is for x86-64, this is {platform.machine()}")
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "source.c").write_text(source())
    flags = [*FLAGS, *flags, *["-fopt-info-vec-optimized"] * is_gcc()]
    command = [COMPILER, *flags, "-shared", "-fPIC", "source.c", "-lm", "-o", "loops.so"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return request.param, folder / "loops.so", done.stderr, width


@pytest.fixture(scope="module")
def functions(compiled):
    """The functions of a list, by name, for an instruction set that the processor has."""
    name, path, _, _ = compiled
    missing = set(SETS[name][1]) - processor()
    if missing:
        pytest.skip(f"the processor has no {', '.join(sorted(missing))}")
    library = ctypes.CDLL(str(path))
    return {f: partial(call, getattr(library, f"many_{f}")) for f in FUNCTIONS}


def call(function, xs):
    row = ctypes.c_double * len(xs)
    out = row()
    function(ctypes.c_ssize_t(len(xs)), row(*xs), out)
    return list(out)


@cache
def is_gcc() -> bool:
    version = subprocess.run([COMPILER, "--version"], capture_output=True, text=True).stdout
    return "Free Software Foundation" in version


@cache
def processor() -> set[str]:
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"^flags\s*:(.*)$", cpuinfo.read_text(), re.M) if cpuinfo.exists() else None
    return set(found[1].split()) if found else set()


# ACCURACY


def points(name):
    """All magnitudes, an even spread, and ever closer to each awkward point from both sides."""
    _, (low, high), awkward = FUNCTIONS[name]
    random.seed(f"elementary {name}")
    top = math.log2(REACH) if name in ("sin", "cos") else 1024
    xs = [random.choice((1, -1)) * 2 ** random.uniform(-1074, top) for _ in range(600)]
    xs += [random.choice((1, -1)) * 2 ** random.uniform(-60, 2) for _ in range(400)]
    xs += [random.uniform(low, high) for _ in range(1000)]
    for x in awkward:
        xs += [x * (1 + random.uniform(-1, 1) * 2 ** random.uniform(-48, -2)) for _ in range(300)]
        xs += [x, math.nextafter(x, inf), math.nextafter(x, -inf)]
    if name in ("log", "log1p"):
        xs = [x for x in xs if x > (0 if name == "log" else -1)]
    return [x for x in xs if top == 1024 or abs(x) <= REACH]


@cache
def truth(name):
    """The points, and the function there in 60 digits."""
    with mp.workdps(60):
        return [(x, FUNCTIONS[name][0](mpf(x))) for x in points(name)]


def error(y, t):
    """The distance of y from t, in units in the last place of t."""
    if math.isinf(y):
        return 0.0 if y * t > 0 and abs(t) >= LARGEST + mpf(2) ** 970 else inf  # t rounds to it
    if y != y or mp.isinf(t):
        return inf
    unit = max(mp.frexp(t)[1] - 53, -1074) if t else -1074
    return float(mp.ldexp(abs(y - t), -unit))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_within_two_units_in_the_last_place(functions, name):
    pairs = truth(name)
    ys = functions[name]([x for x, _ in pairs])
    with mp.workdps(60):
        worst, x = max((error(y, t), x) for y, (x, t) in zip(ys, pairs))
    assert worst <= ULPS, f"lane_{name} is {worst:.3f} units off at {x!r} ({x.hex()})"


def test_errors_are_measured():
    with mp.workdps(60):
        assert error(1.0, mpf(1)) == 0
        assert error(1.0, 1 + mpf(2) ** -52) == 1
        assert error(5e-324, mpf(0)) == error(0.0, mpf(2) ** -1074) == 1
        assert error(inf, mpf(LARGEST)) == error(-inf, mpf(inf)) == inf
        assert error(LARGEST, mpf(inf)) == error(nan, mpf(1)) == inf
        assert error(inf, mpf(2) ** 1024) == error(-inf, mpf(-inf)) == 0


# EDGES


def bits(x):
    return "nan" if x != x else x.hex()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_edges(functions, name):
    edges = EDGES[name] | {nan: nan, -nan: nan}
    edges |= {-x: -y for x, y in EDGES[name].items() if x and (name in MIRRORED or x == SMALLEST)}
    got = functions[name](list(edges))
    assert list(map(bits, got)) == list(map(bits, edges.values()))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_negative_zero(functions, name):
    """The functions that are 0 at 0 keep its sign; the others do not see it."""
    at_zero = EDGES[name][0.0]
    assert bits(functions[name]([-0.0])[0]) == bits(-at_zero if at_zero == 0 else at_zero)


@pytest.mark.parametrize("name", MIRRORED)
def test_odd(functions, name):
    xs = points(name)
    f = functions[name]
    assert f([-x for x in xs]) == [-y for y in f(xs)]


@pytest.mark.parametrize("name", ["exp", "log", "tanh", "sigmoid", "erf"])
def test_rises_across_the_whole_range(functions, name):
    """From the smallest to the largest double and -inf to inf, where the regions join, too."""
    powers = [2.0**k for k in range(-1074, 1024, 3)]
    xs = sorted([*points(name), -inf, *(-x for x in powers), 0.0, *powers, inf])
    ys = functions[name]([x for x in xs if x >= 0 or name != "log"])
    assert all(y <= z or error(y, mpf(z)) <= 2 * ULPS for y, z in pairwise(ys))
    assert ys[0] == min(ys) and ys[-1] == max(ys)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_same_in_every_lane(functions, name):
    """A result does not depend on its neighbours or on where the row ends."""
    f = functions[name]
    xs = [*EDGES[name], nan, *points(name)[::10]][:41]
    alone = [bits(f([x])[0]) for x in xs]
    assert list(map(bits, f(xs))) == alone
    assert list(map(bits, f(xs[3:]))) == alone[3:]
    assert list(map(bits, f([x for x in xs for _ in range(8)])))[::8] == alone
    assert f([]) == []


# SPEED


def test_loops_are_vectorised(compiled):
    _, _, remarks, width = compiled
    if not is_gcc():
        pytest.skip("only gcc says which loops it vectorised in these words")
    found = re.findall(r"^loops\.c:(\d+):.* vectorized using (\d+) byte vectors", remarks, re.M)
    lines = {int(line) for line, size in found if int(size) == width}
    assert lines == set(range(1, len(FUNCTIONS) + 1))


def test_nothing_is_called():
    """Only memcpy, fabs and copysign, which compilers write as instructions."""
    code = re.sub(r"/\*.*?\*/", "", header(), flags=re.S)
    own = re.findall(r"^(?:LANE [\w ]+?|#define )(\w+)\(", code, re.M)
    called = set(re.findall(r"\b(\w+)\(", code)) - {*own, "__attribute__", "defined"}
    assert called == {"memcpy", "fabs", "copysign", "__builtin_fma"}


def test_every_function_is_tried():
    assert set(re.findall(r"^LANE double lane_(\w+)\(", header(), re.M)) == set(FUNCTIONS)
    assert EDGES.keys() == FUNCTIONS.keys()
    assert all({0.0, inf} <= edges.keys() for edges in EDGES.values())
