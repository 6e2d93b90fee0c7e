"""Digits from start to saved model: NumPy alone."""

import sys

import numpy as np

data = np.load(sys.argv[1])
X, T = data["X"], np.eye(10, dtype=np.float32)[data["y"]]
rng = np.random.default_rng(0)
theta = [
    rng.normal(0, np.sqrt(2 / 64), (64, 64)).astype(np.float32),
    np.zeros(64, np.float32),
    rng.normal(0, np.sqrt(1 / 64), (64, 10)).astype(np.float32),
    np.zeros(10, np.float32),
]
m = [np.zeros_like(p) for p in theta]
v = [np.zeros_like(p) for p in theta]
t = 0
for _ in range(100):
    for rows in rng.permutation(len(X)).reshape(-1, 32):
        W1, b1, W2, b2 = theta
        x = X[rows]
        A1 = np.maximum(0, np.dot(x, W1) + b1)
        Z2 = np.dot(A1, W2) + b2
        E = np.exp(Z2 - Z2.max(axis=1, keepdims=True))
        dZ2 = (E / E.sum(axis=1, keepdims=True) - T[rows]) / len(rows)
        dZ1 = np.dot(dZ2, W2.T) * (A1 > 0)
        gradients = [np.dot(x.T, dZ1), dZ1.sum(axis=0), np.dot(A1.T, dZ2), dZ2.sum(axis=0)]
        t += 1
        for k, g in enumerate(gradients):
            m[k] = 0.9 * m[k] + 0.1 * g
            v[k] = 0.999 * v[k] + 0.001 * g**2
            theta[k] = theta[k] - 0.001 * (m[k] / (1 - 0.9**t)) / (np.sqrt(v[k] / (1 - 0.999**t)) + 1e-8)
np.savez(sys.argv[2], *theta)
