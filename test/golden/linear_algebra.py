"""Eigenvalues, singular values, least squares and determinants of matrices that follow from a formula, by NumPy: writes
linear-algebra.json beside this file.

Run        python3 test/golden/linear_algebra.py [--date YYYY-MM-DD]
           with a python3 that has numpy (Debian: /usr/bin/python3 and apt's python3-numpy).

Element (i, j) of a matrix is s / 2^32 - 1/2, s = (i^2 + 7) (j + 3) 2654435761 + (i + 1) (j^2 + 5) 2246822519 mod 2^32. The right
side of the least squares is column n of the same formula.
"""

import argparse
import datetime
import json
from pathlib import Path

import numpy as np

OUTPUT = Path(__file__).with_name("linear-algebra.json")
SQUARE = [1, 2, 3, 5, 7, 16, 33, 50]
SHAPES = [(1, 1), (1, 5), (5, 1), (3, 2), (7, 7), (16, 33), (33, 16), (40, 5)]


def matrix(m, n):
    i, j = np.meshgrid(np.arange(m, dtype=np.uint64), np.arange(n, dtype=np.uint64), indexing="ij")
    spread = (i * i + 7) * (j + 3) * 2654435761 + (i + 1) * (j * j + 5) * 2246822519
    return (spread % 2**32) / 2**32 - 0.5


def rounded(values):
    return [float(f"{value:.16g}") for value in values]


def square(n):
    a = matrix(n, n)
    values = np.linalg.eigvals(a)
    return {
        "n": n,
        "re": rounded(values.real),
        "im": rounded(values.imag),
        "symmetric": rounded(np.linalg.eigvalsh((a + a.T) / 2)),
        "logDeterminant": rounded([np.linalg.slogdet(a)[1]])[0],
    }


def shape(m, n):
    a = matrix(m, n)
    case = {"m": m, "n": n, "singular": rounded(np.linalg.svd(a, compute_uv=False))}
    if m >= n:
        b = matrix(m, n + 1)[:, n]
        x = np.linalg.lstsq(a, b, rcond=None)[0]
        case["x"] = rounded(x)
        case["residual"] = float(f"{np.linalg.norm(a @ x - b):.16g}")
    return case


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--date", default=datetime.date.today().isoformat())
    provenance = {
        "script": "test/golden/linear_algebra.py",
        "date": parser.parse_args().date,
        "numpy": np.__version__,
    }
    squares = ",\n".join(json.dumps(square(n)) for n in SQUARE)
    shapes = ",\n".join(json.dumps(shape(*size)) for size in SHAPES)
    head = json.dumps({"provenance": provenance})[:-1]
    OUTPUT.write_text(f'{head}, "squares": [\n{squares}\n], "shapes": [\n{shapes}\n]}}\n')


if __name__ == "__main__":
    main()
