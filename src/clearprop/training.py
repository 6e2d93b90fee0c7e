"""The training loop: epochs of shuffled batches, a record of each epoch, a safe end."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .callbacks import Callback, as_callbacks
from .checks import check_number, check_whole
from .compiled import choose_engine, say
from .data import Data, batches, check_data, generator, hold_out
from .errors import DivergedError, InputError
from .history import History
from .interrupt import CtrlC
from .native import loop as native_loop
from .network import Network
from .optimizers import LBFGS, Optimizer, as_optimizer, is_ours, to_config
from .progress import ProgressBar, wants_bar
from .schedules import Moment, as_schedule, looks_back, rates
from .stepping import Memory, Rates, Stepper
from .trainers import serves, whole_gradient
from .watch import EpochFigures, Watch


def fit(
    net: Network,
    X: ArrayLike,
    Y: ArrayLike,
    *,
    optimizer: str | Optimizer | LBFGS | None = None,
    epochs: int = 100,
    batch_size: int | None = 32,
    shuffle: bool = True,
    validation: Any = None,
    sample_weight: ArrayLike | None = None,
    callbacks: Sequence[Callback] = (),
    seed: int | None = None,
    update: str = "simultaneous",
    freeze: Sequence[str] = (),
    rate_factors: Mapping[str, float] | None = None,
    clip_norm: float | None = None,
    metric: str | None = "auto",
    progress: bool | str = "auto",
    engine: str = "auto",
    n_threads: int | None = None,
) -> History:
    """Train a network; see `MLP.fit`."""
    if not net.parameters.vector.flags.writeable:
        raise InputError(
            "the network stands in memory that cannot be written", hint="a copy: copy.deepcopy(net)"
        )
    chosen = as_optimizer(optimizer)
    epochs = check_whole("epochs", epochs, at_least=1)
    clip_norm = None if clip_norm is None else check_number("clip_norm", clip_norm, above=0)
    engine = engine_for(chosen, engine)
    n_threads = None if n_threads is None else check_whole("n_threads", n_threads, at_least=1)
    rates = Rates.of(net, freeze, rate_factors)
    seed = choose_seed(net, seed)
    data, held_out = hold_out(net, check_data(net, X, Y, sample_weight), validation, seed)
    size = len(data) if batch_size is None else check_whole("batch_size", batch_size, at_least=1)
    bar = [ProgressBar()] if wants_bar(progress) else []
    settings = {
        "optimizer": to_config(chosen) if is_ours(chosen) else repr(chosen),
        "epochs": epochs,
        "samples": len(data),
        "batch_size": min(size, len(data)),
        "shuffle": bool(shuffle),
        "update": update,
        "freeze": list(freeze),
        "rate_factors": {name: float(factor) for name, factor in (rate_factors or {}).items()},
        "clip_norm": clip_norm,
        "engine": engine,
    }
    history = History(seed=seed, settings=settings)
    watch = Watch(net, history, [*as_callbacks(callbacks), *bar], held_out, metric, engine)
    if isinstance(chosen, LBFGS):
        from .lbfgs import Differentiate, run

        has_dropout = any(layer.dropout for layer in net.layers)
        if has_dropout or update != "simultaneous" or clip_norm is not None or rate_factors:
            raise InputError(
                "LBFGS searches one unchanging loss in whole steps",
                expected="no dropout, update order, clip_norm or rate_factors",
            )
        net.memory = None
        X_all, T_all, w_all, _ = data.batch(np.arange(len(data)))
        differentiate: Differentiate = partial(net.differentiate, X_all, T_all, w_all)
        if engine == "native":
            differentiate = whole_gradient(net, data, n_threads)
        train = partial(run, net, data, chosen, epochs, rates, watch, differentiate=differentiate)
    else:
        stepper = Stepper(net, recall(net, chosen), rates, update=update, clip_norm=clip_norm)
        train = partial(loop, stepper, data, epochs, size, shuffle, watch)
        if engine == "native":
            train = partial(native_loop, stepper, data, epochs, size, shuffle, watch, n_threads=n_threads)
    with CtrlC() as ctrl_c, np.errstate(all="ignore"):  # the steps look for themselves
        try:
            watch.start()
            train(ctrl_c)
        except BaseException as error:
            history.stopped_by = "divergence" if isinstance(error, DivergedError) else "error"
            raise
        finally:
            watch.finish()
            net.history = history
    if history.stopped_by == "interrupt":
        warnings.warn(
            f"training was interrupted after {len(history)} epochs; the network is usable", stacklevel=3
        )
    return history


def loop(
    stepper: Stepper, data: Data, epochs: int, batch_size: int, shuffle: bool, watch: Watch, ctrl_c: CtrlC
) -> None:
    """Run the epochs, until they are over, a callback ends them or Ctrl-C is pressed."""
    net, history = stepper.net, watch.history
    schedule = as_schedule(stepper.memory.optimizer.learning_rate)
    per_epoch = -(-len(data) // batch_size)
    for epoch in range(epochs):
        began = time.perf_counter()
        rng = generator(history.seed, net.epochs + 1)
        stepper.start_epoch(rng)
        sums = np.zeros(4)
        losses = history.monitored if looks_back(schedule) else ()
        moment = Moment(net.epochs, epoch * per_epoch, epochs * per_epoch, losses)
        etas = rates(schedule, moment, per_epoch).tolist()
        for eta, rows in zip(etas, batches(rng, len(data), batch_size, shuffle), strict=True):
            loss, penalty, norm, weight = stepper.step(data, rows, eta)
            sums += (loss * weight, penalty * weight, norm * weight, weight)
            if ctrl_c.pressed:
                break
        if ctrl_c.pressed:
            history.stopped_by = "interrupt"
            break
        loss, penalty, norm = (sums[:3] / sums[3]).tolist()
        if watch.epoch_ended(data, EpochFigures(loss, penalty, eta, norm), began):
            history.stopped_by = "callback"
            break
    stepper.check_last_update()


def recall(net: Network, optimizer: Optimizer) -> Memory:
    """Return the memory of this very optimiser's last fit, so that training goes on, or a fresh one."""
    memory: Memory | None = net.memory
    if memory is None or memory.optimizer != optimizer:
        size = (optimizer.memory, net.parameters.vector.size)
        memory = Memory(optimizer, np.zeros(size, net.dtype))
    net.memory = memory
    return memory


def choose_seed(net: Network, seed: int | None) -> int:
    """Return the seed of the fit: the given one, else the network's, else a fresh one that is recorded."""
    if seed is not None:
        return check_whole("seed", seed, at_least=0)
    return int(np.random.SeedSequence().generate_state(1)[0]) if net.seed is None else net.seed


def engine_for(optimizer: object, engine: str) -> str:
    """Return the engine that trains, "native" or "numpy"; an optimiser of the user's own runs on numpy.

    Raises:
        InputError: an unknown engine, or one that is not here.
    """
    chosen = choose_engine(engine)
    if chosen == "native" and not serves(optimizer):
        say(f"{optimizer!r} is not an optimiser of clearprop: it runs on the numpy engine")
        return "numpy"
    return chosen
