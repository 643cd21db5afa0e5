"""Ten training steps of small leaky networks, by PyTorch: writes training-steps.json beside this file.

Run        python3 test/golden/training_steps.py [--date YYYY-MM-DD]
           with a python3 that has torch and numpy (Debian: /usr/bin/python3 and apt's python3-torch).
Based on   the equations of Khajehabdollahi et al., ICLR 2024 (arXiv 2309.12927); gradients by autograd.

Why float64: the file is the truth that a float32 implementation is compared with, so that its own rounding
must not count. Every parameter and input is drawn as a float32 number, so both start from the same values.

Sizes: B batch, T steps, H hidden units, I inputs, K heads, C classes.
"""

import argparse
import datetime
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

OUTPUT = Path(__file__).with_name("training-steps.json")
STEPS = 10
SHARED_TENSORS = ["tau", "inputWeight", "inputBias", "recurrentWeight", "recurrentBias"]
HEAD_TENSORS = ["readoutWeight", "readoutBias"]

# a float32 run of these steps strays from float64 by less than FLOAT32_ERROR (checked below: PyTorch's own by
# 3e-7); a pre-activation nearer than KINK_MARGIN to the kink of a rectifier, or a tau as near to the clamp,
# might fall on the other side there, and its gradient would jump
FLOAT32_ERROR = 1e-5
KINK_MARGIN = 3e-5

ACTIVATIONS = {
    "leaky-relu": lambda a: torch.nn.functional.leaky_relu(a, 0.01),
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
}
KINKED = {"leaky-relu", "relu"}


def sgd(learning_rate=0.05, momentum=0.1):
    return {"kind": "sgd", "learningRate": learning_rate, "momentum": momentum}


def adam(learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8):
    return {"kind": "adam", "learningRate": learning_rate, "beta1": beta1, "beta2": beta2, "epsilon": epsilon}


@dataclass
class Case:
    cell: str
    activation: str
    optimizer: dict
    units: int
    batch: int
    heads: int
    active: list  # one number for all steps, or one for each
    lengths: tuple  # shortest and longest sequence
    inputs: int = 1
    classes: int = 2
    real_inputs: bool = False  # else bits in {0, 1}
    train_tau: bool = True
    clip_norm: float = 2.0
    # tau is uniform within a range; unit i takes range i modulo their number
    tau_ranges: list = field(default_factory=lambda: [(1.0, 2.0)])
    suffix: str = ""

    @property
    def name(self):
        return f"{self.cell} {self.activation} {self.optimizer['kind']} H={self.units}{self.suffix}"

    def draw_initial(self, rng):
        return draw_initial(self, rng)

    def draw_steps(self, rng):
        return draw_steps(self, rng)

    def network(self, initial, dtype=torch.float64):
        return Network(self, initial, dtype)


CASES = [
    Case("leaky", "leaky-relu", sgd(), 7, 5, 3, [2], (4, 15)),
    Case("leaky", "tanh", adam(), 16, 8, 3, [3], (4, 15)),
    Case("leaky-outside", "leaky-relu", sgd(), 7, 5, 3, [2], (1, 12)),
    Case("leaky-outside", "tanh", adam(0.01), 17, 3, 2, [2], (4, 15), real_inputs=True),
    Case("leaky-outside", "sigmoid", sgd(0.05, 0.9), 9, 4, 2, [2], (4, 15)),
    Case("leaky-outside", "relu", sgd(0.1, 0.5), 10, 6, 2, [2], (1, 12), clip_norm=1.0),
    Case("leaky", "sigmoid", sgd(0.1, 0.9), 8, 7, 2, [1], (4, 15), clip_norm=1.0),
    Case("leaky", "relu", adam(2e-3, 0.8, 0.99, 1e-6), 11, 9, 2, [2], (4, 15), real_inputs=True),
    Case("leaky", "leaky-relu", sgd(), 8, 6, 2, [2], (4, 15), train_tau=False, suffix=", tau fixed"),
    Case("leaky-outside", "tanh", adam(), 8, 6, 2, [2], (4, 15), train_tau=False, suffix=", tau fixed"),
    Case("leaky", "leaky-relu", sgd(), 8, 6, 3, [3], (4, 15), clip_norm=0.05, suffix=", strong clip"),
    Case("leaky", "leaky-relu", sgd(), 1, 1, 1, [1], (1, 1), real_inputs=True, suffix=", B=1, T=1"),
    Case("leaky-outside", "leaky-relu", sgd(), 1, 1, 1, [1], (1, 1), real_inputs=True, suffix=", B=1, T=1"),
    Case(
        "leaky", "leaky-relu", adam(0.005), 12, 6, 4, [1] * 4 + [2] * 3 + [4] * 3, (4, 15),
        suffix=", growing heads",
    ),
    Case(
        "leaky", "leaky-relu", sgd(), 33, 13, 2, [2], (3, 12),
        tau_ranges=[(0.5, 0.99), (1.0, 3.0), (1.0, 3.0)], suffix=", some tau below 1",
    ),
    # the second range lies within reach of ten steps, so that some tau pass below 1 while training
    Case(
        "leaky-outside", "leaky-relu", adam(0.005), 12, 20, 2, [2], (3, 12),
        inputs=3, classes=5, real_inputs=True,
        tau_ranges=[(0.5, 0.99), (1.005, 1.02), (1.0, 2.0)], suffix=", some tau below 1",
    ),
    Case("leaky", "tanh", sgd(), 6, 2, 2, [2], (40, 60), suffix=", long"),
]  # fmt: skip


