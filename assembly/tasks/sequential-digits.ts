// Sequential digits: which digit was shown, pixel by pixel, some rows ago?
//
// Based on  Khajehabdollahi et al., ICLR 2024, released code get_smnist_batch: images scaled to -1 … 1, resized, with
//           rows of zeros before and behind them, as many for all sequences of a batch.
//           PyTorch 1.13, interpolate(mode="bilinear"): pixels have their centres at halves, and no low-pass filter.

import { Plan } from "../plan";
import { drawBits, drawInteger, foldIn } from "../rng";
import { f32Bytes } from "../simd";

// pixels of a side
const SIDE: i32 = 28;

/**
 * Draw a batch of T steps: `count` images (count, 28, 28) and their labels (count) are bytes, drawn with replacement and
 * resized to `side` pixels; blank rows fill up the steps, at least one behind the image.
 */
export function drawSequentialDigits(
  plan: Plan,
  key: u64,
  T: i32,
  side: i32,
  images: usize,
  labels: usize,
  count: i32,
): void {
  const B = plan.B;
  const choice = foldIn(key, 0);
  // which image it is stands where its label will
  for (let b = 0; b < B; b++) {
    const image = (<u64>drawBits(choice, b) * <u64>count) >> 32;
    store<i32>(plan.labels + f32Bytes(b), <i32>image);
  }
  const above = drawInteger(foldIn(key, 1), 0, T / side - side - 1);
  memory.fill(plan.inputs, 0, f32Bytes(T * B));
  resize(plan, side, images, plan.inputs + f32Bytes(above * side * B));
  for (let b = 0; b < B; b++) {
    const label = plan.labels + f32Bytes(b);
    store<i32>(label, <i32>load<u8>(labels + load<i32>(label)));
  }
}

// the images that stand in the labels, as (side, side, B)
function resize(plan: Plan, side: i32, images: usize, target: usize): void {
  const spacing = 2 * side;
  for (let y = 0; y < side; y++) {
    const row = centre(y, side);
    const upper = row / spacing;
    const lower = min(upper + 1, SIDE - 1);
    const down: f32 = <f32>(row % spacing) / <f32>spacing;
    const up: f32 = 1 - down;
    for (let x = 0; x < side; x++) {
      const column = centre(x, side);
      const left = column / spacing;
      const right = min(left + 1, SIDE - 1);
      const across: f32 = <f32>(column % spacing) / <f32>spacing;
      const near: f32 = 1 - across;
      for (let b = 0; b < plan.B; b++, target += 4) {
        const image = images + load<i32>(plan.labels + f32Bytes(b)) * SIDE * SIDE;
        const above = near * pixel(image, upper, left) + across * pixel(image, upper, right);
        const below = near * pixel(image, lower, left) + across * pixel(image, lower, right);
        store<f32>(target, up * above + down * below);
      }
    }
  }
}

// where the centre of pixel i of `side` lies among those of the image, times 2 `side`: a whole number
function centre(i: i32, side: i32): i32 {
  return max(SIDE * (2 * i + 1) - side, 0);
}

// @ts-ignore: decorator
@inline
function pixel(image: usize, row: i32, column: i32): f32 {
  return (<f32>load<u8>(image + row * SIDE + column) / 255 - 0.5) / 0.5;
}
