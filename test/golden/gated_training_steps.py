"""Ten training steps of small GRU and LSTM networks, by PyTorch: writes gated-training-steps.json beside this file.

Run        python3 test/golden/gated_training_steps.py [--date YYYY-MM-DD]
           with a python3 that has torch and numpy (Debian: /usr/bin/python3 and apt's python3-torch).
Based on   torch.nn.GRU and torch.nn.LSTM of one layer as they are; gradients by autograd.

In float64 and from float32 numbers, for the reasons given in training_steps.py, whose batches, optimisers and
format it takes.
"""

import argparse
import datetime
from pathlib import Path

import numpy as np
import torch

from training_steps import FLOAT32_ERROR, HEAD_TENSORS, STEPS, Case, adam, draw_steps, format_json, make_optimizer, sgd

OUTPUT = Path(__file__).with_name("gated-training-steps.json")
CELLS = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
GATES = {"gru": 3, "lstm": 4}
# name in the file, name in PyTorch
CELL_TENSORS = {
    "inputWeight": "weight_ih_l0",
    "inputBias": "bias_ih_l0",
    "recurrentWeight": "weight_hh_l0",
    "recurrentBias": "bias_hh_l0",
}


def cases():
    for cell in CELLS:
        yield Case(cell, "tanh", sgd(0.1, 0.9), 5, 9, 2, [2], (7, 7), inputs=2, real_inputs=True, suffix=", T=7")
        yield Case(cell, "tanh", adam(0.01), 6, 3, 3, [1] * 4 + [2] * 3 + [3] * 3, (4, 15), suffix=", growing heads")
        yield Case(cell, "tanh", sgd(), 1, 1, 1, [1], (1, 1), real_inputs=True, suffix=", B=1, T=1")
        yield Case(cell, "tanh", sgd(), 9, 4, 2, [2], (3, 12), inputs=3, classes=3, clip_norm=0.05, suffix=", strong clip")


def draw_initial(case, rng):
    """Parameters as PyTorch draws them, U(±1/√H), in float32."""
    H, I, K, C = case.units, case.inputs, case.heads, case.classes
    rows = GATES[case.cell] * H

    def uniform(*shape):
        return rng.uniform(-(H**-0.5), H**-0.5, shape).astype(np.float32)

    return {
        "inputWeight": uniform(rows, I),
        "inputBias": uniform(rows),
        "recurrentWeight": uniform(rows, H),
        "recurrentBias": uniform(rows),
        "readoutWeight": uniform(K, C, H),
        "readoutBias": uniform(K, C),
    }


class Network(torch.nn.Module):
    def __init__(self, case, initial, dtype):
        super().__init__()
        self.case = case
        self.cell = CELLS[case.cell](case.inputs, case.units, dtype=dtype)
        with torch.no_grad():
            for name, own in CELL_TENSORS.items():
                getattr(self.cell, own).copy_(torch.tensor(initial[name]))
        # one pair of parameters per head: an unused head has no gradient, and the optimiser passes it by
        for name in HEAD_TENSORS:
            heads = [torch.nn.Parameter(torch.tensor(head, dtype=dtype)) for head in initial[name]]
            setattr(self, name, torch.nn.ParameterList(heads))

    def loss(self, step):
        """Cross-entropy of the last state's read-outs, mean over the batch, sum over the active heads."""
        x, h0 = (torch.tensor(step[name], dtype=self.cell.weight_hh_l0.dtype) for name in ("x", "h0"))
        state = h0.unsqueeze(0)
        states, _ = self.cell(x, (state, torch.zeros_like(state)) if self.case.cell == "lstm" else state)
        cross_entropy = torch.nn.CrossEntropyLoss()
        outputs = [states[-1] @ self.readoutWeight[k].T + self.readoutBias[k] for k in range(step["active"])]
        return sum(cross_entropy(output, label) for output, label in zip(outputs, torch.tensor(step["labels"])))

    def parts(self, name):
        """The tensor or, of heads, tensors that are one of the file's."""
        return list(getattr(self, name)) if name in HEAD_TENSORS else [getattr(self.cell, CELL_TENSORS[name])]

    def export(self, read):
        """Every tensor by name, as read by `read`; heads are stacked."""
        values = {}
        for name in [*CELL_TENSORS, *HEAD_TENSORS]:
            parts = [read(part) for part in self.parts(name)]
            values[name] = (torch.stack(parts) if name in HEAD_TENSORS else parts[0]).numpy().copy()
        return values

    def export_parameters(self):
        return self.export(lambda tensor: tensor.detach())

    def export_gradients(self):
        return self.export(lambda tensor: torch.zeros_like(tensor) if tensor.grad is None else tensor.grad)


