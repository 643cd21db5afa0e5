"""Outputs of networks that were trained by tauscope and exported, computed by PyTorch: weights move both ways.

    npm run build && python3 test/golden/exported_weights.py > test/golden/exported-weights.json

Each network is trained and exported by the command line, its tensors are put into torch.nn.GRU or torch.nn.LSTM as they are,
and its read-outs at every step of one sequence are written down. Made with PyTorch 1.13 (f32), NumPy 1.24.
"""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy
import torch

SETTINGS = {
    "units": 7,
    "batch": 8,
    "updates": 40,
    "testBatches": 2,
    "epochs": 2,
    "maxN": 4,
    "optimizer": "adam",
    "learningRate": 0.01,
    "seed": 5,
}
BITS = [1, 0, 0, 1, 1, 1, 0, 1, 0, 0, 0, 1, 1, 0, 1]
LAYERS = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}


def tauscope(*arguments, directory):
    cli = Path(__file__).resolve().parents[2] / "dist" / "cli.js"
    subprocess.run(["node", cli, *arguments], cwd=directory, check=True, stdout=subprocess.DEVNULL)


def export(cell, directory):
    """Train a network and return its tensors by name."""
    flags = [str(part) for name, value in SETTINGS.items() for part in (flag(name), value)]
    tauscope("train", "--out", "run", "--cell", cell, *flags, directory=directory)
    checkpoint = max(Path(directory, "run", "checkpoints").glob("*.safetensors"), key=lambda path: path.stat().st_mtime)
    tauscope("export", checkpoint, "--to", "npz", "--out", "network.npz", directory=directory)
    return numpy.load(Path(directory, "network.npz"))


def flag(name):
    return "--" + "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)


def outputs(cell, tensors):
    """Logits of every head and class at every step, from h = 0."""
    layer = LAYERS[cell](1, SETTINGS["units"])
    layer.load_state_dict(
        {
            "weight_ih_l0": torch.from_numpy(tensors["input.weight"]),
            "bias_ih_l0": torch.from_numpy(tensors["input.bias"]),
            "weight_hh_l0": torch.from_numpy(tensors["recurrent.weight"]),
            "bias_hh_l0": torch.from_numpy(tensors["recurrent.bias"]),
        }
    )
    with torch.no_grad():
        states, _ = layer(torch.tensor(BITS, dtype=torch.float32)[:, None, None])
        weight, bias = (torch.from_numpy(tensors[f"readout.{name}"]) for name in ("weight", "bias"))
        return torch.einsum("kch,th->tkc", weight, states[:, 0]) + bias


def main():
    cases = []
    for cell in LAYERS:
        with tempfile.TemporaryDirectory() as directory:
            logits = outputs(cell, export(cell, directory))
        cases.append({"cell": cell, "outputs": logits.flatten().tolist()})
    print(json.dumps({"made": "exported_weights.py, 2026-11-20", "settings": SETTINGS, "bits": BITS, "cases": cases}))


main()
