"""Optimisers against the published formulas, number by number; schedules at the points that define them."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from clearprop import LBFGS, MLP, SGD, Adagrad, Adam, AdamW, Momentum, Nesterov, RMSProp
from clearprop.errors import InputError
from clearprop.ops import reference
from clearprop.optimizers import OPTIMIZERS, as_optimizer, from_config, to_config
from clearprop.schedules import (
    Constant,
    Cosine,
    Exponential,
    Moment,
    OneCycle,
    ReduceOnPlateau,
    StepDecay,
    as_schedule,
)

START = (1.5, -0.75, 0.01, -30.0)
SLOPES = (0.3, -1.25, 4e-3, 250.0, 0.0, 0.7)  # of one parameter, step by step


# ---- the published algorithms for one parameter, in plain Python


def published_sgd(theta: float, slopes: Iterator[float], eta: float) -> Iterator[float]:
    for g in slopes:
        theta -= eta * g
        yield theta


def published_momentum(theta: float, slopes: Iterator[float], eta: float, mu: float) -> Iterator[float]:
    v = 0.0  # Sutskever et al. 2013, equations 1 and 2, with −η taken out of v
    for g in slopes:
        v = mu * v + g
        theta -= eta * v
        yield theta


def published_adagrad(theta: float, slopes: Iterator[float], eta: float, eps: float) -> Iterator[float]:
    total = 0.0
    for g in slopes:
        total += g**2
        theta -= eta / (math.sqrt(total) + eps) * g
        yield theta


def published_rmsprop(
    theta: float, slopes: Iterator[float], eta: float, rho: float, eps: float
) -> Iterator[float]:
    mean_square = 0.0
    for g in slopes:
        mean_square = rho * mean_square + (1 - rho) * g**2
        theta -= eta / (math.sqrt(mean_square) + eps) * g
        yield theta


def published_adam(
    theta: float, slopes: Iterator[float], eta: float, b1: float, b2: float, eps: float, decay: float = 0.0
) -> Iterator[float]:
    m = v = 0.0  # Kingma, Ba 2015, algorithm 1; Loshchilov, Hutter 2019, algorithm 2, line 12
    for t, g in enumerate(slopes, start=1):
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        theta -= eta * (m / (1 - b1**t) / (math.sqrt(v / (1 - b2**t)) + eps) + decay * theta)
        yield theta


def slopes_of(k: int) -> Iterator[float]:
    """Each parameter has slopes of its own."""
    return iter([g * (k + 1) for g in SLOPES])


def path_of(optimizer: Any, eta: float) -> list[list[float]]:
    """θ after each step, as the optimiser goes."""
    theta, memory = np.array(START), np.zeros((optimizer.memory, len(START)))
    path = []
    for t, slopes in enumerate(zip(*map(slopes_of, range(len(START))), strict=True), start=1):
        theta, *new = optimizer.step(reference, theta, np.array(slopes), memory, t, eta)
        memory = np.array(new)
        path.append(theta.tolist())
    return path


@pytest.mark.parametrize(
    ("optimizer", "published"),
    [
        (SGD(), lambda theta, g: published_sgd(theta, g, 0.05)),
        (Momentum(mu=0.8), lambda theta, g: published_momentum(theta, g, 0.05, 0.8)),
        (Momentum(mu=0.0), lambda theta, g: published_sgd(theta, g, 0.05)),
        (Adagrad(epsilon=1e-3), lambda theta, g: published_adagrad(theta, g, 0.05, 1e-3)),
        (RMSProp(rho=0.7, epsilon=1e-3), lambda theta, g: published_rmsprop(theta, g, 0.05, 0.7, 1e-3)),
        (Adam(), lambda theta, g: published_adam(theta, g, 0.05, 0.9, 0.999, 1e-8)),
        (Adam(0.001, 0.5, 0.75, 1e-3), lambda theta, g: published_adam(theta, g, 0.05, 0.5, 0.75, 1e-3)),
        (AdamW(decay=0.1), lambda theta, g: published_adam(theta, g, 0.05, 0.9, 0.999, 1e-8, 0.1)),
    ],
    ids=lambda value: type(value).__name__,  # a lambda's own repr differs from worker to worker
)
def test_the_rule_is_the_published_one(optimizer: Any, published: Callable[..., Iterator[float]]) -> None:
    expected = [list(published(theta, slopes_of(k))) for k, theta in enumerate(START)]
    np.testing.assert_allclose(path_of(optimizer, 0.05), np.transpose(expected), rtol=1e-14)


def test_nesterov_is_the_gradient_at_the_point_ahead() -> None:
    """Sutskever et al. 2013, equations 3 and 4, on f(x) = x⁴ + x; ours stands at the point ahead, x + μ·v."""

    def slope(x: Any) -> Any:
        return 4 * x**3 + 1

    eta, mu, x, v = 0.01, 0.9, 0.8, 0.0
    theta, memory = np.array([x]), np.zeros((1, 1))
    for t in range(1, 8):
        theta, *new = Nesterov(mu=mu).step(reference, theta, slope(theta), memory, t, eta)
        memory = np.array(new)
        v = mu * v - eta * slope(x + mu * v)
        x = x + v
        assert theta.item() == pytest.approx(x + mu * v, rel=1e-13)


def test_closed_forms_under_a_constant_slope() -> None:
    def after(optimizer: Any, steps: int) -> float:
        theta, memory = np.array([2.0]), np.zeros((optimizer.memory, 1))
        for t in range(1, steps + 1):
            theta, *new = optimizer.step(reference, theta, np.array([0.5]), memory, t, 0.1)
            memory = np.array(new)
        return float(theta[0])

    assert after(SGD(), 50) == pytest.approx(2 - 50 * 0.1 * 0.5)
    sums = sum((1 - 0.9**t) / (1 - 0.9) for t in range(1, 51))
    assert after(Momentum(mu=0.9), 50) == pytest.approx(2 - 0.1 * 0.5 * sums)
    assert after(Adam(epsilon=1e-300), 50) == pytest.approx(2 - 50 * 0.1)  # steps of η, whatever the slope
    assert after(AdamW(epsilon=1e-300, decay=1.0), 50) == pytest.approx(0.9**50 * 3 - 1)
    assert after(Adagrad(epsilon=1e-300), 50) == pytest.approx(2 - 0.1 * sum(t**-0.5 for t in range(1, 51)))
    shares = sum((1 - 0.9**t) ** -0.5 for t in range(1, 51))
    assert after(RMSProp(rho=0.9, epsilon=1e-300), 50) == pytest.approx(2 - 0.1 * shares)


def test_clipping_keeps_the_direction() -> None:
    g = np.array([3.0, -4.0])
    np.testing.assert_allclose(reference.clip_by_norm(g, 1.0), [0.6, -0.8], rtol=1e-15)
    assert reference.clip_by_norm(g, 5.0).tolist() == [3.0, -4.0]
    assert reference.clip_by_norm(g, 50.0).tolist() == [3.0, -4.0]
    assert reference.clip_by_norm(np.zeros(2), 1.0).tolist() == [0.0, 0.0]


def test_the_defaults_are_the_usual_ones() -> None:
    assert dataclasses.astuple(Adam()) == (0.001, 0.9, 0.999, 1e-8)
    assert dataclasses.astuple(AdamW()) == (0.001, 0.9, 0.999, 1e-8, 0.01)
    assert dataclasses.astuple(RMSProp()) == (0.001, 0.99, 1e-8)
    assert dataclasses.astuple(Adagrad()) == (0.01, 1e-10)
    assert dataclasses.astuple(Momentum()) == dataclasses.astuple(Nesterov()) == (0.01, 0.9)


# ---- choosing one


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_name_stands_for_the_defaults(name: str) -> None:
    assert as_optimizer(name) == OPTIMIZERS[name]()


def test_none_stands_for_adam_and_an_object_for_itself() -> None:
    assert as_optimizer(None) == Adam()
    mine = Momentum(0.3)
    assert as_optimizer(mine) is mine


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("adm", "unknown optimizer: expected one of sgd, .* got 'adm'"),
        ("Adam", "unknown optimizer"),
        (0.1, "unknown optimizer: .* or an object such as Adam"),
        (Adam, r"optimizer is a class, expected an object; try Adam\(\)"),
        (LBFGS, r"try LBFGS\(\)"),
    ],
)
def test_a_wrong_optimizer_is_refused(given: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        as_optimizer(given)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(0), "SGD: learning_rate does not fit: expected a number > 0, got 0"),
        (lambda: SGD(-0.1), "got -0.1"),
        (lambda: SGD(math.inf), "got inf"),
        (lambda: SGD(math.nan), "got nan"),
        (lambda: SGD("fast"), "got 'fast'"),  # type: ignore[arg-type]
        (lambda: SGD(True), "got True"),
        (lambda: SGD(None), "got None"),  # type: ignore[arg-type]
        (lambda: Adam(Cosine), "Adam: learning_rate is a class"),  # type: ignore[arg-type]
        (lambda: Momentum(mu=1.0), "Momentum: mu does not fit: expected a number ≥ 0 and < 1"),
        (lambda: Nesterov(mu=-0.1), "Nesterov: mu"),
        (lambda: RMSProp(rho=1.0), "RMSProp: rho"),
        (lambda: RMSProp(epsilon=0.0), "RMSProp: epsilon does not fit: expected a number > 0"),
        (lambda: Adagrad(epsilon=-1.0), "Adagrad: epsilon"),
        (lambda: Adam(beta1=1.0), "Adam: beta1"),
        (lambda: Adam(beta2=1.5), "Adam: beta2"),
        (lambda: AdamW(decay=-1.0), "AdamW: decay does not fit: expected a number ≥ 0"),
        (lambda: LBFGS(corrections=0), "LBFGS: corrections does not fit: expected a whole number ≥ 1"),
        (lambda: LBFGS(corrections=2.5), "LBFGS: corrections"),  # type: ignore[arg-type]
        (lambda: LBFGS(tolerance=0.0), "LBFGS: tolerance"),
    ],
)
def test_settings_that_cannot_be_are_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


def test_an_optimizer_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Adam().learning_rate = 1.0  # type: ignore[misc]


@pytest.mark.parametrize(
    "optimizer",
    [
        *(kind() for kind in OPTIMIZERS.values()),
        AdamW(Cosine(0.1, 0.2, 0.01), decay=0.5),
        SGD(ReduceOnPlateau(0.1)),
        Momentum(OneCycle(0.1)),
        Adam(np.float32(0.5)),  # type: ignore[arg-type]
    ],
    ids=lambda value: type(value).__name__,  # a lambda's own repr differs from worker to worker
)
def test_what_is_written_down_gives_the_same_optimizer(optimizer: Any) -> None:
    assert from_config(json.loads(json.dumps(to_config(optimizer)))) == optimizer


class Halving:
    def rate(self, moment: Moment) -> float:
        return 0.5 ** (moment.epoch + 1)


def test_only_our_optimizers_can_be_written_down() -> None:
    for foreign in (object(), SGD(Halving())):
        with pytest.raises(InputError, match="only optimisers of clearprop can be written down"):
            to_config(foreign)


# ---- schedules


def moment(step: int = 0, steps: int = 100, epoch: int = 0, losses: Any = ()) -> Moment:
    return Moment(epoch, step, steps, losses)


def rates(schedule: Any, steps: int) -> list[float]:
    return [schedule.rate(moment(step, steps)) for step in range(steps)]


def test_a_number_is_a_constant_schedule() -> None:
    assert as_schedule(0.3) == Constant(0.3)
    assert set(rates(Constant(0.3), 10)) == {0.3}
    halving = Halving()
    assert as_schedule(halving) is halving


def test_step_decay() -> None:
    schedule = StepDecay(0.8, every=10, factor=0.5)
    by_epoch = [schedule.rate(moment(epoch=epoch)) for epoch in (0, 9, 10, 19, 20, 30)]
    assert by_epoch == [0.8, 0.8, 0.4, 0.4, 0.2, 0.1]


def test_exponential() -> None:
    schedule = Exponential(0.8, factor=0.5)
    assert [schedule.rate(moment(epoch=epoch)) for epoch in range(4)] == [0.8, 0.4, 0.2, 0.1]


def test_cosine() -> None:
    path = rates(Cosine(1.0, final=0.2), 100)
    assert path[0] == 1.0
    assert path[50] == pytest.approx(0.6)  # halfway down at half time
    assert path[25] == pytest.approx(0.6 + 0.4 * math.cos(math.pi / 4))
    assert 0.2 < path[99] < 0.201
    assert all(before > after for before, after in pairwise(path))


def test_cosine_with_warm_up() -> None:
    path = rates(Cosine(1.0, warmup=0.1), 100)
    assert path[:10] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    assert path[10] == 1.0
    assert path[55] == pytest.approx(0.5)
    assert 0 < path[99] < 0.001


def test_one_cycle() -> None:
    path = rates(OneCycle(1.0, rise=0.3, start=25, end=1e4), 100)
    assert path[0] == pytest.approx(1 / 25)
    assert path[15] == pytest.approx((1 + 1 / 25) / 2)
    assert path[30] == 1.0 == max(path)
    assert path[65] == pytest.approx((1 + 1e-4) / 2)
    assert 1e-4 < path[99] < 1e-3
    assert all(before < after for before, after in pairwise(path[:31]))
    assert all(before > after for before, after in pairwise(path[30:]))


def test_one_cycle_may_begin_at_its_peak() -> None:
    path = rates(OneCycle(1.0, rise=0.0), 10)
    assert path[0] == 1.0 == max(path)


def test_reduce_on_plateau() -> None:
    schedule = ReduceOnPlateau(1.0, factor=0.1, patience=2, tolerance=0.01, minimum=0.005)
    losses = [1.0, 0.9, 0.895, 0.891, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6]
    path = [schedule.rate(moment(losses=losses[:epochs])) for epochs in range(len(losses) + 1)]
    #      before the first epoch; 0.895 and 0.891 are no falls by more than 0.01; the third plateau is below
    #      the minimum
    assert path == pytest.approx([1, 1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.005, 0.005, 0.005])


def test_a_plateau_is_measured_from_the_best_loss() -> None:
    schedule = ReduceOnPlateau(1.0, factor=0.1, patience=3)
    assert schedule.rate(moment(losses=[1.0, 3.0, 2.0, 1.5])) == pytest.approx(
        0.1
    )  # falling, but not below 1


def test_the_minimum_is_never_above_the_rate() -> None:
    assert ReduceOnPlateau(1e-9).rate(moment()) == 1e-9


@pytest.mark.parametrize("steps", [1, 2, 3])
@pytest.mark.parametrize("schedule", [Cosine(1.0, 0.5), OneCycle(1.0), Cosine(1.0), OneCycle(1.0, 0.9)])
def test_every_step_of_a_short_fit_has_a_rate(schedule: Any, steps: int) -> None:
    assert all(0 < rate <= 1 for rate in rates(schedule, steps))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Constant(0), "Constant: learning_rate does not fit"),
        (lambda: StepDecay(0.1, every=0), "StepDecay: every"),
        (lambda: Exponential(0.1, factor=0), "Exponential: factor"),
        (lambda: Cosine(0.1, warmup=1.0), "Cosine: warmup does not fit: expected a number ≥ 0 and < 1"),
        (lambda: Cosine(0.1, final=0.2), "Cosine: final does not fit: expected a number ≥ 0 and ≤ 0.1"),
        (lambda: OneCycle(-1), "OneCycle: peak"),
        (lambda: OneCycle(1, rise=1), "OneCycle: rise"),
        (lambda: ReduceOnPlateau(0.1, patience=0), "ReduceOnPlateau: patience"),
        (lambda: ReduceOnPlateau(0.1, tolerance=-1), "ReduceOnPlateau: tolerance"),
        (lambda: ReduceOnPlateau(0.1, minimum="low"), "ReduceOnPlateau: minimum"),  # type: ignore[arg-type]
    ],
)
def test_schedules_that_cannot_be_are_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


# ---- in a fit


def fit(optimizer: Any, *, epochs: int, net: MLP | None = None, **options: Any) -> tuple[MLP, Any]:
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((10, 3)), rng.standard_normal(10)
    net = net or MLP([3, 2, 1], seed=0)
    return net, net.fit(X, Y, optimizer=optimizer, epochs=epochs, batch_size=4, **options)


@pytest.mark.usefixtures("engine")
def test_the_history_holds_the_rate_of_each_epochs_last_step() -> None:
    _, history = fit(SGD(Cosine(0.1, warmup=0.2)), epochs=5)  # 15 steps, as the last batch is smaller
    assert history.learning_rate == [rates(Cosine(0.1, warmup=0.2), 15)[k] for k in (2, 5, 8, 11, 14)]


@pytest.mark.usefixtures("engine")
def test_epochs_count_on_over_fits() -> None:
    net, first = fit(SGD(StepDecay(0.1, every=3, factor=0.5)), epochs=2)
    _, second = fit(SGD(StepDecay(0.1, every=3, factor=0.5)), epochs=2, net=net)
    assert first.learning_rate + second.learning_rate == [0.1, 0.1, 0.1, 0.05]


@pytest.mark.usefixtures("engine")
def test_a_plateau_of_the_validation_loss_lowers_the_rate() -> None:
    X, Y = np.ones((2, 3)), np.ones(2)
    _, history = fit(SGD(ReduceOnPlateau(1e-9, 0.5, patience=2, minimum=0)), epochs=7, validation=(X, Y))
    assert history.learning_rate == pytest.approx([1e-9, 1e-9, 1e-9, 5e-10, 5e-10, 2.5e-10, 2.5e-10])


@pytest.mark.usefixtures("engine")
def test_a_schedule_of_ones_own() -> None:
    net, history = fit(SGD(Halving()), epochs=3)
    assert history.learning_rate == [0.5, 0.25, 0.125]
    assert "Halving" in history.settings["optimizer"]
    assert net.memory.steps == 9


class SignDescent:
    """An optimiser of a user's own: any object with learning_rate, memory and step."""

    learning_rate = 0.01
    memory = 0

    def step(self, ops: Any, theta: Any, g: Any, memory: Any, t: int, eta: Any) -> tuple[Any, ...]:
        return (theta - eta * np.sign(g),)


@pytest.mark.usefixtures("engine")
def test_an_optimizer_of_ones_own() -> None:
    net = MLP([3, 2, 1], seed=0)
    before = net.parameters.vector.copy()
    _, history = fit(SignDescent(), epochs=1, net=net)
    moves = np.round(np.abs(net.parameters.vector - before) / 0.01, 9)
    assert set(moves) <= {0.0, 1.0, 2.0, 3.0}
    assert "SignDescent" in history.settings["optimizer"]


@pytest.mark.usefixtures("engine")
def test_a_schedules_numpy_number_does_not_widen_float32() -> None:
    plain, wide = (MLP([3, 2, 1], seed=0, dtype="float32") for _ in range(2))
    fit(SGD(0.1), epochs=3, net=plain)
    fit(SGD(np.float64(0.1)), epochs=3, net=wide)
    assert plain.parameters.vector.tobytes() == wide.parameters.vector.tobytes()
