//! Single-precision sine and cosine with the bits of glibc 2.28 and later: what programs in C on Linux compute.
//!
//! Everything inside is in double precision with separate multiplications and additions; that glibc fuses some of
//! them on newer processors is never seen after the rounding to single precision. The method is that of ARM's
//! optimized-routines (MIT licence): a quarter turn is taken off as often as it fits, and one of two polynomials
//! does the rest.

/// Coefficients of `x^3`, `x^5` and `x^7` of the sine.
const SINE: [f64; 3] = [
    f64::from_bits(0xBFC5_5554_5995_A603),
    f64::from_bits(0x3F81_1076_0523_0BC4),
    f64::from_bits(0xBF29_94EB_3774_CF24),
];
/// Coefficients of the even powers of the cosine.
const COSINE: [f64; 5] = [
    1.0,
    f64::from_bits(0xBFDF_FFFF_FD0C_621C),
    f64::from_bits(0x3FA5_5553_E106_8F19),
    f64::from_bits(0xBF56_C087_E89A_359D),
    f64::from_bits(0x3EF9_9343_027B_F8C3),
];
/// `2^24 * 2 / pi`
const QUARTERS_IN_RADIAN: f64 = f64::from_bits(0x4164_5F30_6DC9_C883);
/// `pi / 2`
const QUARTER: f64 = f64::from_bits(0x3FF9_21FB_5444_2D18);
/// `2^-62 * pi / 2`
const QUARTER_OF_LARGE: f64 = f64::from_bits(0x3C19_21FB_5444_2D18);
/// The binary digits of `4 / pi`: each word begins 8 digits after the one before.
const FOUR_OVER_PI: [u32; 24] = [
    0x0000_00A2,
    0x0000_A2F9,
    0x00A2_F983,
    0xA2F9_836E,
    0xF983_6E4E,
    0x836E_4E44,
    0x6E4E_4415,
    0x4E44_1529,
    0x4415_29FC,
    0x1529_FC27,
    0x29FC_2757,
    0xFC27_57D1,
    0x2757_D1F5,
    0x57D1_F534,
    0xD1F5_34DD,
    0xF534_DDC0,
    0x34DD_C0DB,
    0xDDC0_DB62,
    0xC0DB_6295,
    0xDB62_9599,
    0x6295_993C,
    0x9599_3C43,
    0x993C_4390,
    0x3C43_9041,
];

/// The top 12 bits of a magnitude, sign left out: what ranges are told apart by.
const fn top(x: f32) -> u32 {
    (x.to_bits() >> 20) & 0x7FF
}

const QUARTER_PI: u32 = top(core::f32::consts::FRAC_PI_4);
const TINY: u32 = top(1.0 / 4096.0);
const LARGE: u32 = top(120.0);
const INFINITE: u32 = top(f32::INFINITY);

/// glibc's `sinf(x)` and `cosf(x)`, an angle in radians; both are NaN where `x` is not finite.
#[inline]
pub fn glibc_sin_cos_f32(x: f32) -> (f32, f32) {
    let y = f64::from(x);
    let magnitude = top(x);
    if magnitude < QUARTER_PI {
        return if magnitude < TINY { (x, 1.0) } else { (sine(y), cosine(y * y, 1.0)) };
    }
    if magnitude < LARGE {
        // Rounds the number of quarters to nearest, in fixed point with 24 binary digits.
        let quarters = ((y * QUARTERS_IN_RADIAN) as i32).wrapping_add(0x80_0000) >> 24;
        return of_quarter(y - f64::from(quarters) * QUARTER, quarters as u32, quarters as u32);
    }
    if magnitude < INFINITE {
        let (rest, quarters) = reduced(x.to_bits());
        return of_quarter(rest, quarters, quarters.wrapping_add(x.to_bits() >> 31));
    }
    (f32::NAN, f32::NAN)
}

