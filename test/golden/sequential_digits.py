"""Images resized and made a sequence, by PyTorch: writes sequential-digits.json beside this file.

Run        python3 test/golden/sequential_digits.py [--date YYYY-MM-DD]
           with a python3 that has torch and numpy (Debian: /usr/bin/python3 and apt's python3-torch).
Based on   Khajehabdollahi et al., ICLR 2024, released code get_smnist_batch: ToTensor and Normalize((0.5,), (0.5,)), then
           interpolate(mode="bilinear"), then pad with M1 and M2 rows, then flattened.

Two images of 28 x 28 bytes: one of noise, and a smooth one that reaches the edges, with 0 and 255 among them. In float64:
PyTorch's float32 loses up to 4e-6 where it computes which pixels a new one lies between.
"""

import argparse
import datetime
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

OUTPUT = Path(__file__).with_name("sequential-digits.json")
SIDE = 28
# side, rows before, rows behind
SHAPES = [(5, 0, 2), (6, 1, 1), (13, 4, 5), (28, 3, 20), (31, 0, 2)]


def make_images():
    rng = np.random.default_rng(20261120)
    noise = rng.integers(0, 256, (SIDE, SIDE))
    y, x = np.mgrid[:SIDE, :SIDE] / (SIDE - 1)
    waves = np.sin(7 * x + 2 * y) * np.cos(5 * y - 3 * x * y)
    smooth = np.round(255 * (waves - waves.min()) / (waves.max() - waves.min())).astype(int)
    noise[0, 0], noise[-1, -1] = 0, 255
    return np.stack([noise, smooth]).astype(np.uint8)


def main():
    parser = argparse.ArgumentParser(description="Write sequential-digits.json.")
    parser.add_argument("--date", default=datetime.date.today().isoformat(), help="date in the provenance")
    date = parser.parse_args().date

    torch.set_num_threads(1)
    images = make_images()
    assert images.min() == 0 and images.max() == 255
    scaled = (torch.tensor(images)[:, None].to(torch.float64).div(255) - 0.5) / 0.5
    cases = []
    for side, before, behind in SHAPES:
        resized = F.interpolate(scaled, size=(side, side), mode="bilinear")
        sequences = F.pad(resized, (0, 0, before, behind)).reshape(len(images), -1)
        values = [[float(f"{value:.9g}") for value in sequence.tolist()] for sequence in sequences]
        cases.append({"side": side, "before": before, "behind": behind, "sequences": values})
    provenance = {
        "script": "test/golden/sequential_digits.py",
        "command": f"python3 test/golden/sequential_digits.py --date {date}",
        "torch": torch.__version__,
        "numpy": np.__version__,
        "date": date,
    }
    lines = ",\n".join(json.dumps(case) for case in cases)
    head = f'"provenance": {json.dumps(provenance)},\n"images": {json.dumps(images.reshape(2, -1).tolist())}'
    OUTPUT.write_text(f'{{{head},\n"cases": [\n{lines}\n]}}\n')
    print(f"{OUTPUT.name}: {len(cases)} cases, {OUTPUT.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