# what a case is made of: parameters and steps, all from one seed


def draw_initial(case, rng):
    """Parameters as PyTorch's Linear draws them, U(±1/√fan_in), in float32; the diagonal of W as well."""

    def uniform(fan_in, *shape):
        return rng.uniform(-(fan_in**-0.5), fan_in**-0.5, shape).astype(np.float32)

    H, I, K, C = case.units, case.inputs, case.heads, case.classes
    ranges = np.array([case.tau_ranges[i % len(case.tau_ranges)] for i in range(H)])
    return {
        "tau": rng.uniform(ranges[:, 0], ranges[:, 1]).astype(np.float32),
        "inputWeight": uniform(I, H, I),
        "inputBias": uniform(I, H),
        "recurrentWeight": uniform(H, H, H),
        "recurrentBias": uniform(H, H),
        "readoutWeight": uniform(H, K, C, H),
        "readoutBias": uniform(H, K, C),
    }


def draw_steps(case, rng):
    shortest, longest = case.lengths
    distinct = longest - shortest + 1 >= STEPS
    lengths = rng.choice(np.arange(shortest, longest + 1), STEPS, replace=not distinct)
    steps = []
    for step, length in enumerate(lengths):
        active = case.active[step] if len(case.active) > 1 else case.active[0]
        shape = (length, case.batch, case.inputs)
        x = rng.normal(size=shape) if case.real_inputs else rng.integers(0, 2, shape)
        steps.append(
            {
                "length": int(length),
                "active": active,
                "x": x.astype(np.float32),
                "labels": rng.integers(0, case.classes, (active, case.batch)),
                "h0": rng.uniform(0, 0.1, (case.batch, case.units)).astype(np.float32),
            }
        )
    return steps


# the model


class Network(torch.nn.Module):
    def __init__(self, case, initial, dtype):
        super().__init__()
        self.case = case
        for name in SHARED_TENSORS:
            value = torch.tensor(initial[name], dtype=dtype)
            trained = name != "tau" or case.train_tau
            setattr(self, name, torch.nn.Parameter(value) if trained else value)
        # one pair of parameters per head: an unused head has no gradient, and the optimiser passes it by
        for name in HEAD_TENSORS:
            heads = [torch.nn.Parameter(torch.tensor(head, dtype=dtype)) for head in initial[name]]
            setattr(self, name, torch.nn.ParameterList(heads))

    def time_constants(self):
        return self.tau.detach()

    def clear_diagonal(self):
        with torch.no_grad():
            self.recurrentWeight.fill_diagonal_(0)

    def forward(self, x, h, active):
        """Read-outs of the active heads at the last step, and the smallest |pre-activation| on the way."""
        alpha = 1 / torch.clamp(self.tau, min=1)
        f = ACTIVATIONS[self.case.activation]
        margin = np.inf
        for x_t in x:
            recurrent = h @ self.recurrentWeight.T + self.recurrentBias
            drive = recurrent + x_t @ self.inputWeight.T + self.inputBias
            if self.case.cell == "leaky":
                preactivation = (1 - alpha) * h + alpha * drive
                h = f(preactivation)
            else:
                preactivation = drive
                h = (1 - alpha) * h + alpha * f(preactivation)
            margin = min(margin, preactivation.abs().min().item())
        outputs = [h @ self.readoutWeight[k].T + self.readoutBias[k] for k in range(active)]
        return outputs, margin

    def loss(self, step):
        """Cross-entropy, mean over the batch, sum over the active heads; and the margin from a kink."""
        x, h0 = (torch.tensor(step[name], dtype=self.recurrentWeight.dtype) for name in ("x", "h0"))
        labels = torch.tensor(step["labels"])
        outputs, margin = self(x, h0, step["active"])
        cross_entropy = torch.nn.CrossEntropyLoss()
        return sum(cross_entropy(output, label) for output, label in zip(outputs, labels)), margin

    def export(self, read):
        """Every tensor by name, as read by `read`; heads are stacked."""
        tensors = {name: read(getattr(self, name)) for name in SHARED_TENSORS}
        for name in HEAD_TENSORS:
            tensors[name] = torch.stack([read(head) for head in getattr(self, name)])
        return {name: tensor.numpy().copy() for name, tensor in tensors.items()}

    def export_parameters(self):
        values = self.export(lambda tensor: tensor.detach())
        np.fill_diagonal(values["recurrentWeight"], 0)
        return values

    def export_gradients(self):
        return self.export(lambda tensor: torch.zeros_like(tensor) if tensor.grad is None else tensor.grad)


