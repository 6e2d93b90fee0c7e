"""Converted networks: the same predictions and gradients as scikit-learn's and PyTorch's own."""

from __future__ import annotations

import copy
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

import clearprop
from clearprop.conversion import from_sklearn, from_torch
from clearprop.errors import InputError

Array: TypeAlias = NDArray[Any]

KINDS = ["binary", "multiclass", "multilabel", "one number", "several numbers", "counts"]
ACTIVATIONS = ["identity", "logistic", "tanh", "relu"]
SAMPLES = 30


def test_neither_library_is_loaded_by_the_import() -> None:
    code = "import sys, clearprop.conversion; assert not {'torch', 'sklearn'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


# ---- scikit-learn


def table(kind: str) -> tuple[Array, Array]:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(SAMPLES, 3))
    return X, {
        "binary": np.where(X[:, 0] > 0, "yes", "no"),
        "multiclass": np.digitize(X[:, 0], [-0.5, 0.5]) * 10,
        "multilabel": (X > 0).astype(int),
        "one number": X @ [1.0, -1.0, 0.5],
        "several numbers": X @ rng.normal(size=(3, 2)),
        "counts": rng.poisson(np.exp(X[:, 0])).astype(float),
    }[kind]


def fitted(kind: str, activation: str = "tanh", **options: Any) -> tuple[Any, Array, Array]:
    neural_network = pytest.importorskip("sklearn.neural_network")
    X, y = table(kind)
    classifies = kind in ("binary", "multiclass", "multilabel")
    options |= {"loss": "poisson"} if kind == "counts" else {}
    make = neural_network.MLPClassifier if classifies else neural_network.MLPRegressor
    estimator = make(
        hidden_layer_sizes=(4, 3), activation=activation, alpha=0.7, max_iter=5, random_state=0, **options
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # five epochs do not converge
        return estimator.fit(X, y), X, y


def theirs_and_ours(estimator: Any, ours: Any, X: Array, y: Array, weights: Array | None) -> Any:
    """The gradients by scikit-learn's own `_backprop`, and by ours with alpha over the rows' weight."""
    Y = y.reshape(len(y), -1)
    Y = estimator._label_binarizer.transform(y) if hasattr(estimator, "classes_") else Y
    grads = [np.empty_like(W) for W in estimator.coefs_], [np.empty_like(b) for b in estimator.intercepts_]
    layers = estimator.n_layers_ - 1
    loss, dW, db = estimator._backprop(X, Y, weights, [X] + [None] * layers, [None] * layers, *grads)
    net = copy.deepcopy(ours.network_)
    net.l2 = ours.penalty_alpha_ / (len(X) if weights is None else weights.sum())
    value, gradients = net.loss_and_gradient(X, Y, weights)
    pairs = [(theirs, gradients[f"dW{k}"]) for k, theirs in enumerate(dW, 1)]
    return loss, value, pairs + [(theirs, gradients[f"db{k}"]) for k, theirs in enumerate(db, 1)]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_gradients_are_those_of_scikit_learn(kind: str, activation: str, weighted: bool) -> None:
    estimator, X, y = fitted(kind, activation)
    weights = np.random.default_rng(2).exponential(size=SAMPLES) if weighted else None
    loss, value, pairs = theirs_and_ours(estimator, from_sklearn(estimator), X, y, weights)
    for theirs, ours in pairs:
        assert np.abs(theirs - ours).max() < 1e-10
        assert np.abs(theirs).max() > 1e-6
    if kind not in ("counts", "several numbers"):  # a constant, and a mean for a sum
        assert value == pytest.approx(loss, rel=1e-12)


def test_a_lost_penalty_is_seen() -> None:
    estimator, X, y = fitted("binary")
    ours = from_sklearn(estimator)
    ours.penalty_alpha_ = 0.0
    _, _, pairs = theirs_and_ours(estimator, ours, X, y, None)
    assert np.abs(pairs[0][0] - pairs[0][1]).max() > 1e-4


@pytest.mark.parametrize("kind", KINDS)
def test_the_predictions_are_those_of_scikit_learn(kind: str, tmp_path: Path) -> None:
    estimator, X, y = fitted(kind)
    ours = from_sklearn(estimator)
    ours.save(tmp_path / "m.safetensors")
    for model in (ours, clearprop.load(tmp_path / "m.safetensors")):
        theirs, answers = estimator.predict(X), model.predict(X)
        if hasattr(estimator, "classes_"):
            assert answers.tolist() == theirs.tolist()
            assert np.allclose(model.predict_proba(X), estimator.predict_proba(X), rtol=0, atol=1e-14)
            assert model.classes_.tolist() == estimator.classes_.tolist()
        else:
            assert answers.shape == theirs.shape
            assert np.allclose(answers, theirs, rtol=1e-13)
    assert ours.score(X, y) == pytest.approx(estimator.score(X, y), abs=1e-12)
    assert ours.penalty_alpha_ == 0.7
    assert ours.n_iter_ == estimator.n_iter_


def test_the_weights_are_copied_and_training_can_go_on() -> None:
    estimator, X, y = fitted("multiclass")
    before = estimator.coefs_[0].copy()
    ours = from_sklearn(estimator)
    assert np.array_equal(ours.coefs_[0], before)
    ours.partial_fit(X, y)
    assert not np.array_equal(ours.coefs_[0], before)
    assert np.array_equal(estimator.coefs_[0], before)


def test_float32_and_column_names_are_kept() -> None:
    pandas = pytest.importorskip("pandas")
    estimator, X, y = fitted("one number")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(pandas.DataFrame(X.astype(np.float32), columns=["a", "b", "c"]), y)
    ours = from_sklearn(estimator)
    assert ours.network_.dtype == estimator.coefs_[0].dtype == np.float32
    assert ours.input_names_ == ["a", "b", "c"]


def test_what_scikit_learn_estimators_cannot_be_converted() -> None:
    estimator, X, _ = fitted("binary")
    linear_model, pipeline = (
        pytest.importorskip("sklearn.linear_model"),
        pytest.importorskip("sklearn.pipeline"),
    )
    exceptions = pytest.importorskip("sklearn.exceptions")
    with pytest.raises(InputError, match="expected scikit-learn's MLPClassifier or MLPRegressor, got Ridge"):
        from_sklearn(linear_model.Ridge())
    with pytest.raises(InputError, match=r"pipeline\[-1\]"):
        from_sklearn(pipeline.make_pipeline(estimator))
    with pytest.raises(exceptions.NotFittedError):
        from_sklearn(type(estimator)())
    with pytest.raises(InputError, match="one class"):
        from_sklearn(type(estimator)((2,), solver="lbfgs", random_state=0).fit(X, np.zeros(len(X))))


# ---- PyTorch


@pytest.fixture(scope="module")
def torch() -> Any:
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    torch.manual_seed(3)
    return torch


def modules_of(torch: Any, activation: Any, outputs: int, *end: Any) -> Any:
    nn = torch.nn
    hidden = nn.Sequential(nn.Linear(5, 4, bias=False), activation)  # the same module again
    return nn.Sequential(nn.Linear(3, 5), activation, hidden, nn.Linear(4, outputs), *end).double()


def difference(module: Any, net: Any) -> float:
    """The largest difference between PyTorch's gradients, just computed, and those in `net`."""
    linears = [part for part in module.modules() if hasattr(part, "in_features")]
    return max(
        float(np.abs(theirs.grad.numpy().T - ours).max())
        for k, linear in enumerate(linears, 1)
        for theirs, ours in ((linear.weight, net[f"dW{k}"]), (linear.bias, net[f"db{k}"]))
        if theirs is not None
    )


def compare(torch: Any, module: Any, loss: Any, Y: Array) -> None:
    X = np.random.default_rng(5).normal(size=(12, 3))
    net = from_torch(module, loss)
    outputs = module(torch.tensor(X))
    criterion = loss(outputs, torch.tensor(Y))
    criterion.backward()
    value, gradients = net.loss_and_gradient(X, Y)
    assert value == pytest.approx(criterion.item(), rel=1e-13)
    assert difference(module, gradients) < 1e-14
    if net.layers[-1].activation == "identity":
        assert np.allclose(net.forward(X), outputs.detach().numpy(), rtol=1e-13, atol=1e-14)


ACTIVATION_MODULES = {
    "Identity": "identity", "Sigmoid": "sigmoid", "Tanh": "tanh", "ReLU": "relu", "LeakyReLU": "leaky_relu",
    "ELU": "elu", "SELU": "selu", "GELU": "gelu", "SiLU": "silu", "Mish": "mish", "Softplus": "softplus",
}  # fmt: skip


@pytest.mark.parametrize("name", ACTIVATION_MODULES)
def test_every_activation_has_the_gradients_of_autograd(torch: Any, name: str) -> None:
    module = modules_of(torch, getattr(torch.nn, name)(), 2)
    assert from_torch(module).layers[1].activation == ACTIVATION_MODULES[name]
    compare(torch, module, torch.nn.MSELoss(), np.random.default_rng(6).normal(size=(12, 2)))


@pytest.mark.parametrize(
    ("loss", "options", "outputs", "ours"),
    [
        ("MSELoss", {}, 3, clearprop.Loss("mean_squared_error")),
        ("L1Loss", {}, 1, clearprop.Loss("absolute_error")),
        ("HuberLoss", {"delta": 0.3}, 1, clearprop.Loss("huber", delta=0.3)),
        ("CrossEntropyLoss", {}, 3, clearprop.Loss("cross_entropy")),
        (
            "CrossEntropyLoss",
            {"label_smoothing": 0.2},
            3,
            clearprop.Loss("cross_entropy", label_smoothing=0.2),
        ),
        ("BCEWithLogitsLoss", {}, 1, clearprop.Loss("binary_cross_entropy")),
        ("BCELoss", {}, 1, clearprop.Loss("binary_cross_entropy")),
        ("PoissonNLLLoss", {}, 1, clearprop.Loss("poisson")),
    ],
)
def test_every_loss_has_the_gradients_of_autograd(
    torch: Any, loss: str, options: dict[str, float], outputs: int, ours: clearprop.Loss
) -> None:
    rng = np.random.default_rng(7)
    end = [torch.nn.Sigmoid()] if loss == "BCELoss" else []
    module = modules_of(torch, torch.nn.Tanh(), outputs, *end)
    Y: Array | None = rng.normal(size=(12, outputs)) if loss in ("MSELoss", "L1Loss", "HuberLoss") else None
    Y = rng.integers(0, 3, 12) if loss == "CrossEntropyLoss" else Y
    criterion = getattr(torch.nn, loss)(**options)
    assert from_torch(module, criterion).loss_function == ours
    compare(torch, module, criterion, rng.integers(0, 2, (12, 1)).astype(float) if Y is None else Y)


def test_a_network_of_ours_on_logits_takes_its_natural_output(torch: Any) -> None:
    nn = torch.nn
    logits, softmax = nn.Sequential(nn.Linear(2, 3)), nn.Sequential(nn.Linear(2, 3), nn.Softmax(dim=1))
    for module, loss in [
        (logits, "cross_entropy"),
        (softmax, "cross_entropy"),
        (logits, nn.CrossEntropyLoss()),
    ]:
        assert from_torch(module, loss).layers[-1].activation == "softmax"
    assert from_torch(logits, "poisson").layers[-1].activation == "exp"
    assert from_torch(softmax).config["output"] == "softmax"
    X = np.ones((2, 2), np.float32)
    assert np.allclose(from_torch(softmax).forward(X), softmax(torch.tensor(X)).detach().numpy(), rtol=1e-6)


def test_dropout_dtype_and_missing_biases(torch: Any) -> None:
    nn = torch.nn
    module = nn.Sequential(
        nn.Flatten(), nn.Linear(3, 4, bias=False), nn.ReLU(), nn.Dropout(0.25), nn.Linear(4, 1)
    )
    net = from_torch(module)
    assert net.config["dropout"] == [0.25]
    assert net.dtype == np.float32
    assert np.array_equal(net.parameters["W1"], module[1].weight.detach().numpy().T)
    assert not net.parameters["b1"].any()
    net.parameters["W1"][...] = 0
    assert module[1].weight.detach().numpy().any()


def refusals(nn: Any) -> dict[str, tuple[Any, Any]]:
    """What must be refused, by a piece of the message."""
    linear, wide = nn.Linear(2, 1), nn.Linear(2, 3)
    shared = nn.Linear(2, 2)
    return {
        r"module 1 does not fit: .* got Conv2d": ((wide, nn.Conv2d(1, 1, 1)), "squared_error"),
        r"module 1\.1 does not fit: .* got Tanh": (
            (wide, nn.Sequential(nn.ReLU(), nn.Tanh())),
            "squared_error",
        ),
        r"module 1 \(LeakyReLU\) .* expected negative_slope=0.01": (
            (wide, nn.LeakyReLU(0.2)),
            "squared_error",
        ),
        r"expected alpha=1.0": ((wide, nn.ELU(0.5)), "squared_error"),
        r"expected approximate='none'": ((wide, nn.GELU("tanh")), "squared_error"),
        r"expected beta=1.0": ((wide, nn.Softplus(2.0)), "squared_error"),
        r"expected dim=1 or dim=-1, got dim=0": ((wide, nn.Softmax(dim=0)), "squared_error"),
        r"expected nothing after a Softmax": ((wide, nn.Softmax(dim=1), nn.Linear(3, 1)), "squared_error"),
        r"expected start_dim=1": ((nn.Flatten(0), wide), "squared_error"),
        r"used twice": ((shared, nn.Tanh(), shared), "squared_error"),
        r"do not end in a layer": ((wide, nn.Dropout(0.1)), "squared_error"),
        r"module 0 does not fit": ((nn.Dropout(0.1), wide), "squared_error"),
        r"W2 does not fit": ((wide, nn.Linear(4, 2)), "squared_error"),
        r"expected float64 or float32 throughout": ((wide, nn.Linear(3, 2).double()), "squared_error"),
        r"got float16": ((nn.Linear(2, 3).half(),), "squared_error"),
        r"unknown loss": ((wide,), "nll"),
        r"no equal here: .* got NLLLoss": ((wide,), nn.NLLLoss()),
        r"expected reduction='mean'": ((wide,), nn.MSELoss(reduction="sum")),
        r"L1Loss averages over the outputs": ((wide,), nn.L1Loss()),
        r"BCEWithLogitsLoss averages": ((wide,), nn.BCEWithLogitsLoss()),
        r"softmax, which CrossEntropyLoss would apply once more; try loss=\"cross_entropy\"": (
            (wide, nn.Softmax(dim=1)),
            nn.CrossEntropyLoss(),
        ),
        r"sigmoid, which BCEWithLogitsLoss": ((linear, nn.Sigmoid()), nn.BCEWithLogitsLoss()),
        r"expected a Sigmoid, got tanh": ((linear, nn.Tanh()), nn.BCELoss()),
        r"expected ignore_index=-100": ((wide,), nn.CrossEntropyLoss(ignore_index=0)),
        r"expected weight=None": ((wide,), nn.CrossEntropyLoss(weight=linear.weight.detach()[0])),
        r"expected full=False": ((linear,), nn.PoissonNLLLoss(full=True)),
        r"expected output='softmax'": ((linear, nn.Tanh()), "cross_entropy"),
    }


def test_what_has_no_equal_is_refused(torch: Any) -> None:
    for message, (modules, loss) in refusals(torch.nn).items():
        with pytest.raises(InputError, match=message):
            from_torch(torch.nn.Sequential(*modules), loss)


def test_a_changed_class_or_a_module_of_ones_own_is_refused(torch: Any) -> None:
    nn = torch.nn

    class ReLU(nn.ReLU):  # type: ignore[misc, name-defined]
        def forward(self, Z: Any) -> Any:
            return Z * Z

    class Reversed(nn.Sequential):  # type: ignore[misc, name-defined]
        def forward(self, X: Any) -> Any:
            return X

    for module in (nn.Sequential(nn.Linear(2, 3), ReLU()), Reversed(nn.Linear(2, 3))):
        with pytest.raises(InputError, match="does not fit"):
            from_torch(module)
    with pytest.raises(InputError, match=r"expected a torch.nn.Sequential, got int"):
        from_torch(5)


def test_a_hook_is_not_ignored():
    nn = pytest.importorskip("torch.nn")
    module = nn.Sequential(nn.Linear(2, 1))
    module[0].register_forward_hook(lambda part, given, made: 2 * made)
    with pytest.raises(InputError, match=r"module 0 does not fit: expected no hooks"):
        from_torch(module)


def test_precisions_that_numpy_lacks_and_modules_without_numbers_are_refused():
    torch = pytest.importorskip("torch")
    with pytest.raises(InputError, match="expected float64 or float32 throughout, got bfloat16"):
        from_torch(torch.nn.Sequential(torch.nn.Linear(2, 1)).to(torch.bfloat16))
    with pytest.raises(InputError, match="meta device"):
        from_torch(torch.nn.Sequential(torch.nn.Linear(2, 1, device="meta")))


def test_any_module_of_pytorch_is_explained_with_its_loss():
    torch = pytest.importorskip("torch")

    class Net(torch.nn.Sequential):
        pass

    module = Net(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 3))
    X = torch.randn(5, 2, requires_grad=True)
    Y = torch.tensor([0, 1, 2, 0, 1])
    story = clearprop.explain(module, X, Y, loss=torch.nn.CrossEntropyLoss())
    loss = torch.nn.functional.cross_entropy(module(X), Y)
    assert story.loss == pytest.approx(loss.item(), rel=1e-6)
    loss.backward()
    np.testing.assert_allclose(story["dW1"].value, module[0].weight.grad.T, rtol=1e-4, atol=1e-7)


def test_the_penalty_is_kept_in_a_file(tmp_path: Path) -> None:
    neural = pytest.importorskip("sklearn.neural_network")
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 3)), rng.normal(size=20)
    theirs = neural.MLPRegressor(hidden_layer_sizes=(4,), alpha=10.0, max_iter=1, random_state=0)
    with pytest.warns(UserWarning, match="converge"):
        theirs.fit(X, y)
    ours = from_sklearn(theirs)
    ours.save(tmp_path / "model.safetensors")
    again = clearprop.load(tmp_path / "model.safetensors")
    assert again.penalty_alpha_ == 10.0
    assert np.array_equal(again.explain(X, y)["dW1"].value, ours.explain(X, y)["dW1"].value)
    assert again.explain(X, y)["Omega"].value > 0
