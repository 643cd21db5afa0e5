// The matrix products of assembly/gemm.ts over arrays; strides are in floats.

import * as gemm from "../../../assembly/gemm";
import { f32Bytes } from "../../../assembly/simd";
import { Product } from "../../../assembly/tile";

export function outerDepth(): i32 {
  return gemm.OUTER_DEPTH;
}

export function setTallTiles(tall: bool): void {
  gemm.setTallTiles(tall);
}

// c ← s
@unmanaged
class Store extends Product {

  @inline
  value(sums: v128, at: usize, column: usize, offset: usize): v128 {
    return sums;
  }
}

// c ← s + y, and also ← c x, with a matrix y and a row x
@unmanaged
class Both extends Product {
  also: usize;
  y: usize;
  x: usize;
  tracked: bool;


  @inline
  value(sums: v128, at: usize, column: usize, offset: usize): v128 {
    return f32x4.add(sums, v128.load(this.y + at + offset));
  }


  @inline
  second(at: usize, column: usize, offset: usize): v128 {
    return f32x4.mul(v128.load(this.c + at + offset), v128.load(this.x + column + offset));
  }
}

const operands = memory.data(offsetof<Both>(), 16);

/** Fills `c` with the product and returns it. */
export function multiply(
  a: Float32Array,
  lda: i32,
  panels: Float32Array,
  depth: i32,
  c: Float32Array,
  ldc: i32,
  rows: i32,
  columns: i32,
): Float32Array {
  const product = changetype<Store>(operands);
  product.set(a.dataStart, f32Bytes(lda), panels.dataStart, depth, c.dataStart, f32Bytes(ldc), rows, columns);
  gemm.multiply(product);
  return c;
}

let left = false;

/** Fills the first half of `c` with the product plus `y`, the second half with that times `x`, and returns it. */
export function multiplyBoth(
  a: Float32Array,
  lda: i32,
  panels: Float32Array,
  depth: i32,
  c: Float32Array,
  ldc: i32,
  rows: i32,
  columns: i32,
  y: Float32Array,
  x: Float32Array,
): Float32Array {
  const product = changetype<Both>(operands);
  product.set(a.dataStart, f32Bytes(lda), panels.dataStart, depth, c.dataStart, f32Bytes(ldc), rows, columns);
  product.also = c.dataStart + f32Bytes(c.length / 2);
  product.y = y.dataStart;
  product.x = x.dataStart;
  left = gemm.multiply(product);
  return c;
}

/** What the last `multiplyBoth` answered: whether any sum had a bit set. */
export function leftBits(): bool {
  return left;
}

/** Adds the product to `g` and returns it. */
export function accumulateOuter(
  d: Float32Array,
  ldd: i32,
  x: Float32Array,
  ldx: i32,
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
    f32Bytes(ldd),
    x.dataStart,
    f32Bytes(ldx),
    count,
    g.dataStart,
    f32Bytes(ldg),
    rows,
    columns,
    scratch.dataStart,
  );
  return g;
}
