// The matrix products of assembly/gemm.ts over arrays; strides are in floats.

import * as gemm from "../../../assembly/gemm";
import { f32Bytes } from "../../../assembly/simd";

export function outerDepth(): i32 {
  return gemm.OUTER_DEPTH;
}

/** Fills `c` with the product and returns it. */
export function multiplyPanels(
  a: Float32Array,
  lda: i32,
  panels: Float32Array,
  depth: i32,
  c: Float32Array,
  ldc: i32,
  rows: i32,
  columns: i32,
): Float32Array {
  gemm.multiplyPanels(
    a.dataStart,
    f32Bytes(lda),
    panels.dataStart,
    depth,
    c.dataStart,
    f32Bytes(ldc),
    rows,
    columns,
  );
  return c;
}

/** Adds the product to `g` and returns it. */
export function accumulateOuter(
  d: Float32Array,
  x: Float32Array,
  ld: i32,
  count: i32,
  g: Float32Array,
  ldg: i32,
  rows: i32,
  columns: i32,
): Float32Array {
  // what scratch held before must not matter
  const scratch = new Float32Array(gemm.outerScratch(rows)).fill(NaN);
  gemm.accumulateOuter(
    d.dataStart,
    x.dataStart,
    f32Bytes(ld),
    count,
    g.dataStart,
    f32Bytes(ldg),
    rows,
    columns,
    scratch.dataStart,
  );
  return g;
}