def train(case, initial, steps, dtype=torch.float64):
    network = Network(case, initial, dtype)
    optimizer = make_optimizer(case, network)
    losses, norms, gradients, parameters = [], [], [], []
    for step in steps:
        optimizer.zero_grad(set_to_none=True)
        loss = network.loss(step)
        loss.backward()
        gradients.append(network.export_gradients())
        norms.append(torch.nn.utils.clip_grad_norm_(network.parameters(), case.clip_norm).item())
        optimizer.step()
        losses.append(loss.item())
        parameters.append(network.export_parameters())
    return {
        "loss": np.array(losses),
        "gradientNorm": np.array(norms),
        "firstGradient": gradients[0],
        "lastGradient": gradients[-1],
        "afterFirst": parameters[0],
        "afterLast": parameters[-1],
    }


# checks of the golden itself


def check_gradient(case, initial, step, gradient):
    """Compare autograd's gradient of one step with central differences, for every entry of every tensor."""
    epsilon = 1e-6
    network = Network(case, initial, torch.float64)
    worst = 0.0
    with torch.no_grad():
        for name, stored in gradient.items():
            parts = network.parts(name)
            for part, slopes in zip(parts, stored.reshape(len(parts), -1)):
                flat = part.view(-1)
                for i, slope in enumerate(slopes):
                    centre = flat[i].item()
                    flat[i] = centre + epsilon
                    above = network.loss(step).item()
                    flat[i] = centre - epsilon
                    below = network.loss(step).item()
                    flat[i] = centre
                    worst = max(worst, abs((above - below) / (2 * epsilon) - slope))
    assert worst < 1e-8, f"{case.name}: autograd and central differences differ by {worst}"
    return worst


def check_not_degenerate(case, steps, expected):
    for which, step in (("firstGradient", steps[0]), ("lastGradient", steps[-1])):
        for name, gradient in expected[which].items():
            parts = gradient[: step["active"]] if name in HEAD_TENSORS else [gradient]
            assert all(np.any(part) for part in parts), f"{case.name}: {which}.{name} is zero"


def check_float32(case, initial, steps, expected):
    """The largest difference of the same steps in float32, over all losses and the last parameters."""
    single = train(case, initial, steps, torch.float32)
    differences = [single["loss"] - expected["loss"]]
    differences += [single["afterLast"][name] - value for name, value in expected["afterLast"].items()]
    worst = max(np.abs(difference).max() for difference in differences)
    assert worst < FLOAT32_ERROR, f"{case.name}: float32 differs by {worst}"
    return worst


def make_case(number, case):
    seed = 100_000 + 1000 * number
    rng = np.random.default_rng(seed)
    initial = draw_initial(case, rng)
    steps = draw_steps(case, rng)
    expected = train(case, initial, steps)
    check_not_degenerate(case, steps, expected)
    difference_error = check_gradient(case, initial, steps[0], expected["firstGradient"])
    single_error = check_float32(case, initial, steps, expected)
    clipped = int(np.sum(expected["gradientNorm"] > case.clip_norm))
    print(
        f"{number:2d} {case.name:40s} seed {seed:6d}  clipped {clipped:2d}/{STEPS}"
        f"  off by: central differences {difference_error:.0e}, float32 {single_error:.0e}"
    )
    return {
        "name": case.name,
        "seed": seed,
        "cell": case.cell,
        "activation": case.activation,
        "units": case.units,
        "inputs": case.inputs,
        "heads": case.heads,
        "classes": case.classes,
        "batch": case.batch,
        "trainTau": False,
        "optimizer": case.optimizer,
        "clipNorm": case.clip_norm,
        "initial": initial,
        "steps": steps,
        "expected": expected,
    }


def make_provenance(date):
    return {
        "script": "test/golden/gated_training_steps.py",
        "command": f"python3 test/golden/gated_training_steps.py --date {date}",
        "torch": torch.__version__,
        "numpy": np.__version__,
        "date": date,
        "notes": [
            "Computed in float64 by torch.nn.GRU and torch.nn.LSTM, c0 = 0. Parameters and inputs are float32 numbers in"
            " their shortest decimal form: round them to float32 after parsing. Expected values have 9 significant digits.",
            "Rows of weights are PyTorch's: gates r, z, n of the GRU, i, f, g, o of the LSTM.",
            "Gradients and gradientNorm are those before clipping. Clipping is clip_grad_norm_:"
            " times min(1, clipNorm / (norm + 1e-6)).",
            "A head without a gradient is passed by, so that every head has its own count of Adam steps.",
        ],
    }


def main():
    parser = argparse.ArgumentParser(description="Write gated-training-steps.json.")
    parser.add_argument("--date", default=datetime.date.today().isoformat(), help="date in the provenance")
    date = parser.parse_args().date

    torch.set_num_threads(1)
    made = [make_case(number, case) for number, case in enumerate(cases(), 1)]
    OUTPUT.write_text(format_json({"provenance": make_provenance(date), "cases": made}) + "\n")
    print(f"{OUTPUT.name}: {len(made)} cases, {OUTPUT.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
