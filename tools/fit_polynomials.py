"""Print the polynomial coefficients of native/math.hpp: python tools/fit_polynomials.py (needs mpmath).

Each is the polynomial of its degree whose largest weighted error over the interval is smallest, found by the
exchange algorithm of E. Remez (1934) in 60 digits; the weight is what an error in the polynomial does to the
relative error of the function that is computed from it.
"""

from collections.abc import Callable

from mpmath import cos, erfc, exp, log, log1p, lu_solve, matrix, mp, mpf, pi, polyval

Real = Callable[[mpf], mpf]
mp.dps = 60


def remez(f: Real, weight: Real, degree: int, low: mpf, high: mpf) -> tuple[list[mpf], mpf]:
    """The coefficients, constant term first, and the largest weighted error."""
    middle, half = (low + high) / 2, (high - low) / 2
    grid = [middle - half * cos(pi * (i + mpf("0.5")) / (24 * degree)) for i in range(24 * degree)]
    values, weights = [f(x) for x in grid], [weight(x) for x in grid]
    picked = [round((len(grid) - 1) * i / (degree + 1)) for i in range(degree + 2)]
    for _ in range(20):
        rows = [
            [grid[i] ** d for d in range(degree + 1)] + [(-1) ** n / weights[i]] for n, i in enumerate(picked)
        ]
        solution = lu_solve(matrix(rows), matrix([values[i] for i in picked]))
        coefficients = list(solution)[:-1]
        errors = [
            w * (v - polyval(coefficients[::-1], x)) for x, v, w in zip(grid, values, weights, strict=True)
        ]
        if max(map(abs, errors)) < mpf("1.001") * abs(solution[degree + 1]):
            break
        picked = extrema(errors, degree + 2)
    return coefficients, max(map(abs, errors))


def extrema(errors: list[mpf], count: int) -> list[int]:
    """Where the largest error of each run of one sign is; of too many runs, the smallest end goes."""
    best = [0]
    for i in range(1, len(errors)):
        if (errors[i] > 0) != (errors[best[-1]] > 0):
            best.append(i)
        elif abs(errors[i]) > abs(errors[best[-1]]):
            best[-1] = i
    while len(best) > count:
        best.pop(0 if abs(errors[best[0]]) < abs(errors[best[-1]]) else -1)
    return best


def exp_rest(r: mpf) -> mpf:
    """q in exp(r) = 1 + r + r² q(r)."""
    return (exp(r) - 1 - r) / (r * r) if abs(r) > mpf("1e-15") else mpf("0.5") + r / 6


def log1p_rest(u: mpf) -> mpf:
    """q in log1p(u) = u + u² q(u)."""
    return (log1p(u) - u) / (u * u)


def erf_rest(x: mpf) -> mpf:
    """q in erf(x) = 1 − exp(−x²) + exp(−x²) x q(x)."""
    return (1 - exp(x * x) * erfc(x)) / x


FITS = {  # f, weight, low, high, degrees for float and double
    "exp": (exp_rest, lambda r: r * r / abs(exp(r) - 1), -log(2) / 2, log(2) / 2, (4, 9)),
    "log1p": (log1p_rest, lambda u: u * u / log1p(u), mpf(0), mpf(1), (8, 19)),
    "erf": (erf_rest, lambda x: x * exp(-x * x) / (1 - erfc(x)), mpf(0), mpf(6), (11, 25)),
}


def main() -> None:
    """Print every set of coefficients as a C++ initialiser, with its error in units of 2^-24 and 2^-53."""
    for name, (f, weight, low, high, degrees) in FITS.items():
        for degree, digits, bits in zip(degrees, (9, 17), (24, 53), strict=True):
            coefficients, error = remez(f, weight, degree, low, high)
            print(f"{name}, degree {degree}, error {float(error * 2**bits):.3f} / 2^{bits}:")
            print("  " + ", ".join(mp.nstr(c, digits) for c in coefficients))


if __name__ == "__main__":
    main()