def make_optimizer(case, network):
    settings = case.optimizer
    trained, rate = network.parameters(), settings["learningRate"]
    if settings["kind"] == "sgd":
        return torch.optim.SGD(trained, lr=rate, momentum=settings["momentum"], nesterov=True)
    betas = (settings["beta1"], settings["beta2"])
    return torch.optim.Adam(trained, lr=rate, betas=betas, eps=settings["epsilon"])


def train(case, initial, steps, dtype=torch.float64):
    """What the ten steps give, and how near they came to a kink of the activation or to the clamp of tau."""
    network = case.network(initial, dtype)
    optimizer = make_optimizer(case, network)
    losses, norms, gradients, parameters = [], [], [], []
    margin = np.inf
    for step in steps:
        network.clear_diagonal()
        optimizer.zero_grad(set_to_none=True)
        loss, kink_margin = network.loss(step)
        loss.backward()
        gradients.append(network.export_gradients())
        norm = torch.nn.utils.clip_grad_norm_(network.parameters(), case.clip_norm)

        margin = min(margin, (network.time_constants() - 1).abs().min().item())
        if case.activation in KINKED:
            margin = min(margin, kink_margin)

        optimizer.step()
        losses.append(loss.item())
        norms.append(norm.item())
        parameters.append(network.export_parameters())
    expected = {
        "loss": np.array(losses),
        "gradientNorm": np.array(norms),
        "firstGradient": gradients[0],
        "lastGradient": gradients[-1],
        "afterFirst": parameters[0],
        "afterLast": parameters[-1],
    }
    return expected, margin


# checks of the golden itself


def is_tau(name):
    """Time constants of any layer."""
    return name.lower().endswith("tau")


def check_gradient(case, initial, step, gradient):
    """Compare autograd's gradient of one step with central differences, for every entry of every tensor."""
    epsilon = 1e-6
    network = case.network(initial)
    network.clear_diagonal()
    worst = 0.0
    with torch.no_grad():
        for name, stored in gradient.items():
            if is_tau(name) and not case.train_tau:
                continue
            tensor = getattr(network, name)
            parts = tensor if name in HEAD_TENSORS else [tensor]
            for part, slopes in zip(parts, stored.reshape(len(parts), -1)):
                flat = part.view(-1)
                for i, slope in enumerate(slopes):
                    centre = flat[i].item()
                    flat[i] = centre + epsilon
                    above = network.loss(step)[0].item()
                    flat[i] = centre - epsilon
                    below = network.loss(step)[0].item()
                    flat[i] = centre
                    worst = max(worst, abs((above - below) / (2 * epsilon) - slope))
    assert worst < 1e-8, f"{case.name}: autograd and central differences differ by {worst}"
    return worst


