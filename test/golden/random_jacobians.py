# Eigenvalues of the Jacobians of random networks with gates, and the states of their units: what the theory's edges of spectra
# are to bound. Networks of N units are run from random states, and linearised at the last.
#
#   env -u OPENBLAS_CORETYPE OPENBLAS_NUM_THREADS=1 python3 test/golden/random_jacobians.py
#
# Equations: the project's notes on gating, re-derived; cf. Krishnamurthy, Can and Schwab 2022 and Can, Krishnamurthy and Schwab 2020.

import json
import numpy as np

N = 200


def logistic(x):
    return 1 / (1 + np.exp(-x))


def rounded(x, digits=6):
    return [round(float(v), digits) for v in x]


def outermost(jacobian):
    """All eigenvalues above the real axis, real part first."""
    values = np.linalg.eigvals(jacobian)
    values = values[values.imag >= 0]
    return rounded(np.column_stack([values.real, values.imag]).ravel(), 4)


def gating(rng, gain, output_gain, update_gain, dt=0.1, steps=3000):
    jh, jz, jr = (rng.standard_normal((N, N)) / np.sqrt(N) for _ in range(3))
    for j in (jh, jz, jr):
        np.fill_diagonal(j, 0)
    h, z, r = (rng.standard_normal(N) for _ in range(3))
    for _ in range(steps):
        phi = np.tanh(gain * h)
        gate = logistic(output_gain * r)
        received = jh @ (phi * gate)
        dh = logistic(update_gain * z) * (received - h)
        z, r, h = z + dt * (jz @ phi - z), r + dt * (jr @ phi - r), h + dt * dh
    phi = np.tanh(gain * h)
    slope = gain * (1 - phi**2)
    sz, sr = logistic(update_gain * z), logistic(output_gain * r)
    received = jh @ (phi * sr)
    d = update_gain * sz * (1 - sz) * (received - h)
    one, none = np.eye(N), np.zeros((N, N))
    jacobian = np.block(
        [
            [sz[:, None] * (jh * (slope * sr) - one), np.diag(d), sz[:, None] * jh * (phi * output_gain * sr * (1 - sr))],
            [jz * slope, -one, none],
            [jr * slope, none, -one],
        ]
    )
    return {
        "gains": [gain, output_gain, update_gain],
        "state": rounded(h),
        "update": rounded(z),
        "output": rounded(r),
        "recurrent": rounded(received),
        "eigenvalues": outermost(jacobian),
    }


def gru(rng, ah, ar, az, steps=1000):
    uh, ur, uz = (a * rng.standard_normal((N, N)) / np.sqrt(N) for a in (ah, ar, az))
    h = rng.standard_normal(N)
    for step in range(steps + 1):
        z, r = logistic(uz @ h), logistic(ur @ h)
        phi = np.tanh(uh @ (r * h))
        if step < steps:
            h = z * h + (1 - z) * phi
    jacobian = np.diag(z) + ((h - phi) * z * (1 - z))[:, None] * uz
    inner = uh * r + (uh * (h * r * (1 - r))) @ ur
    jacobian += ((1 - z) * (1 - phi**2))[:, None] * inner
    return {
        "gains": [ah, ar, az],
        "state": rounded(h),
        "update": rounded(z),
        "reset": rounded(r),
        "candidate": rounded(phi),
        "eigenvalues": outermost(jacobian),
    }


def lstm(rng, af, ai, ag, ao, steps=1000):
    uf, ui, ug, uo = (a * rng.standard_normal((N, N)) / np.sqrt(N) for a in (af, ai, ag, ao))
    h, c = rng.standard_normal(N), rng.standard_normal(N)
    for step in range(steps + 1):
        before = c
        f, i, o, g = logistic(uf @ h), logistic(ui @ h), logistic(uo @ h), np.tanh(ug @ h)
        c = f * c + i * g
        h = o * np.tanh(c)
    # of (c, h): the new cell state, and what is shown of it
    by_h = (
        (before * f * (1 - f))[:, None] * uf + (g * i * (1 - i))[:, None] * ui + (i * (1 - g**2))[:, None] * ug
    )
    shown = (o * (1 - np.tanh(c) ** 2))[:, None]
    direct = (np.tanh(c) * o * (1 - o))[:, None] * uo
    jacobian = np.block([[np.diag(f), by_h], [shown * np.diag(f), shown * by_h + direct]])
    return {
        "gains": [af, ai, ag, ao],
        "cell": rounded(c),
        "forget": rounded(f),
        "input": rounded(i),
        "candidate": rounded(g),
        "output": rounded(o),
        "eigenvalues": outermost(jacobian),
    }


def main():
    rng = np.random.default_rng(5)
    result = {
        "provenance": f"test/golden/random_jacobians.py, NumPy {np.__version__}, N = {N}",
        "gating": [gating(rng, 3, 5, 5), gating(rng, 6, 0, 10)],
        "gru": [gru(rng, 3, 2, 2)],
        "lstm": [lstm(rng, 3, 2, 4, 2)],
    }
    with open("test/golden/random-jacobians.json", "w") as file:
        json.dump(result, file, separators=(",", ":"))
        file.write("\n")


main()
