"""Linear algebra in NumPy on request, see ../linear-algebra.ts.

    load OPERATION N PATH    read an n x n matrix; answer: a number that tells that the result was right
    step N                   N times; answer: the milliseconds of each
"""

import sys
import time

import numpy as np

OPERATIONS = {
    "product": (lambda a: a @ a, lambda c: np.abs(c).sum()),
    "qr": (np.linalg.qr, lambda factors: np.abs(np.diag(factors[1])).sum()),
    "eigenvalues": (np.linalg.eigvals, lambda values: np.abs(values).sum()),
    "symmetric": (np.linalg.eigvalsh, lambda values: np.abs(values).sum()),
    "singular": (lambda a: np.linalg.svd(a, compute_uv=False), np.sum),
    "vectors": (np.linalg.svd, lambda factors: factors[1].sum()),
}

matrix = run = None
for line in sys.stdin:
    request, *rest = line.split()
    if request == "load":
        operation, n, path = rest
        matrix = np.fromfile(path, count=int(n) ** 2).reshape(int(n), int(n))
        if operation == "symmetric":
            matrix = matrix + matrix.T
        if operation == "qr":
            # its columns are the core's rows
            matrix = matrix.T.copy()
        run, check = OPERATIONS[operation]
        print(repr(float(check(run(matrix)))), flush=True)
    else:
        times = []
        for _ in range(int(rest[0])):
            began = time.perf_counter()
            run(matrix)
            times.append((time.perf_counter() - began) * 1000)
        print(*times, flush=True)
