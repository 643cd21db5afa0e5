"""Timescales of 200 autocorrelations, by SciPy's curve_fit: writes timescale-fit.json beside this file.

Run        python3 test/golden/timescale_fit.py [--date YYYY-MM-DD]
           with a python3 that has scipy and numpy (Debian: /usr/bin/python3 and apt's python3-scipy).
Based on   Khajehabdollahi et al., ICLR 2024 (arXiv 2309.12927), appendix, and the released code's way of fitting: one decay
           a e^(-t/tau) and two a c e^(-t/tau1) + a (1 - c) e^(-t/tau2) at lags 0 to 30; a and c in [0, 1], every tau in
           [0, 100]; at most 2000 evaluations, no start given; AIC = 2 k + n ln(RSS / n), the lower wins.

Autocorrelations are rounded before they are fitted, so that both sides fit the same numbers. 50 each of
  ar1       an AR(1) process, 2,000 to 20,000 steps
  sum       a sum of two such processes
  noisy     one or two decays and white noise of 0.001 to 0.01 on every lag but 0
  network   units of small leaky networks that random bits drive, each trial with a probability of its own
"""

import argparse
import datetime
import json
from pathlib import Path

import numpy as np
import scipy
from scipy.optimize import curve_fit
from scipy.signal import lfilter

OUTPUT = Path(__file__).with_name("timescale-fit.json")
FIT_LAG = 30
OF_EACH_KIND = 50
DIGITS = 8

LAGS = np.arange(FIT_LAG + 1.0)


def autocovariance(series):
    """Lags 0 to FIT_LAG along axis 0, lag k divided by its n - k products."""
    n = len(series)
    centred = series - series.mean(axis=0)
    sums = [(centred[k:] * centred[: n - k]).sum(axis=0) / (n - k) for k in range(FIT_LAG + 1)]
    return np.array(sums)


def ar1(rng, tau, steps):
    """A process of unit variance whose autocorrelation is e^(-k/tau); its beginning is left out."""
    coefficient = np.exp(-1 / tau)
    noise = rng.standard_normal(steps + 1000) * np.sqrt(1 - coefficient**2)
    return lfilter([1.0], [1.0, -coefficient], noise)[1000:]


def draw_tau(rng, low, high):
    return np.exp(rng.uniform(np.log(low), np.log(high)))


def of_ar1(rng):
    return autocovariance(ar1(rng, draw_tau(rng, 0.5, 20), rng.integers(2000, 20001)))


def of_sum(rng):
    steps = rng.integers(2000, 20001)
    fast, slow = draw_tau(rng, 0.4, 3), draw_tau(rng, 4, 30)
    share = rng.uniform(0.2, 0.8)
    mixed = np.sqrt(share) * ar1(rng, fast, steps) + np.sqrt(1 - share) * ar1(rng, slow, steps)
    return autocovariance(mixed)


def of_noise(rng):
    share = rng.choice([1.0, rng.uniform(0.2, 0.8)])
    clean = share * np.exp(-LAGS / draw_tau(rng, 0.5, 3)) + (1 - share) * np.exp(-LAGS / draw_tau(rng, 4, 30))
    noise = draw_tau(rng, 1e-3, 1e-2) * rng.standard_normal(FIT_LAG + 1)
    noise[0] = 0
    return clean + noise


def of_networks(rng, count, units=10, trials=4, steps=6000, burn_in=500):
    """Units of leaky networks whose weights are those before training, times a gain of 1 to 3."""
    found = []
    while len(found) < count:
        tau = rng.uniform(1, 4, units)
        bound = rng.uniform(1, 3) / np.sqrt(units)
        weight = rng.uniform(-bound, bound, (units, units))
        np.fill_diagonal(weight, 0)
        w_in, bias = rng.uniform(-1, 1, units), rng.uniform(-0.5, 0.5, units)
        probability = rng.uniform(0, 1, trials)
        state = 0.1 * rng.uniform(0, 1, (trials, units))
        states = np.empty((steps, trials, units))
        for t in range(burn_in + steps):
            bits = (rng.uniform(0, 1, trials) < probability)[:, None]
            total = (1 - 1 / tau) * state + (state @ weight.T + bits * w_in + bias) / tau
            state = np.maximum(total, 0.01 * total)
            if t >= burn_in:
                states[t - burn_in] = state
        covariance = autocovariance(states).mean(axis=1)
        found.extend(covariance[:, i] for i in range(units) if np.isfinite(covariance[:, i]).all())
    return found[:count]


def one_decay(t, a, tau):
    return a * np.exp(-t / tau)


def two_decays(t, a, tau1, tau2, c):
    return a * c * np.exp(-t / tau1) + a * (1 - c) * np.exp(-t / tau2)


MODELS = [(one_decay, [1, 100]), (two_decays, [1, 100, 100, 1])]


def short(value):
    return float(f"{value:.12g}")


def fit(acf):
    """Both fits, None where SciPy gives up; the choice by AIC and its slower timescale."""
    fits = []
    for model, high in MODELS:
        try:
            best, _ = curve_fit(model, LAGS, acf, maxfev=2000, bounds=([0] * len(high), high))
        except RuntimeError:
            fits.append(None)
            continue
        rss = float(((model(LAGS, *best) - acf) ** 2).sum())
        aic = 2 * len(high) + len(acf) * np.log(rss / len(acf))
        fits.append({"parameters": [short(value) for value in best], "rss": short(rss), "aic": short(aic)})
    scores = [each["aic"] if each else np.inf for each in fits]
    model = 2 if scores[1] < scores[0] else 1
    tau = max(fits[model - 1]["parameters"][1 : 2 * model - (model == 2)])
    return {"one": fits[0], "two": fits[1], "model": model, "tau": tau}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--date", default=datetime.date.today().isoformat())
    date = parser.parse_args().date
    rng = np.random.default_rng(20240)
    kinds = {
        "ar1": [of_ar1(rng) for _ in range(OF_EACH_KIND)],
        "sum": [of_sum(rng) for _ in range(OF_EACH_KIND)],
        "noisy": [of_noise(rng) for _ in range(OF_EACH_KIND)],
        "network": of_networks(rng, OF_EACH_KIND),
    }
    cases = []
    for kind, covariances in kinds.items():
        for covariance in covariances:
            acf = np.round(covariance / covariance[0], DIGITS)
            cases.append({"kind": kind, "acf": acf.tolist(), **fit(acf)})
    provenance = {
        "script": "test/golden/timescale_fit.py",
        "date": date,
        "scipy": scipy.__version__,
        "numpy": np.__version__,
    }
    lines = ",\n".join(json.dumps(case) for case in cases)
    head = json.dumps({"provenance": provenance, "fitLag": FIT_LAG})[:-1]
    OUTPUT.write_text(f'{head}, "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
