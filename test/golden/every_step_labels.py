"""Ten training steps on labels at every step from the N-th on, by PyTorch: writes every-step-labels.json beside this file.

Run        python3 test/golden/every_step_labels.py [--date YYYY-MM-DD]
           with a python3 that has torch and numpy (Debian: /usr/bin/python3 and apt's python3-torch).
Based on   training_steps.py and gated_training_steps.py, whose networks, batches, optimisers, checks and format it takes,
           with another loss: that of head k is the mean of CrossEntropyLoss over the batch and the steps N_k … T.

Labels before the N-th step are drawn too, and must not matter.
"""

import argparse
import datetime
from pathlib import Path

import numpy as np
import torch

import gated_training_steps as gated
import training_steps as leaky
from training_steps import Case, adam, format_json, sgd

OUTPUT = Path(__file__).with_name("every-step-labels.json")

# the memory length N of each head
CASES = [
    (Case("leaky", "leaky-relu", sgd(), 7, 5, 3, [2], (5, 14)), [2, 4, 5]),
    (Case("leaky", "tanh", sgd(0.1, 0.9), 5, 1, 1, [1], (1, 10)), [1]),
    (Case("leaky-outside", "tanh", adam(0.01), 6, 9, 2, [2], (3, 12), inputs=2, real_inputs=True), [3, 2]),
    (Case("leaky-outside", "relu", sgd(), 9, 3, 2, [2], (4, 15)), [2, 3]),
    (Case("gru", "tanh", sgd(0.1, 0.9), 5, 9, 2, [2], (3, 12)), [2, 3]),
    (Case("lstm", "tanh", adam(0.01), 6, 3, 3, [1] * 4 + [2] * 3 + [3] * 3, (4, 15)), [2, 3, 4]),
]


def every_step_loss(network, states, step, lengths):
    """Cross-entropy of the read-outs of states (T, B, H), mean over batch and steps N … T, sum over the active heads."""
    loss = 0
    for k, labels in enumerate(torch.tensor(step["labels"])):
        first = lengths[k] - 1
        outputs = states[first:] @ network.readoutWeight[k].T + network.readoutBias[k]
        loss = loss + torch.nn.CrossEntropyLoss()(outputs.flatten(0, 1), labels[first:].flatten())
    return loss


class LeakyNetwork(leaky.Network):
    def loss(self, step):
        x, h = (torch.tensor(step[name], dtype=self.recurrentWeight.dtype) for name in ("x", "h0"))
        alpha = 1 / torch.clamp(self.tau, min=1)
        f = leaky.ACTIVATIONS[self.case.activation]
        states, margin = [], np.inf
        for x_t in x:
            drive = h @ self.recurrentWeight.T + self.recurrentBias + x_t @ self.inputWeight.T + self.inputBias
            inside = self.case.cell == "leaky"
            preactivation = (1 - alpha) * h + alpha * drive if inside else drive
            h = f(preactivation) if inside else (1 - alpha) * h + alpha * f(preactivation)
            margin = min(margin, preactivation.abs().min().item())
            states.append(h)
        return every_step_loss(self, torch.stack(states), step, self.case.lengths_of_heads), margin


class GatedNetwork(gated.Network):
    def loss(self, step):
        x, h0 = (torch.tensor(step[name], dtype=self.cell.weight_hh_l0.dtype) for name in ("x", "h0"))
        state = h0.unsqueeze(0)
        states, _ = self.cell(x, (state, torch.zeros_like(state)) if self.case.cell == "lstm" else state)
        return every_step_loss(self, states, step, self.case.lengths_of_heads)


def make_case(number, case, lengths):
    case.lengths_of_heads = lengths
    source = gated if case.cell in gated.CELLS else leaky
    for seed in range(200_000 + 1000 * number, 200_000 + 1000 * number + 1000):
        rng = np.random.default_rng(seed)
        initial = source.draw_initial(case, rng)
        steps = leaky.draw_steps(case, rng)
        for step in steps:
            step["labels"] = rng.integers(0, case.classes, (step["active"], step["length"], case.batch))
        if source is gated:
            expected, margin = gated.train(case, initial, steps), np.inf
        else:
            expected, margin = leaky.train(case, initial, steps)
        if margin > leaky.KINK_MARGIN:
            break
    else:
        raise RuntimeError(f"{case.name}: no seed keeps clear of the kinks")
    source.check_not_degenerate(case, steps, expected)
    difference_error = source.check_gradient(case, initial, steps[0], expected["firstGradient"])
    single_error = source.check_float32(case, initial, steps, expected)
    print(f"{case.name:40s} seed {seed}  off by: central differences {difference_error:.0e}, float32 {single_error:.0e}")
    return {
        "name": f"{case.name}, labels at every step",
        "seed": seed,
        "cell": case.cell,
        "activation": case.activation,
        "units": case.units,
        "inputs": case.inputs,
        "heads": case.heads,
        "classes": case.classes,
        "batch": case.batch,
        "trainTau": source is leaky,
        "lengths": np.array(lengths),
        "optimizer": case.optimizer,
        "clipNorm": case.clip_norm,
        "initial": initial,
        "steps": steps,
        "expected": expected,
    }


def main():
    parser = argparse.ArgumentParser(description="Write every-step-labels.json.")
    parser.add_argument("--date", default=datetime.date.today().isoformat(), help="date in the provenance")
    date = parser.parse_args().date

    torch.set_num_threads(1)
    leaky.Network, gated.Network = LeakyNetwork, GatedNetwork
    made = [make_case(number, case, lengths) for number, (case, lengths) in enumerate(CASES, 1)]
    provenance = {
        "script": "test/golden/every_step_labels.py",
        "command": f"python3 test/golden/every_step_labels.py --date {date}",
        "torch": torch.__version__,
        "numpy": np.__version__,
        "date": date,
        "notes": [
            "As in training-steps.json and gated-training-steps.json; `lengths` are the N of the heads, `labels` are of all"
            " steps, (active heads, T, B), those before the N-th step without meaning.",
        ],
    }
    OUTPUT.write_text(format_json({"provenance": provenance, "cases": made}) + "\n")
    print(f"{OUTPUT.name}: {len(made)} cases, {OUTPUT.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
