"""Five-fold scores of the estimators with default settings, beside scikit-learn's MLP behind a scaler.

python benchmarks/scores.py            prints the table of the README
python benchmarks/scores.py --seeds 5  averages over more seeds
"""

from __future__ import annotations

import argparse
import warnings

import numpy as np
from sklearn import datasets
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.neural_network import MLPClassifier as PeerClassifier
from sklearn.neural_network import MLPRegressor as PeerRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import clearprop

DATA = {
    "digits": datasets.load_digits,
    "wine": datasets.load_wine,
    "breast cancer": datasets.load_breast_cancer,
    "diabetes": datasets.load_diabetes,
}


def scores(name: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return our five scores and scikit-learn's, on the same folds."""
    X, y = DATA[name](return_X_y=True)
    if name == "diabetes":
        folds = KFold(5, shuffle=True, random_state=seed)
        ours, peer = clearprop.MLPRegressor(random_state=seed), PeerRegressor(random_state=seed)
    else:
        folds = StratifiedKFold(5, shuffle=True, random_state=seed)
        ours, peer = clearprop.MLPClassifier(random_state=seed), PeerClassifier(random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn says that it has not converged
        peer_scores = cross_val_score(make_pipeline(StandardScaler(), peer), X, y, cv=folds)
    return cross_val_score(ours, X, y, cv=folds), peer_scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds to average over")
    seeds = range(parser.parse_args().seeds)
    print(f"| data | score | clearprop | scikit-learn's MLP, scaled | seeds ahead, of {len(seeds)} |")
    print("|---|---|---|---|---|")
    for name in DATA:
        runs = np.array([[s.mean() for s in scores(name, seed)] for seed in seeds])
        ours, peer = runs.T
        kind = "R²" if name == "diabetes" else "accuracy"
        means = " | ".join(f"{column.mean():.4f} ± {column.std():.4f}" for column in (ours, peer))
        print(f"| {name} | {kind} | {means} | {np.sum(ours >= peer)} |", flush=True)


if __name__ == "__main__":
    main()
