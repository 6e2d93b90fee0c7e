"""The inputs of an estimator: from what a user gives, an array or a table, to the network's matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import validate_data

from ..errors import InputError
from .columns import TableEncoder
from .scaling import Scaling
from .tables import is_table, open_table


def learn_inputs(estimator: Any, X: Any) -> NDArray[np.float64]:
    """Learn how X becomes numbers, keep that as `inputs_`, and return the matrix.

    A table with texts, dates or missing values is encoded column by column; a table of numbers, and
    an array, is scaled. With `scale_inputs=False` only numbers are taken, and taken as they are.
    """
    if _needs_encoder(X) and estimator.scale_inputs:
        _check_columns(estimator, X, reset=True)
        estimator.inputs_ = TableEncoder.fit(X)
        return estimator.inputs_.transform(X)  # type: ignore[no-any-return]
    matrix = _matrix(estimator, X, reset=True)
    estimator.inputs_ = Scaling.fit(matrix) if estimator.scale_inputs else None
    return _scaled(estimator, matrix)


def transform_inputs(estimator: Any, X: Any) -> NDArray[np.float64]:
    """Return X as the matrix (n, inputs) that the fitted network takes."""
    if isinstance(estimator.inputs_, TableEncoder):
        if not is_table(X):
            raise InputError(
                "this estimator was fitted on a table with texts or missing values",
                expected=f"a table with the columns {', '.join(estimator.inputs_.feature_names_in)}",
                got=type(X).__name__,
            )
        _check_columns(estimator, X, reset=False)
        return estimator.inputs_.transform(X)
    return _scaled(estimator, _matrix(estimator, X, reset=False))


def input_names(estimator: Any) -> list[str]:
    """Return a name for each input of the network, such as "age" or "city=Paris"."""
    if isinstance(estimator.inputs_, TableEncoder):
        return list(estimator.inputs_.feature_names_out)
    names = getattr(estimator, "feature_names_in_", None)
    return (
        [f"x{k + 1}" for k in range(estimator.n_features_in_)] if names is None else [str(n) for n in names]
    )


def _needs_encoder(X: Any) -> bool:
    """Whether X is a table, with names, that holds more than numbers."""
    if hasattr(X, "collect") and not hasattr(X, "shape"):
        open_table(X)  # a lazy frame, which it refuses with a hint
    if not is_table(X) or not all(isinstance(name, str) for name in getattr(X, "column_names", X.columns)):
        return False
    frame = open_table(X)
    return any(
        not kind.is_numeric()
        or frame[name].null_count() > 0
        or (kind.is_float() and bool(frame[name].is_nan().any()))
        for name, kind in frame.schema.items()
    )


def _matrix(estimator: Any, X: Any, *, reset: bool) -> NDArray[np.float64]:
    """Return X as numbers, its columns checked against those of the fit; the scaling takes NaN."""
    if is_table(X) and not _is_pandas(X):
        _check_columns(estimator, X, reset=reset)
        X = open_table(X).to_numpy()
        return _plain(X)
    finite = "allow-nan" if estimator.scale_inputs else True
    return validate_data(estimator, X, reset=reset, dtype=np.float64, ensure_all_finite=finite)  # type: ignore[no-any-return]


def _check_columns(estimator: Any, X: Any, *, reset: bool) -> None:
    """Remember the names of a table's columns, or compare them with those of the fit."""
    if _is_pandas(X):
        validate_data(estimator, X, skip_check_array=True, reset=reset)
        return
    names = open_table(X).columns  # which scikit-learn finds in its newest releases only
    if reset:
        estimator.n_features_in_, estimator.feature_names_in_ = len(names), np.array(names, dtype=object)
    expected = list(getattr(estimator, "feature_names_in_", names))
    if names != expected or len(names) != estimator.n_features_in_:
        raise InputError(
            "the columns are not those of the fit, in their order",
            expected=f"{estimator.n_features_in_}: {', '.join(expected)}",
            got=f"{len(names)}: {', '.join(names)}",
        )


def _is_pandas(X: Any) -> bool:
    return hasattr(X, "iloc")


def _plain(X: Any) -> NDArray[np.float64]:
    """Return an array of numbers as float64."""
    try:
        return np.asarray(X, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            "the table does not fit", expected="numbers in every column", got=str(error)
        ) from None


def _scaled(estimator: Any, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return matrix if estimator.inputs_ is None else estimator.inputs_.transform(matrix)
