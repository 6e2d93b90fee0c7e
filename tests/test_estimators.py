"""The estimators: scikit-learn's contract, and what they add to it."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, make_multilabel_classification
from sklearn.utils.estimator_checks import parametrize_with_checks

import clearprop
from clearprop import Adam, Loss, MLPClassifier, MLPRegressor
from clearprop.errors import InputError, ModelFileError

MINI_BATCHES = {
    "check_sample_weight_equivalence_on_dense_data": (
        "a repeated sample changes which samples share a mini-batch, and the quartiles of the scaling, which "
        "knows of no weights but zero; with L-BFGS, which has one batch, on inputs as they are, which is "
        "checked below, weights equal repetitions"
    )
}


@parametrize_with_checks(
    [
        MLPClassifier(16, max_iter=30, learning_rate_init=0.02),
        MLPRegressor(16, max_iter=30, learning_rate_init=0.02),
    ],
    expected_failed_checks=lambda estimator: MINI_BATCHES,
)
def test_scikit_learn_contract(estimator, check):
    check(estimator)


@parametrize_with_checks(
    [
        MLPClassifier(16, solver="lbfgs", scale_inputs=False, max_iter=20, alpha=1.0),
        MLPRegressor(16, solver="lbfgs", scale_inputs=False, max_iter=20, alpha=1.0),
    ]
)
def test_scikit_learn_contract_with_lbfgs_on_inputs_as_they_are(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def diabetes():
    return load_diabetes(return_X_y=True)


def test_attributes_of_scikit_learn_are_there(iris):
    X, y = iris
    est = MLPClassifier((8, 5), max_iter=20, random_state=0).fit(X, y)
    assert [W.shape for W in est.coefs_] == [(4, 8), (8, 5), (5, 3)]
    assert [b.shape for b in est.intercepts_] == [(8,), (5,), (3,)]
    assert (est.n_layers_, est.n_outputs_, est.out_activation_) == (4, 3, "softmax")
    assert est.n_iter_ == len(est.loss_curve_) == 20
    assert est.t_ == 20 * -(-150 // est.history_.settings["batch_size"])
    assert est.loss_ == est.loss_curve_[-1]
    assert est.best_loss_ == min(est.loss_curve_)
    assert est.validation_scores_ is None
    assert isinstance(est.network_, clearprop.MLP)
    assert not hasattr(MLPClassifier(), "coefs_")


def test_the_network_computes_what_the_estimator_says(iris):
    X, y = iris
    est = MLPClassifier(max_iter=5, random_state=0).fit(X, y)
    np.testing.assert_array_equal(est.network_.forward(est.transform_inputs(X)), est.predict_proba(X))
    Z = est.decision_function(X)
    np.testing.assert_array_equal(est.classes_[Z.argmax(axis=1)], est.predict(X))
    np.testing.assert_allclose(np.log(est.predict_proba(X)), est.predict_log_proba(X))


def test_two_classes_have_one_output_and_a_sign(iris):
    X, y = iris[0][:100], np.array(["no", "yes"])[iris[1][:100]]
    est = MLPClassifier(max_iter=30, random_state=0).fit(X, y)
    assert est.network_.sizes[-1] == 1
    assert est.out_activation_ == "logistic"
    np.testing.assert_array_equal(est.predict(X) == "yes", est.decision_function(X) > 0)
    np.testing.assert_allclose(est.predict_proba(X).sum(axis=1), 1)


@pytest.mark.parametrize(
    "loss",
    ["cross_entropy", "binary_cross_entropy", "squared_error", Loss("cross_entropy", label_smoothing=0.1)],
)
def test_every_loss_of_a_classifier_learns(iris, loss):
    X, y = iris
    est = MLPClassifier((16,), loss=loss, max_iter=60, learning_rate_init=0.01, random_state=0).fit(X, y)
    assert est.score(X, y) > 0.93
    np.testing.assert_allclose(est.predict_proba(X).sum(axis=1), 1)


@pytest.mark.parametrize(
    "loss", ["squared_error", "mean_squared_error", "absolute_error", "huber", Loss("quantile", q=0.5)]
)
def test_every_loss_of_a_regressor_learns(diabetes, loss):
    X, y = diabetes
    est = MLPRegressor((16,), loss=loss, max_iter=60, random_state=0).fit(X, y)
    assert est.score(X, y) > 0.4


def test_poisson_learns_counts_in_their_own_units():
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (400, 2))
    y = rng.poisson(np.exp(1 + X[:, 0]))
    est = MLPRegressor((16,), loss="poisson", max_iter=60, random_state=0).fit(X, y)
    assert est.out_activation_ == "exp"
    assert (est.predict(X) > 0).all()
    np.testing.assert_allclose(est.predict(X).mean(), y.mean(), rtol=0.05)
    assert est.target_scale_ == 1


def test_a_high_quantile_lies_above_that_share_of_the_targets(diabetes):
    X, y = diabetes
    est = MLPRegressor((8,), loss=Loss("quantile", q=0.9), max_iter=100, random_state=0).fit(X, y)
    assert 0.85 < (y <= est.predict(X)).mean() < 0.96


def test_several_outputs(diabetes):
    X, y = diabetes
    Y = np.column_stack([y, -2 * y + 5])
    est = MLPRegressor((16,), max_iter=40, random_state=0).fit(X, Y)
    assert est.predict(X).shape == Y.shape
    assert est.score(X, Y) > 0.4


def test_labels_at_once():
    X, Y = make_multilabel_classification(200, n_features=8, n_classes=3, random_state=0)
    est = MLPClassifier((16,), max_iter=100, learning_rate_init=0.02, random_state=0).fit(X, Y)
    assert est.predict(X).shape == Y.shape
    assert (est.predict(X) == Y).mean() > 0.9
    np.testing.assert_array_equal(est.predict(X), est.predict_proba(X) > 0.5)


def test_early_stopping_keeps_the_best_epoch():
    X, y = load_breast_cancer(return_X_y=True)
    est = MLPClassifier(
        (32,), early_stopping=True, n_iter_no_change=5, learning_rate_init=0.01, random_state=0
    ).fit(X, y)
    assert est.n_iter_ < est.max_iter
    assert len(est.validation_scores_) == len(est.validation_loss_curve_) == est.n_iter_
    best = est.history_.best_epoch
    assert est.validation_loss_curve_[best - 1] == min(est.validation_loss_curve_)
    assert est.best_validation_score_ == max(est.validation_scores_)
    assert est.best_loss_ is None


def test_validation_data_of_ones_own(iris):
    X, y = iris
    est = MLPClassifier((8,), max_iter=200, n_iter_no_change=3, learning_rate_init=0.05, random_state=0)
    est.fit(X[::2], y[::2], X_val=X[1::2], y_val=y[1::2])
    loss = est.network_.loss_parts(est.transform_inputs(X[1::2]), y[1::2])[0]
    assert loss == pytest.approx(min(est.validation_loss_curve_), rel=1e-12)
    with pytest.raises(InputError, match="both X_val and y_val"):
        est.fit(X, y, X_val=X)


def test_class_weight_moves_the_boundary():
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(0, 1, (190, 1)), rng.normal(1, 1, (10, 1))])
    y = np.repeat([0, 1], [190, 10])
    plain = MLPClassifier((4,), max_iter=50, random_state=0).fit(X, y)
    balanced = clone(plain).set_params(class_weight="balanced").fit(X, y)
    assert balanced.predict(X).sum() > plain.predict(X).sum() + 20


def test_sample_weight_of_zero_is_no_sample(iris):
    X, y = iris
    weight = (np.arange(150) % 3 > 0).astype(float)
    est = MLPClassifier((8,), max_iter=5, random_state=0, scale_inputs=False)
    a = clone(est).fit(X, y, sample_weight=weight).predict_proba(X)
    b = clone(est).fit(X[weight > 0], y[weight > 0]).predict_proba(X)
    assert np.abs(a - b).max() < 1e-9


@pytest.mark.parametrize("est", [MLPClassifier((8,), max_iter=5), MLPRegressor((8,), max_iter=5)])
def test_samples_of_weight_zero_decide_nothing(iris, est):
    X, y = iris[0].copy(), iris[1]
    weight = (np.arange(150) % 5 > 0).astype(float)
    X[weight == 0] *= 1000
    est = clone(est).set_params(random_state=0, early_stopping=True)
    a = clone(est).fit(X, y, sample_weight=weight)
    b = clone(est).fit(X[weight > 0], y[weight > 0], sample_weight=weight[weight > 0])
    np.testing.assert_array_equal(a.predict(X), b.predict(X))
    assert a.validation_loss_curve_ == b.validation_loss_curve_


def test_weights_count_on_the_part_that_is_held_out(diabetes):
    X, y = diabetes
    wrong = np.arange(len(X)) % 5 == 0
    weight = np.where(wrong, 1e-12, 1.0)
    est = MLPRegressor((8,), max_iter=5, early_stopping=True, scale_target=False, random_state=0)
    est.fit(X, np.where(wrong, 1e6, y), sample_weight=weight)
    assert max(est.validation_loss_curve_) < 1e5


@pytest.mark.parametrize("mean", [1e-2, 1.0, 1e3, 1e6])
def test_poisson_starts_at_the_mean_count(mean):
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (300, 2))
    y = rng.poisson(mean * np.exp(X[:, 0]))
    est = MLPRegressor((16,), loss="poisson", max_iter=100, random_state=0).fit(X, y)
    assert est.score(X, y) > (0.8 if mean > 1 else 0)


def test_a_loaded_estimator_knows_its_training(tmp_path, iris):
    X, y = iris
    est = MLPClassifier((8,), max_iter=4, early_stopping=True, random_state=0).fit(X, y)
    est.save(tmp_path / "m")
    loaded = clearprop.load(tmp_path / "m")
    for name in (
        "n_iter_", "t_", "loss_", "best_loss_", "loss_curve_", "validation_loss_curve_", "validation_scores_",
        "best_validation_score_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_",
    ):  # fmt: skip
        assert getattr(loaded, name) == getattr(est, name)


def test_warm_start_takes_new_settings_and_refuses_another_shape(iris):
    X, y = iris
    est = MLPClassifier((8,), max_iter=3, warm_start=True, early_stopping=True, random_state=0).fit(X, y)
    est.set_params(alpha=3.2).fit(X, y)
    assert est.network_.l2 == 0.1
    assert len(est.loss_curve_) == len(est.validation_loss_curve_) == len(est.validation_scores_) == 6
    with pytest.raises(InputError, match="warm_start cannot go on with another sizes"):
        est.set_params(hidden_layer_sizes=(9,)).fit(X, y)


def test_a_first_part_that_fails_leaves_no_trace(iris):
    X, y = iris
    est = MLPClassifier((8,), activation="rleu")
    with pytest.raises(InputError, match="unknown activation"):
        est.partial_fit(X, y, classes=[0, 1, 2])
    est.set_params(activation="relu").partial_fit(X, y, classes=[0, 1, 2])
    assert est.n_iter_ == 1


@pytest.mark.parametrize("verbose", [2, np.True_, "auto"])
def test_any_way_to_ask_for_a_bar(iris, capsys, verbose):
    pytest.importorskip("rich")
    MLPClassifier((4,), max_iter=2, verbose=verbose).fit(*iris)
    assert ("accuracy" in capsys.readouterr().err) == (verbose != "auto")  # nobody is at a terminal here


def test_a_lazy_table_is_to_be_collected():
    pl = pytest.importorskip("polars")
    with pytest.raises(InputError, match=r"table\.collect\(\)"):
        MLPClassifier().fit(pl.LazyFrame({"a": [1.0, 2.0]}), [0, 1])


@pytest.mark.usefixtures("engine")
def test_partial_fit_over_several_epochs_equals_single_ones(iris):
    X, y = iris
    once = MLPClassifier((8,), random_state=0).partial_fit(X, y, classes=[0, 1, 2], epochs=5)
    steps = MLPClassifier((8,), random_state=0)
    for _ in range(5):
        steps.partial_fit(X, y, classes=[0, 1, 2])
    np.testing.assert_array_equal(once.predict_proba(X), steps.predict_proba(X))
    assert once.n_iter_ == steps.n_iter_ == len(steps.loss_curve_) == 5


@pytest.mark.usefixtures("engine")
def test_warm_start_goes_on(iris):
    X, y = iris
    est = MLPClassifier((8,), max_iter=5, warm_start=True, random_state=0).fit(X, y)
    first = est.loss_
    est.fit(X, y)
    assert est.n_iter_ == len(est.loss_curve_) == 10
    assert est.loss_ < first
    est.set_params(warm_start=False).fit(X, y)
    assert est.n_iter_ == 5


def test_settings_reach_the_network(iris):
    X, y = iris
    seen = []
    est = MLPClassifier(
        (8, 6), ["tanh", "logistic"], solver=Adam(0.01), dropout=[0.1, 0.2], dtype="float32", max_iter=2,
        callbacks=[lambda net, history: seen.append(history.epoch[-1])], random_state=0,
    ).fit(X, y)  # fmt: skip
    assert [layer.activation for layer in est.network_.layers] == ["tanh", "sigmoid", "softmax"]
    assert [layer.dropout for layer in est.network_.layers] == [0.1, 0.2, 0]
    assert est.predict_proba(X).dtype == np.float32
    assert seen == [1, 2]
    assert est.history_.settings["optimizer"] == {
        "name": "Adam", "learning_rate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8,
    }  # fmt: skip


@pytest.mark.parametrize(
    "solver", ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "lbfgs"]
)
@pytest.mark.parametrize("schedule", ["constant", "cosine", "one_cycle", "adaptive"])
def test_every_solver_and_schedule_runs(iris, solver, schedule):
    X, y = iris
    est = MLPClassifier((8,), solver=solver, learning_rate=schedule, learning_rate_init=0.01, max_iter=15)
    est.set_params(random_state=0).fit(X, y)
    assert est.loss_curve_[-1] < est.loss_curve_[0]


def test_a_raw_table(tmp_path):
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    n = 300
    table = pd.DataFrame(
        {
            "age": rng.integers(18, 90, n).astype(float),
            "city": rng.choice(["Oslo", "Paris", "Rome"], n),
            "member": rng.random(n) < 0.5,
        }
    )
    y = np.where((table["age"] > 50) ^ (table["city"] == "Rome"), "buys", "leaves")
    table.loc[::7, "age"] = np.nan
    table.loc[::11, "city"] = None
    est = MLPClassifier((32,), max_iter=100, learning_rate_init=0.01, random_state=0).fit(table, y)
    assert est.score(table, y) > 0.9
    assert list(est.feature_names_in_) == ["age", "city", "member"]
    unseen = table.head(3).assign(city="Tokyo")
    assert np.isfinite(est.predict_proba(unseen)).all()
    est.target_name_ = "outcome"
    est.save(tmp_path / "model.safetensors")
    loaded = clearprop.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(loaded.predict_proba(table), est.predict_proba(table))
    assert (loaded.target_name_, list(loaded.classes_)) == ("outcome", ["buys", "leaves"])
    with pytest.raises(InputError, match="fitted on a table"):
        est.predict(np.zeros((2, 3)))


def test_numbers_are_the_same_as_array_and_as_table(iris):
    pl, pa = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    X, y = iris
    names = ["a", "b", "c", "d"]
    columns = {name: X[:, k] for k, name in enumerate(names)}
    est = MLPClassifier((8,), max_iter=5, random_state=0)
    expected = clone(est).fit(X, y).predict_proba(X)
    for table in (pl.DataFrame(columns), pa.table(columns)):
        fitted = clone(est).fit(table, y)
        np.testing.assert_array_equal(fitted.predict_proba(table), expected)
        assert list(fitted.feature_names_in_) == names
        reordered = table.select(["b", "a", "c", "d"])
        with pytest.raises(ValueError, match=r"feature names should match|not those of the fit"):
            fitted.predict(reordered)


@pytest.mark.parametrize("scale_inputs", [True, False])
def test_saved_and_loaded_estimators_predict_the_same(tmp_path, iris, diabetes, scale_inputs):
    for est, (X, y) in ((MLPClassifier(), iris), (MLPRegressor(), diabetes)):
        est.set_params(max_iter=3, random_state=0, scale_inputs=scale_inputs).fit(X, y)
        est.save(tmp_path / "m")
        loaded = clearprop.load(tmp_path / "m")
        assert type(loaded) is type(est)
        np.testing.assert_array_equal(loaded.predict(X), est.predict(X))
        assert loaded.history_.train_loss == est.history_.train_loss
        again = pickle.loads(pickle.dumps(est))
        np.testing.assert_array_equal(again.predict(X), est.predict(X))
        again.coefs_[0][:] = 0
        assert not np.array_equal(again.predict(X), est.predict(X))  # coefs_ are the network's own weights


@pytest.mark.parametrize("kind", [str, int, bool, float])
def test_classes_keep_their_kind_in_a_file(tmp_path, iris, kind):
    X, y = iris[0][:100], iris[1][:100].astype(kind)
    MLPClassifier((4,), max_iter=2).fit(X, y).save(tmp_path / "m")
    assert clearprop.load(tmp_path / "m").predict(X).dtype.kind == y.dtype.kind


def test_a_file_whose_estimator_was_altered_is_refused(tmp_path, iris):
    X, y = iris
    MLPClassifier((4,), max_iter=2).fit(X, y).save(tmp_path / "m")
    data = (tmp_path / "m").read_bytes()
    for old, new in (
        (b"[0,1,2]", b"[0,1,1]"),
        (b'"features":4', b'"features":5'),
        (rb"\"classifier\"", rb"\"classifies\""),
        (b'"class_kind":"int"', b'"class_kind":"str"'),
        (b'"multilabel":false', b'"multilabel":3    '),
    ):
        assert old in data
        (tmp_path / "broken").write_bytes(data.replace(old, new))
        with pytest.raises(ModelFileError, match="no intact model file"):
            clearprop.load(tmp_path / "broken")


def test_a_missing_number_in_an_array_counts_as_the_median(iris):
    X, y = iris
    est = MLPClassifier((8,), max_iter=5, random_state=0).fit(X, y)
    holed = X[:1].copy()
    holed[0, 2] = np.nan
    filled = X[:1].copy()
    filled[0, 2] = np.median(X[:, 2])
    np.testing.assert_array_equal(est.predict_proba(holed), est.predict_proba(filled))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"solver": "adma"}, "unknown solver: expected one of sgd"),
        ({"learning_rate": "fast"}, "unknown learning_rate"),
        ({"activation": "rleu"}, "unknown activation: expected one of identity"),
        ({"hidden_layer_sizes": (4, 0)}, "sizes do not fit"),
        ({"alpha": -1}, "alpha does not fit: expected a number ≥ 0"),
        ({"loss": "huber"}, "loss does not fit a classifier"),
        ({"max_iter": 0}, "max_iter does not fit"),
        ({"batch_size": 0}, "batch_size does not fit"),
        ({"n_iter_no_change": 0}, "n_iter_no_change does not fit"),
        ({"dropout": 1.0}, "dropout does not fit"),
        ({"dtype": "float16"}, "unknown dtype"),
    ],
)
def test_a_parameter_that_cannot_be_is_named(iris, change, message):
    with pytest.raises(InputError, match=message):
        MLPClassifier(**change).fit(*iris)


def test_unknown_classes_are_named(iris):
    X, y = iris
    est = MLPClassifier((4,), max_iter=2).fit(X, y)
    with pytest.raises(InputError, match=r"a class that is not known: expected one of 0, 1, 2, got .*7"):
        est.partial_fit(X, np.where(y == 2, 7, y))
    with pytest.raises(InputError, match="one class"):
        MLPClassifier().fit(X, np.zeros(150))
