"""JAX: a jitted step, called from Python; or a jitted scan over all steps of an epoch.

The scan gathers the rows of a batch in its step, or those of the whole epoch before: which is faster
depends on the sizes, so both take part.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from ...rules.array import Array
from ..workloads import Task, flat

jax: Any = import_module("jax")  # typed where it is installed, and only there
jnp: Any = import_module("jax.numpy")

BETA1, BETA2 = 0.9, 0.999


class Jax:
    """Parameters and moments are a tree of arrays, which each call gives away and gets back new."""

    def __init__(self, task: Task, *, scans: bool, gathers_first: bool = False) -> None:
        jax.config.update("jax_enable_x64", task.workload.dtype == "float64")
        self.task, self.scans = task, scans
        self.X, self.T = jnp.asarray(task.X), jnp.asarray(task.T)
        run = self.gathered_epoch if gathers_first else self.epoch if scans else self.step
        self.jitted = jax.jit(run, donate_argnums=0)
        self.start()

    def start(self) -> None:
        """Go back to the first weights; not timed."""
        theta = [(jnp.array(W), jnp.array(b)) for W, b in self.task.layers]
        self.state = theta, zeros_like(theta), zeros_like(theta), jnp.zeros((), jnp.int32)

    def run(self, count: int) -> None:
        """Train for some epochs."""
        state = self.state
        for order in self.task.orders(count):
            rows = order.astype(np.int32).reshape(-1, self.task.workload.batch)
            if self.scans:
                state = self.jitted(state, self.X, self.T, rows)
            else:
                for batch in rows:
                    state = self.jitted(state, self.X, self.T, batch)
        self.state = jax.block_until_ready(state)

    def epoch(self, state: Any, X: Any, T: Any, rows: Any) -> Any:
        """Return the state after the steps on all batches, rows (steps, batch)."""
        return jax.lax.scan(lambda state, batch: (self.step(state, X, T, batch), None), state, rows)[0]

    def gathered_epoch(self, state: Any, X: Any, T: Any, rows: Any) -> Any:
        """Return the same from copies of all batches."""
        return jax.lax.scan(
            lambda state, batch: (self.update(state, *batch), None), state, (X[rows], T[rows])
        )[0]

    def step(self, state: Any, X: Any, T: Any, rows: Any) -> Any:
        """Return the state after one step on the rows (batch,)."""
        return self.update(state, X[rows], T[rows])

    def update(self, state: Any, X: Any, T: Any) -> Any:
        """Return the state after one step on a batch."""
        theta, m, v, t = state
        g = jax.grad(self.loss)(theta, X, T)
        work, tree_map = self.task.workload, jax.tree.map
        eta = work.learning_rate
        if work.optimizer == "sgd":
            return tree_map(lambda p, g: p - eta * g, theta, g), m, v, t
        t = t + 1
        m = tree_map(lambda m, g: BETA1 * m + (1 - BETA1) * g, m, g)
        v = tree_map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, v, g)
        m_share, v_share = 1 - BETA1**t, 1 - BETA2**t

        def moved(p: Any, m: Any, v: Any) -> Any:
            return p - eta * (m / m_share) / (jnp.sqrt(v / v_share) + work.epsilon)

        return tree_map(moved, theta, m, v), m, v, t

    def loss(self, theta: Any, X: Any, T: Any) -> Any:
        """Return the loss of a batch, as clearprop scales it."""
        work, A = self.task.workload, X
        for W, b in theta[:-1]:
            A = getattr(jax.nn, work.activation)(A @ W + b)
        W, b = theta[-1]
        Z = A @ W + b
        if work.loss == "cross_entropy":
            return -jnp.sum(T * jax.nn.log_softmax(Z)) / len(X)
        return 0.5 * jnp.sum((getattr(jax.nn, work.output)(Z) - T) ** 2) / len(X)

    def result(self) -> Array:
        """Return all weights as one vector."""
        return flat([(np.asarray(W), np.asarray(b)) for W, b in self.state[0]])


def zeros_like(tree: Any) -> Any:
    """Return a tree of zeros in the same shapes."""
    return jax.tree.map(jnp.zeros_like, tree)


def step(task: Task) -> Jax:
    """A jitted step, called from a Python loop."""
    return Jax(task, scans=False)


def scan(task: Task) -> Jax:
    """A jitted scan over all steps of an epoch."""
    return Jax(task, scans=True)


def gathered(task: Task) -> Jax:
    """A jitted scan over the batches of an epoch, which are gathered first."""
    return Jax(task, scans=True, gathers_first=True)
