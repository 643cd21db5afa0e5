"""Ten training steps of small leaky networks in continuous time, by PyTorch: writes continuous-time-steps.json beside this file.

Run        python3 test/golden/continuous_time_steps.py [--date YYYY-MM-DD]
           with a python3 that has torch and numpy (Debian: /usr/bin/python3 and apt's python3-torch).
Based on   the equations of Khajehabdollahi et al., ICLR 2024, in continuous time: every input is repeated k times, and
           time constants are max(k tau, 1) steps; gradients by autograd.

k is 2 and 3 in turn; `x` holds every input once, and `length` counts them. All else is that of training_steps.py, whose
network is replaced by one in continuous time: checks, optimisers, format, and the reasons for float64.
"""

import argparse
import datetime
from pathlib import Path

import numpy as np
import torch

import training_steps
from training_steps import ACTIVATIONS, Case, adam, format_json, make_case, sgd

OUTPUT = Path(__file__).with_name("continuous-time-steps.json")
STEPS_PER_BIT = [2, 3]

# those of the first range are clamped with both k, those of the second with k = 2 alone
SHORT = [(0.1, 0.3), (0.36, 0.47), (0.6, 2.0)]

CASES = [
    Case("leaky-outside", "relu", sgd(), 9, 5, 2, [2], (3, 12), tau_ranges=SHORT),
    Case(
        "leaky-outside", "tanh", adam(0.005), 10, 4, 3, [1] * 4 + [2] * 3 + [3] * 3, (3, 12),
        tau_ranges=SHORT, inputs=3, real_inputs=True, suffix=", growing heads",
    ),
    Case("leaky", "tanh", sgd(0.1, 0.9), 6, 9, 2, [2], (3, 12), tau_ranges=SHORT),
    Case("leaky", "relu", sgd(), 5, 1, 1, [1], (1, 1), real_inputs=True, suffix=", B=1, T=1"),
]  # fmt: skip


class Network(training_steps.Network):
    def loss(self, step):
        self.k = step["stepsPerBit"]
        return super().loss(step)

    def forward(self, x, h, active):
        tau = self.tau * self.k
        alpha = 1 / torch.clamp(tau, min=1)
        f = ACTIVATIONS[self.case.activation]
        # how near to the kink of the activation, or to the clamp of tau
        margin = (tau.detach() - 1).abs().min().item()
        for x_t in x.repeat_interleave(self.k, dim=0):
            drive = h @ self.recurrentWeight.T + self.recurrentBias + x_t @ self.inputWeight.T + self.inputBias
            if self.case.cell == "leaky":
                drive = (1 - alpha) * h + alpha * drive
                h = f(drive)
            else:
                h = (1 - alpha) * h + alpha * f(drive)
            margin = min(margin, drive.abs().min().item())
        return [h @ self.readoutWeight[k].T + self.readoutBias[k] for k in range(active)], margin


draw_discrete = training_steps.draw_steps


def draw_steps(case, rng):
    steps = draw_discrete(case, rng)
    for i, step in enumerate(steps):
        step["stepsPerBit"] = STEPS_PER_BIT[i % len(STEPS_PER_BIT)]
    return steps


def make_provenance(date):
    return {
        "script": "test/golden/continuous_time_steps.py",
        "command": f"python3 test/golden/continuous_time_steps.py --date {date}",
        "torch": torch.__version__,
        "numpy": np.__version__,
        "date": date,
        "notes": [
            "Computed in float64, with numbers, diagonal of recurrentWeight, gradients and clipping as in training-steps.json.",
            "Every input of x is repeated stepsPerBit times; length counts those of x.",
        ],
    }


def main():
    parser = argparse.ArgumentParser(description="Write continuous-time-steps.json.")
    parser.add_argument("--date", default=datetime.date.today().isoformat(), help="date in the provenance")
    date = parser.parse_args().date

    torch.set_num_threads(1)
    training_steps.Network = Network
    training_steps.draw_steps = draw_steps
    cases = [make_case(number, case) for number, case in enumerate(CASES, 1)]
    OUTPUT.write_text(format_json({"provenance": make_provenance(date), "cases": cases}) + "\n")
    print(f"{OUTPUT.name}: {len(cases)} cases, {OUTPUT.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
