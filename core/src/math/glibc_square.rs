//! The square that single-precision programs on Linux compute: glibc's `powf(x, 2)`, which is not `x * x`.
//!
//! glibc 2.28 and later take a logarithm to base 2 and raise 2 to its double, in double precision with errors that one
//! square in 1,500 shows in its last bit. With and without fused operations glibc gives the same, so that one twin is
//! enough. The method and its constants are those of ARM's optimized-routines (MIT licence).

/// Of the 16 parts that mantissas fall into: the reciprocal of a number in the middle, and the logarithm of that number.
const PARTS: [(f64, f64); 16] = [
    pair(0x3FF6_61EC_79F8_F3BE, 0xBFDE_FEC6_5B96_3019),
    pair(0x3FF5_71ED_4AAF_883D, 0xBFDB_0B68_32D4_FCA4),
    pair(0x3FF4_9539_F0F0_10B0, 0xBFD7_418B_0A1F_B77B),
    pair(0x3FF3_C995_B0B8_0385, 0xBFD3_9DE9_1A6D_CF7B),
    pair(0x3FF3_0D19_0C88_64A5, 0xBFD0_1D9B_F3F2_B631),
    pair(0x3FF2_5E22_7B0B_8EA0, 0xBFC9_7C1D_1B3B_7AF0),
    pair(0x3FF1_BB4A_4A1A_343F, 0xBFC2_F9E3_93AF_3C9F),
    pair(0x3FF1_2358_F08A_E5BA, 0xBFB9_60CB_BF78_8D5C),
    pair(0x3FF0_953F_4199_00A7, 0xBFAA_6F9D_B647_5FCE),
    pair(0x3FF0_0000_0000_0000, 0x0000_0000_0000_0000),
    pair(0x3FEE_608C_FD9A_47AC, 0x3FB3_38CA_9F24_F53D),
    pair(0x3FEC_A4B3_1F02_6AA0, 0x3FC4_76A9_5438_91BA),
    pair(0x3FEB_2036_576A_FCE6, 0x3FCE_840B_4AC4_E4D2),
    pair(0x3FE9_C2D1_63A1_AA2D, 0x3FD4_0645_F0C6_651C),
    pair(0x3FE8_86E6_0378_41ED, 0x3FD8_8E9C_2C1B_9FF8),
    pair(0x3FE7_67DC_F553_4862, 0x3FDC_E0A4_4EB1_7BCC),
];
/// Coefficients of the logarithm, highest power first.
const LOGARITHM: [f64; 5] = [
    f64::from_bits(0x3FD2_7616_C949_6E0B),
    f64::from_bits(0xBFD7_1969_A075_C67A),
    f64::from_bits(0x3FDE_C70A_6CA7_BADD),
    f64::from_bits(0xBFE7_1547_48BE_F6C8),
    f64::from_bits(0x3FF7_1547_652A_B82B),
];
/// Coefficients of `x^3`, `x^2` and `x` of `2^x`.
const POWER: [f64; 3] = [
    f64::from_bits(0x3FAC_6AF8_4B91_2394),
    f64::from_bits(0x3FCE_BFCE_50FA_C4F3),
    f64::from_bits(0x3FE6_2E42_FF0C_52D6),
];
/// Bits of `2^(i / 32)`, less `i` in the place where the exponent's fraction is added.
const ROOTS: [u64; 32] = [
    0x3FF0_0000_0000_0000,
    0x3FEF_D9B0_D315_8574,
    0x3FEF_B558_6CF9_890F,
    0x3FEF_9301_D012_5B51,
    0x3FEF_72B8_3C7D_517B,
    0x3FEF_5487_3168_B9AA,
    0x3FEF_387A_6E75_6238,
    0x3FEF_1E9D_F51F_DEE1,
    0x3FEF_06FE_0A31_B715,
    0x3FEE_F1A7_373A_A9CB,
    0x3FEE_DEA6_4C12_3422,
    0x3FEE_CE08_6061_892D,
    0x3FEE_BFDA_D536_2A27,
    0x3FEE_B42B_569D_4F82,
    0x3FEE_AB07_DD48_5429,
    0x3FEE_A47E_B03A_5585,
    0x3FEE_A09E_667F_3BCD,
    0x3FEE_9F75_E8EC_5F74,
    0x3FEE_A114_73EB_0187,
    0x3FEE_A589_994C_CE13,
    0x3FEE_ACE5_422A_A0DB,
    0x3FEE_B737_B0CD_C5E5,
    0x3FEE_C491_82A3_F090,
    0x3FEE_D503_B23E_255D,
    0x3FEE_E89F_995A_D3AD,
    0x3FEE_FF76_F2FB_5E47,
    0x3FEF_199B_DD85_529C,
    0x3FEF_3720_DCEF_9069,
    0x3FEF_5818_DCFB_A487,
    0x3FEF_7C97_337B_9B5F,
    0x3FEF_A4AF_A2A4_90DA,
    0x3FEF_D076_5B6E_4540,
];
/// `1.5 * 2^52 / 32`: what is added to it loses everything below a 32nd.
const ROUNDING: f64 = 211_106_232_532_992.0;
/// Bits of the smallest mantissa of the first part.
const FIRST_PART: u32 = 0x3F33_0000;

