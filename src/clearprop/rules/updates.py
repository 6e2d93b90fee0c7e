"""Updates: one step of an optimiser on the vector θ of all parameters, sorted by complexity.

theta and g are (p,); eta is the learning rate: a number, or (p,) where parameters have rates of
their own. Each rule returns the new θ and the new memory. They are elementwise, so they may as well
be run on a part of the vector.
"""

import numpy as np

from .array import Array


def sgd(theta: Array, g: Array, eta: Array) -> tuple[Array]:
    """Go downhill, in proportion to the slope."""
    theta_new = theta - eta * g  # (p,)
    return (theta_new,)


def momentum(theta: Array, g: Array, v: Array, eta: Array, mu: float) -> tuple[Array, Array]:
    """Go downhill like a heavy ball, whose velocity decays by mu."""
    v_new = mu * v + g  # (p,)
    theta_new = theta - eta * v_new  # (p,)
    return theta_new, v_new


def nesterov(theta: Array, g: Array, v: Array, eta: Array, mu: float) -> tuple[Array, Array]:
    """A heavy ball that looks one step ahead along its velocity."""
    v_new = mu * v + g  # (p,)
    theta_new = theta - eta * (g + mu * v_new)  # (p,)
    return theta_new, v_new


def adagrad(theta: Array, g: Array, s: Array, eta: Array, epsilon: float) -> tuple[Array, Array]:
    """Each parameter's rate shrinks with all the squared slopes it has seen."""
    s_new = s + g * g  # (p,)
    theta_new = theta - eta * g / (np.sqrt(s_new) + epsilon)  # (p,)
    return theta_new, s_new


def rmsprop(theta: Array, g: Array, s: Array, eta: Array, rho: float, epsilon: float) -> tuple[Array, Array]:
    """Each parameter's rate follows the size of its recent slopes."""
    s_new = rho * s + (1 - rho) * g * g  # (p,)
    theta_new = theta - eta * g / (np.sqrt(s_new) + epsilon)  # (p,)
    return theta_new, s_new


def adam(
    theta: Array, g: Array, m: Array, v: Array, t: int,
    eta: Array, beta1: float, beta2: float, epsilon: float,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Momentum over the size of recent slopes, both freed of their bias towards the zero start."""
    m_new = beta1 * m + (1 - beta1) * g  # (p,)
    v_new = beta2 * v + (1 - beta2) * g * g  # (p,)
    m_hat = m_new / (1 - beta1**t)  # (p,)
    v_hat = v_new / (1 - beta2**t)  # (p,)
    theta_new = theta - eta * m_hat / (np.sqrt(v_hat) + epsilon)  # (p,)
    return theta_new, m_new, v_new


def adamw(
    theta: Array, g: Array, m: Array, v: Array, t: int,
    eta: Array, beta1: float, beta2: float, epsilon: float, decay: float,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Adam, with the parameters drawn towards zero apart from the slopes."""
    m_new = beta1 * m + (1 - beta1) * g  # (p,)
    v_new = beta2 * v + (1 - beta2) * g * g  # (p,)
    m_hat = m_new / (1 - beta1**t)  # (p,)
    v_hat = v_new / (1 - beta2**t)  # (p,)
    theta_new = theta - eta * (m_hat / (np.sqrt(v_hat) + epsilon) + decay * theta)  # (p,)
    return theta_new, m_new, v_new


def clip_by_norm(g: Array, limit: float) -> Array:
    """A gradient longer than the limit is shortened to it, its direction kept (Pascanu et al. 2013)."""
    norm = np.sqrt(np.sum(g * g))  # ()
    g_clipped = g * (limit / np.maximum(norm, limit))  # (p,)
    return g_clipped