/// Sine and cosine of `rest` after `quarters` quarter turns; `signed` carries the sign of a magnitude too.
#[inline]
fn of_quarter(rest: f64, quarters: u32, signed: u32) -> (f32, f32) {
    let sign = if (signed ^ (signed >> 1)) & 1 == 0 { 1.0 } else { -1.0 };
    let flipped = if signed & 2 == 0 { 1.0 } else { -1.0 };
    let odd = sine(rest * sign);
    let even = cosine(rest * rest, flipped);
    if quarters & 1 == 0 { (odd, even) } else { (even, odd) }
}

#[inline]
fn sine(x: f64) -> f32 {
    let square = x * x;
    let cube = x * square;
    let high = SINE[1] + square * SINE[2];
    let seventh = cube * square;
    let low = x + cube * SINE[0];
    (low + seventh * high) as f32
}

/// `sign` is 1 or -1 and multiplies every coefficient.
#[inline]
fn cosine(square: f64, sign: f64) -> f32 {
    let fourth = square * square;
    let high = COSINE[3] + square * COSINE[4];
    let middle = COSINE[0] + square * COSINE[1];
    let sixth = fourth * square;
    let low = middle + fourth * COSINE[2];
    ((low + sixth * high) * sign) as f32
}

/// The angle with these bits, of at least 120 in magnitude: what is left of the magnitude after whole quarters,
/// and their number. Payne and Hanek (1983): only those digits of `4 / pi` that matter are multiplied.
fn reduced(bits: u32) -> (f64, u32) {
    let first = (bits >> 26 & 15) as usize;
    let mantissa = ((bits & 0x00FF_FFFF) | 0x0080_0000) << (bits >> 23 & 7);
    let [high, middle, low] = [0, 4, 8].map(|word| FOUR_OVER_PI[first + word]);
    let wide = |word: u32| u64::from(mantissa) * u64::from(word);
    let top = u64::from(mantissa.wrapping_mul(high)) << 32;
    let product = (top | (wide(low) >> 32)).wrapping_add(wide(middle));
    let quarters = product.wrapping_add(1 << 61) >> 62;
    let rest = product.wrapping_sub(quarters << 62) as i64;
    (rest as f64 * QUARTER_OF_LARGE, quarters as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits of x and of glibc 2.36's `sinf(x)` and `cosf(x)`, one for each way through.
    #[test]
    fn sine_and_cosine_equal_glibc() {
        for [x, sine, cosine] in [
            [0xB5A5_644B, 0xB5A5_644B, 0x3F80_0000],
            [0x3B9B_52FE, 0x3B9B_52D8, 0x3F7F_FF44],
            [0x4191_41B1, 0xBF23_7153, 0x3F45_08C4],
            [0xC191_41B1, 0x3F23_7153, 0x3F45_08C4],
            [0x4787_3064, 0x3F6F_B085, 0x3EB3_D520],
            [0xC787_3064, 0xBF6F_B085, 0x3EB3_D520],
            [0xFD2C_94AF_u32, 0x3F74_5AEF, 0xBE98_A9D4],
        ] {
            let got = glibc_sin_cos_f32(f32::from_bits(x));
            assert_eq!((got.0.to_bits(), got.1.to_bits()), (sine, cosine), "{x:#X}");
        }
    }

    /// Every 997th number of both signs, FNV-1a over the bits of all results: 4,291,064 pairs of glibc 2.36.
    #[test]
    fn four_million_sines_and_cosines_hash_to_glibcs() {
        let mut hash = 0xCBF2_9CE4_8422_2325_u64;
        for bits in (0..f32::INFINITY.to_bits()).step_by(997) {
            for sign in [0, 1 << 31] {
                let (sine, cosine) = glibc_sin_cos_f32(f32::from_bits(bits | sign));
                for value in [sine, cosine] {
                    hash = (hash ^ u64::from(value.to_bits())).wrapping_mul(0x0000_0100_0000_01B3);
                }
            }
        }
        assert_eq!(hash, 0xE58B_2786_0A95_BF91);
    }

    #[test]
    fn what_is_not_finite_has_no_sine() {
        for x in [f32::INFINITY, f32::NEG_INFINITY, f32::NAN] {
            let (sine, cosine) = glibc_sin_cos_f32(x);
            assert!(sine.is_nan() && cosine.is_nan());
        }
    }
}