const fn pair(reciprocal: u64, logarithm: u64) -> (f64, f64) {
    (f64::from_bits(reciprocal), f64::from_bits(logarithm))
}

/// glibc's `powf(x, 2)`.
pub fn glibc_square_f32(x: f32) -> f32 {
    if !x.is_normal() {
        return x * x;
    }
    exp2(2.0 * log2(x.abs()))
}

/// Of a normal number above zero.
fn log2(x: f32) -> f64 {
    let above = x.to_bits().wrapping_sub(FIRST_PART);
    let exponent = (above as i32) >> 23;
    let mantissa = f32::from_bits(x.to_bits().wrapping_sub(above & 0xFF80_0000));
    let (reciprocal, logarithm) = PARTS[(above >> 19) as usize % 16];
    let rest = f64::from(mantissa) * reciprocal - 1.0;
    let square = rest * rest;
    let [fifth, fourth, third, second, first] = LOGARITHM;
    let high = fifth * rest + fourth;
    let middle = third * rest + second;
    let low = first * rest + (logarithm + f64::from(exponent));
    high * (square * square) + (middle * square + low)
}

fn exp2(x: f64) -> f32 {
    let rounded = x + ROUNDING;
    let rest = x - (rounded - ROUNDING);
    // The lowest digits of a number of this size are the whole part and 32nds.
    let digits = rounded.to_bits();
    let scale = f64::from_bits(ROOTS[digits as usize % 32].wrapping_add(digits << 47));
    let [third, second, first] = POWER;
    let high = third * rest + second;
    let low = first * rest + 1.0;
    ((high * (rest * rest) + low) * scale) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits of x and of glibc 2.36's `powf(x, 2)`: four whose square differs from `x * x`, both ends, and what is not
    /// a normal number.
    #[test]
    fn squares_equal_glibc() {
        for [x, square] in [
            [0xBEA6_64D1_u32, 0x3DD8_4DCE],
            [0x3F87_F70F, 0x3F90_6D01],
            [0xBF94_107E, 0x3FAB_4626],
            [0x3F92_1800, 0x3FA6_BEC5],
            [0x1A00_0000, 0x0000_0000],
            [0x1A7F_FFFF, 0x0000_0002],
            [0x1A80_0000, 0x0000_0002],
            [0x5EFF_FFFF, 0x7E7F_FFFE],
            [0x5F80_0000, 0x7F80_0000],
            [0x5F7F_FFFF, 0x7F7F_FFFE],
            [0x0000_0001, 0x0000_0000],
            [0x8000_0000, 0x0000_0000],
            [0x7F80_0000, 0x7F80_0000],
            [0xFF80_0000, 0x7F80_0000],
            [0x1AD0_0000, 0x0000_0005],
        ] {
            let got = glibc_square_f32(f32::from_bits(x));
            assert_eq!(got.to_bits(), square, "{x:#X}");
        }
        assert!(glibc_square_f32(f32::NAN).is_nan());
    }

    /// Every 9,973rd number of both signs, FNV-1a over the bits of all squares: 428,978 of glibc 2.36.
    #[test]
    fn hundreds_of_thousands_of_squares_hash_to_glibcs() {
        let mut hash = 0xCBF2_9CE4_8422_2325_u64;
        for bits in (0..f32::INFINITY.to_bits()).step_by(9_973) {
            for sign in [0, 1 << 31] {
                let square = glibc_square_f32(f32::from_bits(bits | sign));
                hash = (hash ^ u64::from(square.to_bits())).wrapping_mul(0x0000_0100_0000_01B3);
            }
        }
        assert_eq!(hash, 0x9CC6_1792_53A1_5FCD);
    }
}
