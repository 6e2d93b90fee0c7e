"""The known mistakes of backpropagation: what each is called, what is wrong, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MISTAKES", "Mistake"]


@dataclass(frozen=True)
class Mistake:
    """One mistake in words: `says` is the end of "Likely mistake: …", `remedy` of "Try: …".

    `quantity` is the one whose line is to be mended, such as "dZ"; "" where it is the first that differs.
    """

    says: str
    remedy: str
    quantity: str = ""


MISTAKES: dict[str, Mistake] = {
    "missing_activation_derivative": Mistake(
        "the derivative of the activation is missing",
        "multiply dA by the derivative of the activation before dW, db and the next dA are computed from it",
        "dZ",
    ),
    "activation_derivative_twice": Mistake(
        "the derivative of the activation is applied twice",
        "apply it once; the gradient A − Y of a cross-entropy already holds that of its output activation",
        "dZ",
    ),
    "derivative_of_z": Mistake(
        "a derivative written for A is given Z",
        "A · (1 − A) and 1 − A² take the output A of the layer, not its sum Z",
        "dZ",
    ),
    "derivative_of_a": Mistake(
        "a derivative written for Z is given A, so the activation is applied twice in it",
        "give it Z, the sum before the activation",
        "dZ",
    ),
    "another_activation": Mistake(
        "the derivative is that of another activation",
        "take the derivative of the activation that the forward pass uses in this layer",
        "dZ",
    ),
    "mask_of_gradient": Mistake(
        "the gradient passes where dA is positive, instead of where Z is",
        "mask dA by Z > 0",
        "dZ",
    ),
    "sum_for_mean": Mistake(
        "the gradient is summed over the samples, where the loss is their mean: a factor n",
        "divide by n, once: either in the output's delta or in dW and db",
    ),
    "mean_twice": Mistake(
        "the gradient is divided by n once too often",
        "divide by n once: either in the output's delta or in dW and db; then db is a sum, not a mean",
    ),
    "factor_two": Mistake(
        "a factor 2 too much",
        "½(A − Y)² has the gradient A − Y, and (A − Y)² has 2(A − Y): take the one that fits the loss",
    ),
    "factor_half": Mistake(
        "a factor ½ too much",
        "½(A − Y)² has the gradient A − Y, and (A − Y)² has 2(A − Y): take the one that fits the loss",
    ),
    "factor_outputs": Mistake(
        "a factor of the number of outputs",
        "squared_error sums over the outputs, mean_squared_error averages over them: take the one you mean",
    ),
    "sign": Mistake(
        "the sign is turned round",
        "the output's delta is A − Y, output minus target, and the update subtracts: W −= η · dW",
    ),
    "transposed_weights": Mistake(
        "a matrix is transposed that should not be, or the reverse",
        "Z = X @ W + b goes back as dX = dZ @ W.T and dW = X.T @ dZ; a square W hides the slip",
    ),
    "bias_gradient_missing": Mistake("the bias has no gradient", "db is the sum of dZ over the samples"),
    "bias_not_summed": Mistake(
        "the gradient of the bias is not summed over the samples",
        "sum dZ over axis 0, the samples: one number for each unit",
    ),
    "updated_weights": Mistake(
        "the hidden delta is computed with weights that are updated already",
        "compute all gradients first, then update all weights",
        "dA",
    ),
    "old_weights": Mistake(
        "the hidden delta is computed with the old weights, where the update is sequential",
        'update each layer before the error passes back through it, or compare with update="simultaneous"',
    ),
    "bias_penalised": Mistake(
        "the bias is penalised", "leave the penalty out of db: it is a penalty on weights only"
    ),
    "penalty_missing": Mistake("the penalty is missing in dW", "add l1·sign(W) + l2·W to dW"),
    "penalty_scaled": Mistake(
        "the penalty has another factor",
        "l2/2·ΣW² has the gradient l2·W, with no 2, no ½ and no 1/n (for λ/2n·ΣW² take l2 = λ/n)",
    ),
    "accumulated_gradients": Mistake(
        "the gradients of an earlier step are still in the sum",
        "set the gradients to zero at the beginning of each step",
    ),
    "layers_swapped": Mistake(
        "layers are swapped: what belongs to one stands in the place of another",
        "match the numbers of the layers: dW2 goes with A1 and W2, dW1 with X and W1",
    ),
    "pre_activation_as_input": Mistake(
        "dW takes the sum Z of the layer below as its input, instead of the output A",
        "what the layer was given is A of the layer below: dW2 = A1.T @ dZ2",
    ),
    "wrong_layer_input": Mistake(
        "dW is computed with the input of another layer",
        "take what this very layer was given: X for layer 1, A1 for layer 2, …",
    ),
    "single_sample": Mistake(
        "only one sample counts", "add up over the samples: += in a loop, or X.T @ dZ for all at once"
    ),
    "target_missing": Mistake("the target is not subtracted", "the output's error is A − Y"),
    "sample_weight_missing": Mistake(
        "the sample weights are not used", "multiply each row of the output's delta by the weight's share"
    ),
    "another_loss": Mistake(
        "the gradient is that of another loss, the squared error",
        "take the gradient of the loss that is meant",
    ),
    "bias_missing_forward": Mistake("the bias is not added in the forward pass", "Z = X @ W + b"),
    "activation_missing_forward": Mistake("the activation is missing in the forward pass", "A = f(Z)"),
    "constant_factor": Mistake(
        "all of it is a constant times what it should be", "look for the factor in the line of this quantity"
    ),
    "zero": Mistake("all of it is zero", "see that it is computed, and from what"),
    "not_finite": Mistake(
        "it holds numbers that are not finite", "look for a division by zero or an overflow"
    ),
    "shape": Mistake("its shape does not fit", "compare the shapes in its line"),
}
