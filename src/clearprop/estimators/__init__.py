"""Estimators: networks with scikit-learn's contract, on arrays and on tables."""

from importlib.util import find_spec

from ..errors import MissingExtraError

for _name in ("sklearn", "narwhals"):
    if find_spec(_name) is None:
        raise MissingExtraError(f"the estimators need {_name}", hint='pip install "clearprop[sklearn]"')
