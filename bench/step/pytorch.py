"""Training steps in PyTorch, on request, for the benchmarks of a training step.

    python3 bench/step/pytorch.py FORMULATION THREADS

FORMULATION is `stock`, the model as its authors wrote it (two linear layers and the leak, some ten operations per time
step), or `best`: leak and 1/tau folded into one matrix per training step, and one addmm and one leaky_relu per time step.
The other cells are torch.nn.GRU and torch.nn.LSTM in both.

Requests come as lines, and each is answered by one:

    load CELL PATH H B T K    read parameters and a batch; answer: loss and gradient norm
    step N                    train N steps on it; answer: the milliseconds of each
"""

import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional


class Network(nn.Module):
    """Leaky units, the leak inside the non-linearity, and K read-out heads of two classes."""

    def __init__(self, parameters, units, heads):
        super().__init__()
        self.tau = nn.Parameter(parameters.take(units))
        self.input = linear(parameters, units, 1)
        self.recurrent = linear(parameters, units, units)
        self.readouts = nn.ModuleList(linear(parameters, 2, units) for _ in range(heads))

    def forward(self, inputs, h, formulation):
        with torch.no_grad():
            self.recurrent.weight.fill_diagonal_(0)
        alpha = 1 / torch.clamp(self.tau, min=1)
        h = self.run_stock(inputs, h, alpha) if formulation == "stock" else self.run_best(inputs, h, alpha)
        return [readout(h) for readout in self.readouts]

    def run_stock(self, inputs, h, alpha):
        for x in inputs:
            h = functional.leaky_relu((1 - alpha) * h + alpha * (self.recurrent(h) + self.input(x)))
        return h

    def run_best(self, inputs, h, alpha):
        matrix = (alpha[:, None] * self.recurrent.weight + torch.diag(1 - alpha)).t()
        drive = inputs @ (alpha[:, None] * self.input.weight).t()
        drive = drive + alpha * (self.recurrent.bias + self.input.bias)
        for c in drive.unbind(0):
            h = functional.leaky_relu(torch.addmm(c, h, matrix))
        return h


class GatedNetwork(nn.Module):
    """PyTorch's GRU or LSTM, and K read-out heads of two classes."""

    def __init__(self, cell, parameters, units, heads):
        super().__init__()
        self.cell = {"gru": nn.GRU, "lstm": nn.LSTM}[cell](1, units)
        rows = self.cell.bias_ih_l0.numel()
        self.cell.weight_ih_l0 = nn.Parameter(parameters.take(rows, 1))
        self.cell.bias_ih_l0 = nn.Parameter(parameters.take(rows))
        self.cell.weight_hh_l0 = nn.Parameter(parameters.take(rows, units))
        self.cell.bias_hh_l0 = nn.Parameter(parameters.take(rows))
        self.readouts = nn.ModuleList(linear(parameters, 2, units) for _ in range(heads))

    def forward(self, inputs, h, _):
        h = h[None]
        states, _ = self.cell(inputs, (h, torch.zeros_like(h)) if isinstance(self.cell, nn.LSTM) else h)
        return [readout(states[-1]) for readout in self.readouts]


def linear(parameters, rows, columns):
    layer = nn.Linear(columns, rows)
    layer.weight = nn.Parameter(parameters.take(rows, columns))
    layer.bias = nn.Parameter(parameters.take(rows))
    return layer


class File:
    """Tensors one behind the other in a file."""

    def __init__(self, path):
        self.bytes = open(path, "rb").read()
        self.position = 0

    def take(self, *shape, dtype="<f4"):
        count = int(numpy.prod(shape))
        values = numpy.frombuffer(self.bytes, dtype, count, self.position)
        self.position += 4 * count
        return torch.from_numpy(values.reshape(shape).copy())


class Training:
    def __init__(self, cell, path, units, batch, steps, heads, formulation):
        file = File(path)
        self.formulation = formulation
        # the file has the input layer in front of the recurrent one, and each weight in front of its bias
        self.network = Network(file, units, heads) if cell == "leaky" else GatedNetwork(cell, file, units, heads)
        self.inputs = file.take(steps, batch, 1)
        self.labels = file.take(heads, batch, dtype="<i4").long()
        self.state = file.take(batch, units)
        self.optimizer = torch.optim.SGD(self.network.parameters(), lr=0.05, momentum=0.1, nesterov=True)

    def gradient(self):
        logits = self.network(self.inputs, self.state, self.formulation)
        loss = sum(functional.cross_entropy(o, y) for o, y in zip(logits, self.labels))
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        return loss.item(), nn.utils.clip_grad_norm_(self.network.parameters(), 2.0).item()

    def step(self):
        self.gradient()
        self.optimizer.step()


def main():
    formulation, threads = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(threads)
    training = None
    for line in sys.stdin:
        command, *rest = line.split()
        if command == "load":
            cell, path, *sizes = rest
            training = Training(cell, path, *map(int, sizes), formulation)
            print(*training.gradient(), flush=True)
        else:
            times = []
            for _ in range(int(rest[0])):
                began = time.perf_counter()
                training.step()
                times.append(1000 * (time.perf_counter() - began))
            print(*(f"{t:.4f}" for t in times), flush=True)


if __name__ == "__main__":
    main()
