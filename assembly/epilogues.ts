// What becomes of a product in cells whose non-linearity takes it as it is: an activation, or the errors behind one; and
// in gated cells, which store it.

import { Activation, LeakyRelu, Relu, Sigmoid, Tanh, derivativeOf, flush, valueOf } from "./activations";
import { multiply } from "./gemm";
import { Product } from "./tile";

// c ← s
@unmanaged
class Store extends Product {

  @inline
  value(sums: v128, at: usize, column: usize, offset: usize): v128 {
    return sums;
  }
}

// c ← f(s)
@unmanaged
class Activate<F> extends Product {

  @inline
  value(sums: v128, at: usize, column: usize, offset: usize): v128 {
    return valueOf<F>(sums);
  }


  @inline
  isLong(): bool {
    return isDefined(changetype<F>(0).isLong);
  }
}

// c ← s f′(y), y the activation's value at the same place of another matrix; below 2^-100 in size, 0
@unmanaged
class Backpropagate<F> extends Product {
  values: usize;
  tracked: bool;


  @inline
  value(sums: v128, at: usize, column: usize, offset: usize): v128 {
    const y = v128.load(this.values + at + offset);
    return flush(f32x4.mul(sums, derivativeOf<F>(y)));
  }
}

/** C = A · P. */
export function storeProduct(product: Product): void {
  multiply(changetype<Store>(changetype<usize>(product)));
}

/** C = f(A · P). */
export function activateProduct(product: Product, activation: i32): void {
  const operands = changetype<usize>(product);
  if (activation == Activation.LeakyRelu) multiply(changetype<Activate<LeakyRelu>>(operands));
  else if (activation == Activation.Relu) multiply(changetype<Activate<Relu>>(operands));
  else if (activation == Activation.Tanh) multiply(changetype<Activate<Tanh>>(operands));
  else multiply(changetype<Activate<Sigmoid>>(operands));
}

/**
 * C = (A · P) ∘ f′, with f′ taken from the activation's `values`, which lie in memory as C does, and 0 where that is
 * below 2^-100 in size. Returns whether any value is left.
 */
export function backpropagateProduct(product: Product, activation: i32, values: usize): bool {
  const operands = changetype<usize>(product);
  changetype<Backpropagate<Tanh>>(operands).values = values;
  if (activation == Activation.LeakyRelu) return multiply(changetype<Backpropagate<LeakyRelu>>(operands));
  if (activation == Activation.Relu) return multiply(changetype<Backpropagate<Relu>>(operands));
  if (activation == Activation.Tanh) return multiply(changetype<Backpropagate<Tanh>>(operands));
  return multiply(changetype<Backpropagate<Sigmoid>>(operands));
}
