"""Digits from start to saved model: JAX, a jitted step."""

import sys

import jax
import jax.numpy as jnp
import numpy as np

data = np.load(sys.argv[1])
X, y = jnp.asarray(data["X"]), jnp.asarray(data["y"])
rng = np.random.default_rng(0)
theta = {
    "W1": jnp.asarray(rng.normal(0, np.sqrt(2 / 64), (64, 64)), jnp.float32),
    "b1": jnp.zeros(64),
    "W2": jnp.asarray(rng.normal(0, np.sqrt(1 / 64), (64, 10)), jnp.float32),
    "b2": jnp.zeros(10),
}
zeros = jax.tree.map(jnp.zeros_like, theta)


def loss(theta, x, y):
    logits = jax.nn.relu(x @ theta["W1"] + theta["b1"]) @ theta["W2"] + theta["b2"]
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], axis=1))


@jax.jit
def step(state, rows):
    theta, m, v, t = state
    g = jax.grad(loss)(theta, X[rows], y[rows])
    t = t + 1
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g**2, v, g)
    theta = jax.tree.map(
        lambda p, m, v: p - 0.001 * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8), theta, m, v
    )
    return theta, m, v, t


state = theta, zeros, zeros, jnp.zeros((), jnp.int32)
for _ in range(100):
    for rows in rng.permutation(len(X)).reshape(-1, 32):
        state = step(state, rows)
np.savez(sys.argv[2], **state[0])
