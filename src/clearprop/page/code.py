"""A Python program that makes data and network of a session, with the same bits, and explains its step."""

from __future__ import annotations

import pprint
from typing import Any

from ..optimizers import OPTIMIZERS
from ..samples import SAMPLES
from .building import explain_options
from .session import Session

WIDTH = 100


def to_python(session: Session) -> str:
    """Return the program; every number in it stands for one float64."""
    net, loss = session.net, session.net.loss_function
    options = explain_options(session.settings, session.data, net)
    optimizer = OPTIMIZERS[session.settings.training.optimizer].__name__
    imports, data = _data(session)
    memory = net.memory
    names = ["MLP", "Loss", optimizer]
    lines = [
        '"""One training step of a network, as it stood on the page of clearprop."""',
        "",
        "import numpy as np",
        "",
        f"from clearprop import {', '.join(sorted(names))}",
        *imports,
        *(["from clearprop.stepping import Memory"] if memory is not None else []),
        "",
        *data,
        "",
        f"first = {_literal({name: array.tolist() for name, array in net.parameters.items()})}",
        "net = MLP(",
        f"    {list(net.sizes)},",
        f"    {[layer.activation for layer in net.layers[:-1]]},",
        f"    {net.layers[-1].activation!r},",
        f"    {loss!r},",
        f"    l1={net.l1!r},",
        f"    l2={net.l2!r},",
        "    init=first,",
        ")",
        f"optimizer = {optimizer}({session.settings.training.learning_rate!r})",
    ]
    if memory is not None:
        lines += [
            f"vectors = np.array({_literal(memory.vectors.tolist())}).reshape({memory.vectors.shape})",
            f"net.memory = Memory(optimizer, vectors, steps={memory.steps})",
        ]
    lines += [
        "story = net.explain(",
        "    X,",
        "    Y,",
        "    optimizer=optimizer,",
        f"    update={options['update']!r},",
        f"    freeze={options['freeze']!r},",
        f"    input_names={options['input_names']!r},",
        f"    output_names={options['output_names']!r},",
        ")",
        "print(story)",
    ]
    return "\n".join(lines) + "\n"


def _data(session: Session) -> tuple[list[str], list[str]]:
    """Return the imports and the lines that make X and Y: drawn again, or as they are."""
    choice, training = session.settings.data, session.training
    rows = training.rows
    if choice.kind not in SAMPLES:
        X, Y = training.data.X[rows].tolist(), training.data.T[rows].tolist()
        return [], [f"X = {_literal(X)}", f"Y = {_literal(Y)}"]
    outputs = session.net.sizes[-1]
    lines = [
        f"samples = {choice.kind}({choice.rows}, seed={choice.seed}, noise={choice.noise!r})",
        f"rows = {_literal(session.data.train[rows].tolist())}",
        "X = samples.X[rows]",
        f"Y = np.eye({outputs})[samples.Y[rows]]" if outputs > 1 else "Y = samples.Y[rows]",
    ]
    return [f"from clearprop.samples import {choice.kind}"], lines


def _literal(value: Any) -> str:
    return pprint.pformat(value, width=WIDTH, compact=True, sort_dicts=False)
