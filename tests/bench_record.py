"""A made-up record of `clearprop bench --peers`, small enough to be read."""

from __future__ import annotations

from typing import Any

from clearprop.bench.figures import add_ratios, summary

LABELS = {
    "native": "clearprop",
    "numpy": "clearprop, numpy",
    "article": "article's NumPy",
    "scan": "JAX, scan",
}


def workload(name: str, dtype: str = "float32", **medians: float) -> dict[str, Any]:
    found = {
        key: {
            "threads": None if key == "native" else 1,
            "deviation": {"sgd": 1e-6},
            "first": 0.25,
            "epochs": 3,
            "tried": {"1": median},
            "gflops": 1e-6 / median,
            "share": 1e-8 / median,
            **summary([median, 1.02 * median, 0.96 * median]),
        }
        for key, median in medians.items()
    }
    add_ratios(found, ["native", "numpy"])
    results = [{"contender": key, **found.get(key, {"reason": "it has no such loss"})} for key in LABELS]
    about = f"2-3-1 sigmoid, batch 4, SGD, {dtype}"
    return {"name": name, "about": about, "dtype": dtype, "steps": 1024, "flop": 180, "results": results}


def timed(section: dict[str, float], **others: Any) -> list[dict[str, Any]]:
    found = {key: {**others, **summary([value])} for key, value in section.items()}
    add_ratios(found, ["native"])
    return [{"contender": key, **each} for key, each in found.items()]


def record() -> dict[str, Any]:
    prediction = timed({"native": 2e-6, "onnx": 8e-6})
    for each, label in zip(prediction, ("clearprop", "ONNX Runtime"), strict=True):
        each["label"] = label
    return {
        "format": 1,
        "date": "2031-02-03T04:05:06+00:00",
        "plan": {"rounds": 3, "seconds": 0.1, "runs": 2, "quick": True},
        "machine": {
            "cpu": "Abacus 3",
            "usable_cores": 2,
            "level": "avx2",
            "system": "Linux 6",
            "python": "CPython 3.11",
            "versions": {"numpy": "2.4.6", "torch": None},
        },
        "labels": LABELS,
        "ours": ["native", "numpy"],
        "workloads": [
            workload("xor", "float64", native=2e-7, numpy=5e-5, article=4e-5, scan=4e-7),
            workload("digits", native=1e-3, numpy=2e-3, scan=8e-4),
        ],
        "prediction": prediction,
        "estimator": {"estimator": summary([0.12]), "engine": summary([0.1]), "ratio": 1.2},
        "cold": timed({"native": 0.2, "scan": 1.3}, memory=40.0),
        "imports": timed({"native": 0.1}, size=2_000_000),
        "seconds": 12.0,
    }
