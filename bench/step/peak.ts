// The most that 128-bit instructions can do without fused multiply-add: as many products and sums as a processor takes,
// with operands from the first cache and no sum that waits for another of its step.

const FIRST: usize = 4096;
const VECTORS: usize = 1000;

/** 64 operations in each of 1000 n turns; the memory should hold numbers around 0.5. */
export function run(n: i32): f32 {
  let s0 = f32x4.splat(0),
    s1 = s0,
    s2 = s0,
    s3 = s0,
    s4 = s0,
    s5 = s0,
    s6 = s0,
    s7 = s0;
  for (let i = 0; i < n; i++) {
    let at = FIRST;
    do {
      const x0 = v128.load(at),
        x1 = v128.load(at, 16),
        x2 = v128.load(at, 32),
        x3 = v128.load(at, 48);
      s0 = f32x4.add(s0, f32x4.mul(x0, x0));
      s1 = f32x4.add(s1, f32x4.mul(x1, x1));
      s2 = f32x4.add(s2, f32x4.mul(x2, x2));
      s3 = f32x4.add(s3, f32x4.mul(x3, x3));
      s4 = f32x4.add(s4, f32x4.mul(x0, x1));
      s5 = f32x4.add(s5, f32x4.mul(x1, x2));
      s6 = f32x4.add(s6, f32x4.mul(x2, x3));
      s7 = f32x4.add(s7, f32x4.mul(x0, x2));
      at += 16;
    } while (at < FIRST + 16 * VECTORS);
  }
  s0 = f32x4.add(
    f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)),
    f32x4.add(f32x4.add(s4, s5), f32x4.add(s6, s7)),
  );
  return f32x4.extract_lane(s0, 0);
}
