"""What must work with NumPy alone; run as a script in an environment that has nothing else."""

import importlib.util
import tempfile
from pathlib import Path

import numpy as np

import clearprop

for absent in ("scipy", "sklearn", "rich", "pyarrow", "matplotlib"):
    if importlib.util.find_spec(absent):
        raise SystemExit(f"{absent} is installed: this is no bare environment")

X, Y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]])
classic = clearprop.TwoLayerMLP(2, 4, 1, seed=0)
for _ in range(2000):
    classic.forward(X)
    loss = classic.backward(Y, learning_rate=5.0)
assert loss < 0.01

net = clearprop.MLP([2, 8, 1], "tanh", loss="binary_cross_entropy", seed=0)
history = net.fit(X, Y, optimizer=clearprop.Adam(0.05), epochs=200)
assert net.predict(X).tolist() == [0, 1, 1, 0]
assert clearprop.check_gradients(net, X, Y).passed

path = Path(tempfile.mkdtemp()) / "xor.safetensors"
net.save(path)
assert np.array_equal(clearprop.load(path).forward(X), net.forward(X))

story = net.explain(X, Y, optimizer="adam")
assert "dW1 = Xᵀ · dZ1" in str(story)
assert str(story.zoom("dW1", 0, 2)).startswith("dW1[0, 2] = Σ")
for ending in ("html", "md", "tex", "json"):
    story.save(path.with_name(f"step.{ending}"))
again = clearprop.Story.from_json(path.with_name("step.json").read_bytes())
assert again.to_html() == story.to_html()
assert "Name:" in net.explain(X[:1], Y[:1]).worksheet()[0]
assert clearprop.check_backprop(net.loss_and_gradient(X, Y)[1], net, X, Y).ok

for what in (
    lambda: clearprop.displays.NetworkDisplay.from_network(net),
    lambda: net.fit(X, Y, optimizer="lbfgs"),
    lambda: clearprop.MLPClassifier,
    lambda: history.plot(),
):
    try:
        what()
    except clearprop.errors.MissingExtraError as error:
        if "pip install" not in str(error):
            raise
    else:
        raise SystemExit("an extra that is not installed was not missed")
print("the core works with NumPy alone")
