// The discrete Fourier transform of complex f64 values, in place.
//
// Based on  Cooley and Tukey, "An algorithm for the machine calculation of complex Fourier series" (1965): radix 2,
//           decimation in time.
//
// Order: bits of the indices reversed, then stages of 2, 4, 8 … n; in each the butterflies of a block from its first.
// A complex value is two f64, real part first; so is a twiddle factor, which is taken from a table and never multiplied up.

// bytes of a complex value
const COMPLEX: usize = 16;

/** Write the n / 2 factors e^(-2πi k/n) that `fft` takes. */
export function fillTwiddles(twiddles: usize, n: i32): void {
  for (let k = 0; k < n >> 1; k++) {
    const angle = (-2 * Math.PI * k) / n;
    const at = twiddles + <usize>k * COMPLEX;
    store<f64>(at, Math.cos(angle));
    store<f64>(at, Math.sin(angle), 8);
  }
}

/** X_k ← Σ_t x_t e^(-2πi kt/n) over the n complex values at `data`, for n a power of two. */
export function fft(data: usize, n: i32, twiddles: usize): void {
  reverseBits(data, n);
  for (let size = 2; size <= n && size > 0; size <<= 1) {
    const half = size >> 1;
    const stride = <usize>(n / size) * COMPLEX;
    const apart = <usize>half * COMPLEX;
    for (let first = 0; first < n; first += size) {
      let even = data + <usize>first * COMPLEX;
      let twiddle = twiddles;
      for (let k = 0; k < half; k++) {
        butterfly(even, even + apart, v128.load(twiddle));
        even += COMPLEX;
        twiddle += stride;
      }
    }
  }
}

// even, odd ← even + w odd, even - w odd
// @ts-ignore: decorator
@inline
function butterfly(even: usize, odd: usize, w: v128): void {
  const a = v128.load(even);
  const b = v128.load(odd);
  // (br wr - bi wi, bi wr + br wi)
  const direct = f64x2.mul(b, f64x2.splat(f64x2.extract_lane(w, 0)));
  const swapped = i64x2.shuffle(b, b, 1, 0);
  const wi = f64x2.extract_lane(w, 1);
  const crossed = f64x2.mul(swapped, f64x2(-wi, wi));
  const product = f64x2.add(direct, crossed);
  v128.store(even, f64x2.add(a, product));
  v128.store(odd, f64x2.sub(a, product));
}

function reverseBits(data: usize, n: i32): void {
  let reversed = 0;
  for (let i = 1; i < n; i++) {
    // count upwards from the highest bit
    let bit = n >> 1;
    while (reversed & bit) {
      reversed ^= bit;
      bit >>= 1;
    }
    reversed |= bit;
    if (i >= reversed) continue;
    const a = data + <usize>i * COMPLEX;
    const b = data + <usize>reversed * COMPLEX;
    const kept = v128.load(a);
    v128.store(a, v128.load(b));
    v128.store(b, kept);
  }
}