def check_not_degenerate(case, steps, expected):
    for which, step in (("firstGradient", steps[0]), ("lastGradient", steps[-1])):
        for name, gradient in expected[which].items():
            parts = gradient[: step["active"]] if name in HEAD_TENSORS else [gradient]
            if is_tau(name) and not case.train_tau:
                assert not np.any(gradient), f"{case.name}: {which} of a fixed tau"
            else:
                assert all(np.any(part) for part in parts), f"{case.name}: {which}.{name} is zero"
            if name in HEAD_TENSORS:
                unused = gradient[step["active"] :]
                assert not np.any(unused), f"{case.name}: {which}.{name} of an unused head"


def check_float32(case, initial, steps, expected):
    """The largest difference of the same steps in float32, over all losses and the last parameters."""
    single, _ = train(case, initial, steps, torch.float32)
    differences = [single["loss"] - expected["loss"]]
    differences += [single["afterLast"][name] - value for name, value in expected["afterLast"].items()]
    worst = max(np.abs(difference).max() for difference in differences)
    assert worst < FLOAT32_ERROR, f"{case.name}: float32 differs by {worst}"
    return worst


# the file


def make_case(number, case, first_seed=0):
    """The case for the first of its seeds that keeps clear of the kinks."""
    for attempt in range(1000):
        seed = first_seed + 1000 * number + attempt
        rng = np.random.default_rng(seed)
        initial = case.draw_initial(rng)
        steps = case.draw_steps(rng)
        expected, margin = train(case, initial, steps)
        if margin > KINK_MARGIN:
            break
    else:
        raise RuntimeError(f"{case.name}: no seed keeps clear of the kinks")

    check_not_degenerate(case, steps, expected)
    difference_error = check_gradient(case, initial, steps[0], expected["firstGradient"])
    single_error = check_float32(case, initial, steps, expected)
    clipped = int(np.sum(expected["gradientNorm"] > case.clip_norm))
    print(
        f"{number:2d} {case.name:52s} seed {seed:6d}  clipped {clipped:2d}/{STEPS}  margin {margin:.0e}"
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
        "trainTau": case.train_tau,
        "optimizer": case.optimizer,
        "clipNorm": case.clip_norm,
        "initial": initial,
        "steps": steps,
        "expected": expected,
    }


def make_provenance(date):
    return {
        "script": "test/golden/training_steps.py",
        "command": f"python3 test/golden/training_steps.py --date {date}",
        "torch": torch.__version__,
        "numpy": np.__version__,
        "date": date,
        "notes": [
            "Computed in float64. Parameters and inputs are float32 numbers in their shortest decimal form:"
            " round them to float32 after parsing. Expected values have 9 significant digits.",
            "The diagonal of recurrentWeight is set to zero before every forward pass, while its gradient"
            " counts in the norm, the momentum and the moments. `initial` holds the diagonal as drawn, not"
            " zero; afterFirst and afterLast report it as zero; the gradients report it as it is.",
            "Gradients and gradientNorm are those before clipping. Clipping is clip_grad_norm_:"
            " times min(1, clipNorm / (norm + 1e-6)).",
            "A head without a gradient is passed by, so that every head has its own count of Adam steps.",
            f"Seeds were chosen such that no pre-activation comes within {KINK_MARGIN} of the kink of"
            " leaky-relu or relu, and no tau within that of 1.",
        ],
    }


def format_number(value):
    if value == 0:
        return "0"
    if isinstance(value, np.integer):
        return str(value)
    text = str(value) if isinstance(value, np.float32) else f"{value:.9g}"
    return text[:-2] if text.endswith(".0") else text


def format_json(value, indent=""):
    """JSON with one line per tensor."""
    if isinstance(value, np.ndarray):
        return "[" + ",".join(format_number(entry) for entry in value.ravel()) + "]"
    inner = indent + "  "
    if isinstance(value, dict):
        lines = [f"{inner}{json.dumps(key)}: {format_json(entry, inner)}" for key, entry in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(value, list):
        lines = [inner + format_json(entry, inner) for entry in value]
        return "[\n" + ",\n".join(lines) + f"\n{indent}]"
    return json.dumps(value)


def main():
    parser = argparse.ArgumentParser(description="Write training-steps.json.")
    parser.add_argument("--date", default=datetime.date.today().isoformat(), help="date in the provenance")
    date = parser.parse_args().date

    torch.set_num_threads(1)
    cases = [make_case(number, case) for number, case in enumerate(CASES, 1)]
    OUTPUT.write_text(format_json({"provenance": make_provenance(date), "cases": cases}) + "\n")
    print(f"{OUTPUT.name}: {len(cases)} cases, {OUTPUT.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
