"""Principal components of series that follow from a formula, by NumPy: writes principal-components.json beside this file.

Run        python3 test/golden/principal_components.py [--date YYYY-MM-DD]
           with a python3 that has numpy (Debian: /usr/bin/python3 and apt's python3-numpy).
Based on   Khajehabdollahi et al., ICLR 2024 (arXiv 2309.12927): the smallest number of principal components that hold 90 % of
           the variance; participation ratio (sum of eigenvalues)^2 / sum of their squares.

Value i at step t is 100 + (1 + i mod 5) s / 2^32 in f32, s = (t + 1) (i + 3) 2654435761 + (t^2 mod 97) i 40503 mod 2^32; every
seventh series is 3 throughout. Variances have n as their divisor.
"""

import argparse
import datetime
import json
from pathlib import Path

import numpy as np

OUTPUT = Path(__file__).with_name("principal-components.json")
SIZES = [(1, 40), (2, 300), (5, 60), (13, 1000), (30, 20), (37, 700)]


def series(units, steps):
    t, i = np.meshgrid(np.arange(steps, dtype=np.uint64), np.arange(units, dtype=np.uint64), indexing="ij")
    spread = ((t + 1) * (i + 3) * 2654435761 + (t * t % 97) * i * 40503) % 2**32
    values = 100 + spread / 2**32 * (1 + i % 5)
    values[:, 6::7] = 3
    return values.astype(np.float32).astype(float)


def components(units, steps):
    x = series(units, steps)
    centred = x - x.mean(axis=0)
    variances = np.linalg.svd(centred, compute_uv=False) ** 2 / steps
    variances = np.concatenate([variances, np.zeros(units - len(variances))])
    shares = np.cumsum(variances) / variances.sum()
    return {
        "units": units,
        "steps": steps,
        "eigenvalues": [float(f"{value:.15g}") for value in variances],
        "components": {str(f): int(np.argmax(shares >= f)) + 1 for f in (0.5, 0.9, 0.99)},
        "participationRatio": float(variances.sum() ** 2 / (variances**2).sum()),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--date", default=datetime.date.today().isoformat())
    provenance = {
        "script": "test/golden/principal_components.py",
        "date": parser.parse_args().date,
        "numpy": np.__version__,
    }
    lines = ",\n".join(json.dumps(components(*size)) for size in SIZES)
    OUTPUT.write_text(f'{json.dumps({"provenance": provenance})[:-1]}, "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
