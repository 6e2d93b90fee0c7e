"""Estimators: networks with scikit-learn's contract, on arrays and on tables."""
