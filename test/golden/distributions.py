"""Quantiles of the normal distribution, tails of Student's t, and t-tests: writes distributions.json beside this file.

Run        python3 test/golden/distributions.py [--date YYYY-MM-DD]
           with a python3 that has mpmath, scipy and numpy (Debian: /usr/bin/python3, apt's python3-mpmath and python3-scipy).
Based on   definitions, by mpmath with 400 digits: the root of the normal distribution function, and the regularised incomplete
           beta function I_{df / (df + t^2)}(df / 2, 1 / 2). T-tests are SciPy's, their p by mpmath from SciPy's t and df.
"""

import argparse
import datetime
import json
from pathlib import Path

import mpmath
import numpy as np
import scipy
from scipy import stats

OUTPUT = Path(__file__).with_name("distributions.json")
# a small tail is the rest of a large part
mpmath.mp.dps = 400

PROBABILITIES = [2.0**-k for k in range(1, 54)] + [k / 64 for k in range(1, 64)] + [0.075, 0.0749, 0.925, 1 - 2.0**-30]
DEGREES = [1, 1.5, 2, 3, 4.7, 7.25, 18, 40.1, 79.9, 80.1, 300, 1e4, 1e6]
TS = [1e-9, 0.01, 0.5, 1, 1.7, 2, 3, 4.5, 8, 15, 36, 100, 1e4, 1e8]


def quantile(p):
    p = mpmath.mpf(p)
    return mpmath.sqrt(2) * mpmath.erfinv(2 * p - 1)


def tail(t, df):
    t, df = mpmath.mpf(t), mpmath.mpf(df)
    if t * t > df:
        return mpmath.betainc(df / 2, mpmath.mpf(1) / 2, 0, df / (df + t * t), regularized=True)
    return 1 - mpmath.betainc(mpmath.mpf(1) / 2, df / 2, 0, t * t / (df + t * t), regularized=True)


def digits(value):
    return mpmath.nstr(value, 17, min_fixed=0, max_fixed=0)


def samples(rng):
    yield rng.normal(0.7, 0.02, 4), rng.normal(0.95, 0.005, 4)
    yield rng.normal(0, 1, 2), rng.normal(0, 3, 2)
    yield rng.normal(1, 1, 12), rng.normal(1, 1, 12)
    yield rng.normal(5, 0.1, 30), rng.normal(5.2, 2, 30)
    yield rng.normal(1e6, 1, 10), rng.normal(1e6 + 1, 1, 10)
    yield rng.normal(0, 1e-3, 40), rng.normal(1, 1e-3, 40)


def tests(a, b):
    found = {"a": a.tolist(), "b": b.tolist()}
    for name, test in [
        ("unequal", stats.ttest_ind(a, b, equal_var=False)),
        ("equal", stats.ttest_ind(a, b)),
        ("paired", stats.ttest_rel(a, b)),
    ]:
        va, vb = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
        welch = (va + vb) ** 2 / (va**2 / (len(a) - 1) + vb**2 / (len(b) - 1))
        df = {"unequal": welch, "equal": len(a) + len(b) - 2, "paired": len(a) - 1}[name]
        p = tail(test.statistic, df)
        assert abs(test.pvalue / p - 1) < 1e-9, (name, test.pvalue, p)
        found[name] = {"t": float(test.statistic), "df": float(df), "p": float(p)}
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--date", default=datetime.date.today().isoformat())
    provenance = {
        "script": "test/golden/distributions.py",
        "date": parser.parse_args().date,
        "mpmath": mpmath.__version__,
        "scipy": scipy.__version__,
        "numpy": np.__version__,
    }
    # those above 1e-300, or so
    cases = [(t, df) for df in DEGREES for t in TS if df / 2 * np.log1p(t * t / df) < 680]
    tails = [[t, df, float(digits(tail(t, df)))] for t, df in cases]
    golden = {
        "provenance": provenance,
        "quantiles": [[p, float(digits(quantile(p)))] for p in PROBABILITIES],
        "tails": tails,
        "tests": [tests(a, b) for a, b in samples(np.random.default_rng(7))],
    }
    body = ",\n".join(f'"{name}": {json.dumps(value)}' for name, value in golden.items())
    OUTPUT.write_text(f"{{{body}}}\n")


if __name__ == "__main__":
    main()
