"""Optimizers: steps by hand, steps as PyTorch takes them, state, and bad settings."""

import json
import math
from array import array
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Value
from autograd.engine import native
from autograd.updates import UPDATES
from nn.optimizers import OPTIMIZERS, SGD, Adagrad, Adam, AdamW, RMSprop, optimizer_named

# three parameters, the gradients of four steps, and where PyTorch 2.13.0 in float64 arrives
START = [1.0, -2.0, 0.5]
GRADIENTS = [[0.1, -0.4, 2.0], [0.3, 0.2, -1.0], [-0.2, 0.0, 0.5], [0.05, -0.1, 1e-6]]
# fmt: off
TORCH = [
    # optimizer, settings, parameters after the four steps
    (SGD, dict(lr=0.1), [0.975, -1.97, 0.34999990000000003]),
    (SGD, dict(lr=0.1, momentum=0.9), [0.91731, -1.90664, -0.01180010000000008]),
    (SGD, dict(lr=0.1, momentum=0.9, nesterov=True),
     [0.9005789999999999, -1.8859759999999999, -0.11062019000000008]),
    (SGD, dict(lr=0.1, weight_decay=0.01), [0.971075936011, -1.962091892042, 0.3484523982005]),
    (SGD, dict(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
     [0.8889095479720531, -1.8623658639387481, -0.11344711930121397]),
    (Adam, dict(), [0.9975378808661239, -1.998236233337458, 0.49811437472611086]),
    (Adam, dict(lr=0.05, betas=(0.8, 0.95), eps=1e-3),
     [0.8822289597686689, -1.9183741575174258, 0.41200150977808914]),
    (Adam, dict(lr=0.05, weight_decay=0.1),
     [0.8423294165805432, -1.8450936707024426, 0.40121563533016313]),
    (AdamW, dict(), [0.9974979324003848, -1.9981562719226564, 0.4980944137568144]),
    (AdamW, dict(lr=0.05, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.2),
     [0.8453188110662166, -1.841335738033178, 0.3941496146151426]),
    (Adagrad, dict(), [0.9845338595126005, -1.992289957054616, 0.49228995268867703]),
    (Adagrad,
     dict(lr=0.1, lr_decay=0.5, weight_decay=0.1, initial_accumulator_value=0.25, eps=1e-3),
     [0.9231515109755477, -1.8983867709069562, 0.4183792711899371]),
    (RMSprop, dict(), [0.8453851215115636, -1.9227854518995218, 0.4228908656592395]),
    (RMSprop, dict(lr=0.05, alpha=0.8, eps=1e-3, weight_decay=0.1, momentum=0.9),
     [0.3835489159274054, -1.493341791401703, 0.1959397566984786]),
    (RMSprop, dict(lr=0.05, momentum=0.5, centered=True),
     [-0.44335985373069625, -1.340233816022517, -0.21438057397871255]),
]
# fmt: on
EVERY = [
    lambda params: SGD(params, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    lambda params: Adam(params, lr=0.05, weight_decay=0.1),
    lambda params: AdamW(params, lr=0.05, weight_decay=0.1),
    lambda params: Adagrad(params, lr=0.2, lr_decay=0.01, weight_decay=0.001),
    lambda params: RMSprop(params, lr=0.01, weight_decay=0.001, momentum=0.5, centered=True),
]


def step(optimizer, gradient):
    for p, g in zip(optimizer.params, gradient, strict=True):
        p.grad = g
    optimizer.step()


@pytest.mark.parametrize("kind, settings, end", TORCH)
def test_four_steps_as_pytorch_takes_them(kind, settings, end):
    params = [Value(x) for x in START]
    optimizer = kind(params, **settings)
    for gradient in GRADIENTS:
        step(optimizer, gradient)
    assert [p.data for p in params] == pytest.approx(end, rel=1e-14)


@pytest.mark.parametrize("kind, settings, end", TORCH)
def test_the_numbers_are_pytorchs(kind, settings, end):
    torch = pytest.importorskip("torch")
    params = [torch.nn.Parameter(torch.tensor(x, dtype=torch.float64)) for x in START]
    optimizer = getattr(torch.optim, kind.__name__)(params, **settings)
    for gradient in GRADIENTS:
        for p, g in zip(params, gradient):
            p.grad = torch.tensor(g, dtype=torch.float64)
        optimizer.step()
    assert [p.item() for p in params] == pytest.approx(end, rel=1e-14)


def test_sgd_is_what_micrograd_users_write():
    p = Value(1.0)
    p.grad = 0.5
    SGD([p], 0.1).step()
    assert p.data == 1.0 - 0.1 * 0.5


def test_momentum_first_three_updates():
    # w1 = w0 - η g1; w2 = w1 - α η g1 - η g2; w3 = w2 - α² η g1 - α η g2 - η g3
    p = Value(0.0)
    optimizer = SGD([p], lr=1.0, momentum=0.5)
    ends = []
    for g in (1.0, 2.0, 4.0):
        step(optimizer, [g])
        ends.append(p.data)
    assert ends == [-1.0, -1.0 - 0.5 - 2.0, -3.5 - 0.25 - 1.0 - 4.0]


def test_nesterov_first_step_looks_ahead():
    p = Value(0.0)
    step(SGD([p], lr=1.0, momentum=0.5, nesterov=True), [1.0])
    assert p.data == -1.5  # g + momentum·v with v = g


def test_weight_decay_is_the_gradient_of_half_the_square():
    p = Value(2.0)
    step(SGD([p], lr=0.1, weight_decay=0.5), [0.0])
    assert p.data == pytest.approx(2.0 - 0.1 * 0.5 * 2.0)


def test_weight_decay_off_leaves_infinite_parameters_alone():
    p = Value(math.inf)
    step(SGD([p], lr=0.1), [0.0])
    assert p.data == math.inf  # 0 · inf would have made it nan


@given(
    st.floats(min_value=1e-2, max_value=1e6) | st.floats(min_value=-1e6, max_value=-1e-2),
    st.floats(min_value=1e-3, max_value=10.0),
)
def test_adams_first_step_has_length_lr(gradient, lr):
    # bias correction at t = 1: m̂ = g, v̂ = g²
    p = Value(0.0)
    step(Adam([p], lr=lr, eps=1e-12), [gradient])
    assert p.data == pytest.approx(-math.copysign(lr, gradient), rel=1e-9)


def test_adams_eps_is_honoured_outside_the_root():
    p = Value(0.0)
    step(Adam([p], lr=1.0, eps=3.0), [1.0])
    assert p.data == pytest.approx(-1.0 / (1.0 + 3.0))  # inside it would be -1/√(1 + 3)


def test_adagrads_steps_shrink_as_one_over_the_root_of_their_number():
    p = Value(0.0)
    optimizer = Adagrad([p], lr=1.0, eps=1e-300)
    for t in range(1, 5):
        before = p.data
        step(optimizer, [-3.0])  # s = 9 t, and 3 / √(9 t) = 1 / √t
        assert p.data - before == pytest.approx(1 / math.sqrt(t), rel=1e-15)


def test_adagrads_rate_falls_with_the_number_of_steps():
    p = Value(0.0)
    optimizer = Adagrad([p], lr=1.0, lr_decay=1.0, initial_accumulator_value=1e8, eps=1e-300)
    step(optimizer, [1.0])
    first = p.data
    step(optimizer, [1.0])
    assert (p.data - first) / first == pytest.approx(0.5, rel=1e-6)


def test_rmsprops_first_step_does_not_depend_on_the_size_of_the_gradient():
    # s = (1 - 0.96)·g², and g / √s = 1 / 0.2
    for g in (1e-3, 1.0, 1e6):
        p = Value(0.0)
        step(RMSprop([p], lr=1.0, alpha=0.96, eps=1e-300), [g])
        assert p.data == pytest.approx(-5.0, rel=1e-12)


def test_centered_rmsprop_has_no_root_of_a_rounding_error_below_zero():
    # a constant gradient: s - m² is 0 but for rounding once alpha has forgotten the start
    p = Value(0.0)
    optimizer = RMSprop([p], lr=1e-9, alpha=0.1, centered=True)
    for g in (0.1, 0.1, 0.3, 0.7):
        for _ in range(40):
            step(optimizer, [g])
            assert math.isfinite(p.data)


def test_adamws_decay_does_not_depend_on_the_gradients():
    p, q = Value(2.0), Value(2.0)
    optimizer = AdamW([p, q], lr=0.1, weight_decay=0.5)
    step(optimizer, [0.0, 0.0])
    assert [p.data, q.data] == [2.0 * (1 - 0.1 * 0.5)] * 2
    p.data = q.data = 2.0
    step(optimizer, [1.0, 1000.0])
    assert p.data == pytest.approx(q.data, rel=1e-9)
    assert p.data == pytest.approx(
        1.9 - 0.1 * math.sqrt(1 - 0.999**2) * 0.1 / (1 - 0.9**2) / 0.001**0.5
    )


def test_a_zero_gradient_is_a_gradient_like_any_other():
    p = Value(1.0)
    sgd, adam = SGD([p], lr=0.1, momentum=0.9), Adam([p])
    step(sgd, [0.0])
    step(adam, [0.0])
    assert p.data == 1.0
    step(sgd, [1.0])
    moved = p.data
    step(sgd, [0.0])  # the momentum carries it on
    assert p.data == pytest.approx(moved - 0.1 * 0.9)


@pytest.mark.parametrize("make", EVERY)
def test_a_gradient_that_is_not_finite_is_stepped_along(make):
    p, q = Value(1.0), Value(1.0)
    step(make([p, q]), [math.nan, 1.0])
    assert math.isnan(p.data) and q.data < 1.0


@pytest.mark.parametrize("make", EVERY)
def test_zero_grad(make):
    params = [Value(1.0), Value(2.0)]
    params[0].grad = params[1].grad = 3.0
    make(params).zero_grad()
    assert [p.grad for p in params] == [0.0, 0.0]


@pytest.mark.parametrize("make", EVERY)
def test_lr_can_change_between_steps(make):
    p = Value(1.0)
    optimizer = make([p])
    optimizer.lr = 0.0
    step(optimizer, [1.0])
    assert p.data == 1.0
    optimizer.lr = 0.1
    step(optimizer, [1.0])
    assert p.data < 1.0


@pytest.mark.parametrize("make", EVERY)
def test_training_goes_on_from_a_saved_state_as_if_never_interrupted(make):
    through = [Value(x) for x in START]
    optimizer = make(through)
    for gradient in GRADIENTS:
        step(optimizer, gradient)

    params = [Value(x) for x in START]
    first = make(params)
    for gradient in GRADIENTS[:2]:
        step(first, gradient)
    saved = json.loads(json.dumps(first.state_dict()))
    second = make(params)
    second.lr = 99.0
    second.load_state_dict(saved)
    for gradient in GRADIENTS[2:]:
        step(second, gradient)
    assert [p.data for p in params] == [p.data for p in through]
    assert second.state_dict() == optimizer.state_dict()


def test_a_state_is_a_copy():
    optimizer = SGD([Value(1.0)], 0.1, momentum=0.9)
    saved = optimizer.state_dict()
    step(optimizer, [1.0])
    assert saved["velocity"] == [0.0]
    optimizer.load_state_dict(saved)
    step(optimizer, [1.0])
    assert saved["velocity"] == [0.0]


# fmt: off
MISFITS = [
    # change, message
    (dict(optimizer="Adam"),            "'optimizer' is 'Adam', must be 'SGD'"),
    (dict(velocity=[0.0]),              r"'velocity' is \[0.0\], must be a list of 2 finite"),
    (dict(velocity=[0.0, math.nan]),    "'velocity' is .*, must be a list of 2 finite numbers"),
    (dict(velocity=[0.0, "1"]),         "'velocity' is .*, must be a list of 2 finite numbers"),
    (dict(lr=None),                     "'lr' is None, must be a finite number"),
    (dict(nesterov=1),                  "'nesterov' is 1, must be True or False"),
    (dict(velocty=[0.0, 0.0]),          "unexpected: 'velocty' did you mean 'velocity'?"),
]
# fmt: on


@pytest.mark.parametrize("change, message", MISFITS)
def test_a_state_that_does_not_fit_changes_nothing(change, message):
    optimizer = SGD([Value(1.0), Value(2.0)], 0.1, momentum=0.9)
    before = optimizer.state_dict()
    with pytest.raises(ValueError, match=message) as error:
        optimizer.load_state_dict(before | dict(lr=0.5, momentum=0.5) | change)
    assert "this state does not fit SGD over 2 parameters, nothing was changed" in str(error.value)
    assert optimizer.state_dict() == before


def test_a_state_with_a_part_missing():
    optimizer = SGD([Value(1.0)], 0.1)
    state = optimizer.state_dict()
    del state["velocity"]
    with pytest.raises(ValueError, match="missing: 'velocity'"):
        optimizer.load_state_dict(state)
    with pytest.raises(TypeError, match="state must be a dict, got list"):
        optimizer.load_state_dict([])


def test_a_generator_of_parameters_is_accepted():
    model = nn.MLP(2, [2, 1], seed=0)
    optimizer = SGD((p for p in model.parameters()), lr=0.1)
    assert len(optimizer.params) == 9


@pytest.mark.parametrize("make", EVERY)
def test_parameters_that_are_none(make):
    w = Value(1.0)
    for params, error, message in [
        ([], ValueError, "got no parameters: there is nothing to move"),
        (w, TypeError, r"needs a list of Values, got a single one: write \[w\]"),
        (
            nn.Neuron(1),
            TypeError,
            r"needs the parameters, got a Neuron: write model.parameters\(\)",
        ),
        ([w, 1.0], TypeError, "parameter 1 must be a Value, got 1.0"),
        (
            nn.Neuron(1).named_parameters(),
            TypeError,
            "parameter 0 must be a Value, got .'weights.0",
        ),
        ([Value(2.0), w, w], ValueError, "parameters 1 and 2 are the same Value"),
        ([w, w * 2.0], ValueError, "parameter 1 was computed .*: give the leaf Values"),
    ]:
        with pytest.raises(error, match=message):
            make(params)


def test_equal_parameters_are_not_the_same_parameter():
    assert len(SGD([Value(1.0), Value(1.0)], 0.1).params) == 2


# fmt: off
BAD_SETTINGS = [
    # kind, settings, message
    (SGD,  dict(lr=-0.1),                   "lr must be a finite number of at least 0, got -0.1"),
    (SGD,  dict(lr=math.nan),               "lr must be a finite number of at least 0, got nan"),
    (SGD,  dict(lr=math.inf),               "lr must be a finite number of at least 0, got inf"),
    (SGD,  dict(lr=0.1, momentum=-1),       "momentum must be .* at least 0, got -1.0"),
    (SGD,  dict(lr=0.1, weight_decay=-1),   "weight_decay must be .* at least 0, got -1.0"),
    (SGD,  dict(lr=0.1, nesterov=True),     "nesterov needs momentum above 0, got 0: pass"),
    (Adam, dict(betas=(1.0, 0.9)),          r"betas\[0\] must be .* and below 1, got 1.0"),
    (Adam, dict(betas=(0.9, -0.1)),         r"betas\[1\] must be .* and below 1, got -0.1"),
    (Adam, dict(betas=(0.9, 0.99, 0.999)),  "betas must be two numbers, got"),
    (Adam, dict(betas=0.9),                 "betas must be two numbers, got 0.9"),
    (Adam, dict(eps=0.0),                   "eps must be above 0"),
    (AdamW, dict(betas=0.9),                "betas must be two numbers, got 0.9"),
    (AdamW, dict(weight_decay=-0.1),        "weight_decay must be .* at least 0, got -0.1"),
    (Adagrad, dict(eps=0.0),                "eps must be above 0, got 0: it keeps the division"),
    (Adagrad, dict(lr_decay=-1.0),          "lr_decay must be .* at least 0, got -1.0"),
    (Adagrad, dict(initial_accumulator_value=-1.0), "initial_accumulator_value must be .* at least"),
    (RMSprop, dict(alpha=1.0),              "alpha must be .* and below 1, got 1.0"),
    (RMSprop, dict(eps=0.0),                "eps must be above 0"),
    (RMSprop, dict(momentum=-1.0),          "momentum must be .* at least 0, got -1.0"),
]
# fmt: on


@pytest.mark.parametrize("kind, settings, message", BAD_SETTINGS)
def test_bad_settings(kind, settings, message):
    with pytest.raises(ValueError, match=message):
        kind([Value(1.0)], **settings)


@pytest.mark.parametrize("lr", ["0.1", None, [0.1]])
def test_a_setting_that_is_no_number(lr):
    with pytest.raises(TypeError, match="lr must be a number, got"):
        SGD([Value(1.0)], lr)


def test_repr_shows_the_settings():
    assert repr(SGD([Value(1.0)], 0.1)) == (
        "SGD(1 parameter, lr=0.1, momentum=0.0, nesterov=False, weight_decay=0.0)"
    )


@pytest.mark.parametrize("make", EVERY)
def test_a_rule_is_what_step_does(make):
    stepped, ruled = [Value(x) for x in START], array("d", START)
    optimizer, other = make(stepped), make([Value(0.0) for _ in START])
    for gradient in GRADIENTS:
        step(optimizer, gradient)
        rule = other.rule()
        assert rule.settings[0] == other.lr
        UPDATES[rule.name](ruled, array("d", gradient), rule.state, rule.settings)
        other.stepped(1)
        assert list(ruled) == [p.data for p in stepped]  # bit for bit, whatever the engine
    assert other.state_dict() == optimizer.state_dict()


def numbers(rng, n, size):
    special = [0.0, -0.0, 5e-324, 1e-300, 1e300, -1e200, math.inf, -math.inf, math.nan]
    draw = [lambda: rng.gauss(0, 1), lambda: rng.gauss(0, 1) * 10.0 ** rng.randint(-9, 9)]
    draw.append(lambda: rng.choice(special))
    return array("d", [rng.choices(draw, [8, 4, size])[0]() for _ in range(n)])


SETTINGS = {
    "sgd": lambda r: (r.random(), r.choice([0.0, 0.9]), r.choice([0.0, 1.0]), r.choice([0.0, 0.1])),
    "adam": lambda r: (0.001, r.random(), r.random(), 1e-8, r.choice([0.0, 0.1])),
    "adamw": lambda r: (0.1, r.choice([0.0, 0.9]), 0.999, 1e-8, r.choice([0.0, 0.1])),
    "adagrad": lambda r: (0.01, r.choice([0.0, 0.1]), 1e-10, r.choice([0.0, 0.1])),
    "rmsprop": lambda r: (0.01, r.random(), 1e-8, *(r.choice([0.0, 0.3]) for _ in range(3))),
}
STATES = {"sgd": 1, "adam": 2, "adamw": 2, "adagrad": 1, "rmsprop": 3}


@pytest.mark.skipif(native is None, reason="the native engine was not built, or not asked for")
@pytest.mark.parametrize("rule", UPDATES)
@pytest.mark.parametrize("seed", range(12))
def test_both_engines_give_the_same_bits(rule, seed):
    rng = Random(seed)
    n = rng.choice([1, 7, 128, 129, 300])  # a block of the native loop is 128
    special = seed % 2  # every second time no infinities, so that no nan hides a difference
    state = [array("d", map(abs, numbers(rng, n, 0))) for _ in range(STATES[rule])]
    copies = [array("d", s) for s in state]
    p = numbers(rng, n, special)
    params = [Value(x) for x in p]
    lr, *own = SETTINGS[rule](rng)
    for t in range(4):
        g = numbers(rng, n, special)
        for v, x in zip(params, g):
            v.grad = x
        settings = (lr, float(t * 7), *own)
        native.update(rule, params, settings, state)
        UPDATES[rule](p, g, copies, settings)
    assert list(map(bits, p)) == [bits(v.data) for v in params]
    assert [list(map(bits, s)) for s in state] == [list(map(bits, s)) for s in copies]


def bits(x):
    return "nan" if x != x else x.hex()


def test_an_overridden_step_has_no_rule():
    class Clipped(SGD):
        def step(self):
            for p in self.params:
                p.grad = max(-1.0, min(1.0, p.grad))
            super().step()

    p = Value(1.0)
    optimizer = Clipped([p], 0.5)
    assert optimizer.rule() is None
    step(optimizer, [-7.0])
    assert p.data == 1.5
    patched = SGD([p], 0.5)
    patched.step = lambda: None
    assert patched.rule() is None
    assert SGD([p], 0.5).rule() == ("sgd", (0.5, 0.0, 0.0, 0.0, 0.0), [array("d", [0.0])])


def test_optimizers_by_name():
    for name, kind in OPTIMIZERS.items():
        assert type(optimizer_named(name, [Value(1.0)])) is kind
        assert kind.__name__.lower() == name and getattr(nn, kind.__name__) is kind
    assert repr(optimizer_named("SGD", [Value(1.0)])) == repr(SGD([Value(1.0)]))
    with pytest.raises(
        ValueError, match=r"unknown optimizer 'adma': did you mean 'adam'\? Allowed"
    ):
        optimizer_named("adma", [Value(1.0)])


def test_an_optimizer_of_ones_own():
    class SignDescent(nn.Optimizer):
        def __init__(self, params, lr):
            super().__init__(params, lr)
            self.last = [0.0] * len(self.params)

        def step(self):
            for i, p in enumerate(self.params):
                self.last[i] = math.copysign(1.0, p.grad)
                p.data -= self.lr * self.last[i]

    p = Value(1.0)
    optimizer = SignDescent([p], 0.25)
    assert optimizer.rule() is None
    step(optimizer, [-7.0])
    assert p.data == 1.25
    assert optimizer.state_dict() == {"optimizer": "SignDescent", "lr": 0.25, "last": [-1.0]}


def test_an_optimizer_without_step():
    with pytest.raises(NotImplementedError, match=r"does not say how to move: define step\(\)"):
        nn.Optimizer([Value(1.0)], 0.1).step()


@pytest.mark.parametrize("make", EVERY)
def test_training_lowers_the_loss(make):
    model = nn.MLP(1, [8, 1], activation="tanh", seed=0)
    optimizer = make(model.parameters())
    data = [(x / 4, math.sin(x / 4)) for x in range(-8, 9)]
    losses = []
    for _ in range(60):
        loss = nn.mse_loss([model([x]) for x, _ in data], [y for _, y in data])
        losses.append(loss.data)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert losses[-1] < 0.1 * losses[0]
