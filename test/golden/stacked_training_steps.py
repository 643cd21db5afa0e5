"""Ten training steps of small networks with several leaky layers, by PyTorch: writes stacked-training-steps.json beside this file.

Run        python3 test/golden/stacked_training_steps.py [--date YYYY-MM-DD]
           with a python3 that has torch and numpy (Debian: /usr/bin/python3 and apt's python3-torch).
Based on   the equations of training_steps.py, layer after layer: a layer takes the new state of the one below as its input,
           as the layers of torch.nn.RNN do; gradients by autograd.

In float64 and from float32 numbers, for the reasons given in training_steps.py, whose batches, optimisers, checks and
format it takes.
"""

import argparse
import datetime
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

import training_steps
from training_steps import (
    ACTIVATIONS,
    HEAD_TENSORS,
    SHARED_TENSORS,
    Case,
    adam,
    format_json,
    is_tau,
    make_case,
    sgd,
)

OUTPUT = Path(__file__).with_name("stacked-training-steps.json")
FIRST_SEED = 200_000


def tensor_name(layer, name):
    """As in the first layer, or with the layer's number, counted from 1."""
    return name if layer == 1 else f"layer{layer}{name[0].upper()}{name[1:]}"


@dataclass
class Stack(Case):
    layers: int = 2

    @property
    def name(self):
        return f"{super().name}, {self.layers} layers"

    def draw_initial(self, rng):
        """The parameters of each layer as training_steps.py draws them; a layer above the first has H inputs."""
        initial = {}
        for layer in range(1, self.layers + 1):
            drawn = training_steps.draw_initial(self if layer == 1 else replace(self, inputs=self.units), rng)
            initial |= {tensor_name(layer, name): drawn[name] for name in SHARED_TENSORS}
        # heads of the last
        return initial | {name: drawn[name] for name in HEAD_TENSORS}

    def draw_steps(self, rng):
        """Batches with the initial states of all layers, one beside the other."""
        return training_steps.draw_steps(replace(self, units=self.units * self.layers), rng)

    def network(self, initial, dtype=torch.float64):
        return Network(self, initial, dtype)


SOME_BELOW_1 = [(0.5, 0.99), (1.005, 1.02), (1.0, 2.0)]
CASES = [
    Stack("leaky", "tanh", sgd(0.1, 0.9), 5, 3, 3, [2], (4, 15), layers=3),
    Stack("leaky", "leaky-relu", adam(0.01), 5, 1, 3, [1] * 4 + [2] * 3 + [3] * 3, (1, 12), layers=2, suffix=", growing heads"),
    Stack("leaky", "sigmoid", sgd(), 5, 1, 1, [1], (1, 1), real_inputs=True, suffix=", B=1, T=1"),
    Stack("leaky-outside", "tanh", sgd(0.1, 0.5), 5, 3, 2, [2], (40, 50), layers=3, clip_norm=0.05, suffix=", long, strong clip"),
    Stack("leaky-outside", "relu", adam(0.005), 5, 3, 2, [2], (4, 15), inputs=2, classes=3, tau_ranges=SOME_BELOW_1,
          suffix=", some tau below 1"),
    Stack("leaky-outside", "sigmoid", sgd(), 5, 3, 2, [2], (1, 1), layers=3, train_tau=False, suffix=", T=1, tau fixed"),
    Stack("leaky-outside", "tanh", adam(), 37, 3, 1, [1], (2, 5), real_inputs=True),
]  # fmt: skip


class Network(training_steps.Network):
    """The network of training_steps.py, layer by layer."""

    def __init__(self, case, initial, dtype):
        torch.nn.Module.__init__(self)
        self.case = case
        for name, value in initial.items():
            if name in HEAD_TENSORS:
                heads = [torch.nn.Parameter(torch.tensor(head, dtype=dtype)) for head in value]
                setattr(self, name, torch.nn.ParameterList(heads))
            else:
                tensor = torch.tensor(value, dtype=dtype)
                trained = not is_tau(name) or case.train_tau
                setattr(self, name, torch.nn.Parameter(tensor) if trained else tensor)

    def of_layers(self, name):
        return [getattr(self, tensor_name(layer, name)) for layer in range(1, self.case.layers + 1)]

    def time_constants(self):
        return torch.cat(self.of_layers("tau")).detach()

    def clear_diagonal(self):
        with torch.no_grad():
            for weight in self.of_layers("recurrentWeight"):
                weight.fill_diagonal_(0)

    def forward(self, x, h, active):
        """Read-outs of the active heads at the last step, and the smallest |pre-activation| on the way."""
        f = ACTIVATIONS[self.case.activation]
        states = list(torch.split(h, self.case.units, dim=1))
        layers = list(zip(*(self.of_layers(name) for name in SHARED_TENSORS)))
        margin = np.inf
        for entry in x:
            for l, (tau, input_weight, input_bias, recurrent_weight, recurrent_bias) in enumerate(layers):
                alpha = 1 / torch.clamp(tau, min=1)
                drive = states[l] @ recurrent_weight.T + recurrent_bias + entry @ input_weight.T + input_bias
                if self.case.cell == "leaky":
                    preactivation = (1 - alpha) * states[l] + alpha * drive
                    entry = f(preactivation)
                else:
                    preactivation = drive
                    entry = (1 - alpha) * states[l] + alpha * f(preactivation)
                states[l] = entry
                margin = min(margin, preactivation.abs().min().item())
        outputs = [entry @ self.readoutWeight[k].T + self.readoutBias[k] for k in range(active)]
        return outputs, margin

    def export(self, read):
        names = [tensor_name(layer, name) for layer in range(1, self.case.layers + 1) for name in SHARED_TENSORS]
        tensors = {name: read(getattr(self, name)) for name in names}
        for name in HEAD_TENSORS:
            tensors[name] = torch.stack([read(head) for head in getattr(self, name)])
        return {name: tensor.numpy().copy() for name, tensor in tensors.items()}

    def export_parameters(self):
        values = self.export(lambda tensor: tensor.detach())
        for name, value in values.items():
            if name.lower().endswith("recurrentweight"):
                np.fill_diagonal(value, 0)
        return values


def make_layers(number, case):
    made = make_case(number, case, FIRST_SEED)
    return made | {"layers": case.layers}


def make_provenance(date):
    provenance = training_steps.make_provenance(date)
    script = "test/golden/stacked_training_steps.py"
    layers = (
        "A tensor of a layer above the first has the layer's number, counted from 1, before its name, as in layer2Tau; h0 holds"
        " the states of all layers, one beside the other."
    )
    return {
        **provenance,
        "script": script,
        "command": f"python3 {script} --date {date}",
        "notes": [*provenance["notes"], layers],
    }


def main():
    parser = argparse.ArgumentParser(description="Write stacked-training-steps.json.")
    parser.add_argument("--date", default=datetime.date.today().isoformat(), help="date in the provenance")
    date = parser.parse_args().date

    torch.set_num_threads(1)
    made = [make_layers(number, case) for number, case in enumerate(CASES, 1)]
    OUTPUT.write_text(format_json({"provenance": make_provenance(date), "cases": made}) + "\n")
    print(f"{OUTPUT.name}: {len(made)} cases, {OUTPUT.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
