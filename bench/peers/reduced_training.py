"""The reduced parity training (128 units, batches of 64, 100 updates per epoch) in PyTorch.

A second implementation to compare the spread over seeds with: how many N are solved by epoch 44.

    OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 python3 bench/peers/reduced_training.py multi 0 12

trains one network per seed, and prints the epoch at which each N was solved, one JSON line per seed.
"""

import json
import sys

import torch
from torch import nn

UNITS, BATCH, UPDATES, TEST_BATCHES, EPOCHS, HEADS = 128, 64, 100, 50, 44, 40


class LeakyNetwork(nn.Module):
    """Leaky units, the leak inside the non-linearity, and one read-out per head."""

    def __init__(self):
        super().__init__()
        self.input = nn.Linear(1, UNITS)
        self.recurrent = nn.Linear(UNITS, UNITS)
        self.tau = nn.Parameter(1 + torch.rand(UNITS))
        self.readouts = nn.ModuleList(nn.Linear(UNITS, 2) for _ in range(HEADS))

    def forward(self, bits, active):
        with torch.no_grad():
            self.recurrent.weight.fill_diagonal_(0)
        alpha = 1 / torch.clamp(self.tau, min=1)
        h = 0.1 * torch.rand(bits.shape[1], UNITS)
        for x in bits:
            h = nn.functional.leaky_relu((1 - alpha) * h + alpha * (self.recurrent(h) + self.input(x)))
        return [self.readouts[k](h) for k in range(active)]


def draw(lengths):
    """A batch of bits (T, B, 1), and the parity of the last N of them for each N."""
    longest = max(lengths)
    steps = int(torch.randint(longest + 2, 4 * longest + 2, ()))
    bits = (torch.rand(steps, BATCH) < torch.rand(BATCH)).float()
    return bits[..., None], [bits[-n:].sum(0).long() % 2 for n in lengths]


def accuracy(network, lengths):
    right = torch.zeros(len(lengths))
    with torch.no_grad():
        for _ in range(TEST_BATCHES):
            bits, labels = draw(lengths)
            logits = network(bits, len(lengths))
            right += torch.stack([(o.argmax(1) == y).float().mean() for o, y in zip(logits, labels)])
    return right / TEST_BATCHES


def train(curriculum, seed):
    """Epoch at which each N was solved."""
    torch.manual_seed(seed)
    network = LeakyNetwork()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.1, nesterov=True)
    lengths, solved = [2], {}
    for epoch in range(1, EPOCHS + 1):
        for _ in range(UPDATES):
            bits, labels = draw(lengths)
            logits = network(bits, len(lengths))
            loss = sum(nn.functional.cross_entropy(o, y) for o, y in zip(logits, labels))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 2.0)
            optimizer.step()
        result = accuracy(network, lengths)
        if result.mean() > 0.98 and result[-1] > 0.98:
            newest = lengths[-1]
            solved[newest] = epoch
            lengths = [*lengths, newest + 1] if curriculum == "multi" else [newest + 1]
    return solved


if __name__ == "__main__":
    torch.set_num_threads(1)
    kind, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    for seed in range(first, last):
        print(json.dumps({"curriculum": kind, "seed": seed, "solvedAt": train(kind, seed)}), flush=True)
