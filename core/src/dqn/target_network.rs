//! How the target network follows the online network: two loops over the flat slices.

use crate::nn::Simd;

/// Makes `target` equal to `online`.
///
/// # Panics
/// If they have different lengths.
pub fn hard_copy(online: &[f32], target: &mut [f32]) {
    target.copy_from_slice(online);
}

/// `target = tau * online + (1 - tau) * target`, element by element: Lillicrap et al. (2016), algorithm 1.
///
/// # Panics
/// If they have different lengths.
#[inline(always)]
pub fn soft_update<S: Simd>(simd: S, tau: f32, online: &[f32], target: &mut [f32]) {
    assert_eq!(online.len(), target.len(), "soft_update: different networks");
    let (taus, rests) = (simd.splat_f32s(tau), simd.splat_f32s(1.0 - tau));
    let (online, online_tail) = S::as_simd_f32s(online);
    let (target, target_tail) = S::as_mut_simd_f32s(target);
    for (target, &online) in target.iter_mut().zip(online) {
        *target = simd.add_f32s(simd.mul_f32s(taus, online), simd.mul_f32s(rests, *target));
    }
    for (target, &online) in target_tail.iter_mut().zip(online_tail) {
        *target = tau * online + (1.0 - tau) * *target;
    }
}

#[cfg(test)]
mod tests {
    use super::soft_update;

    #[test]
    fn a_soft_update_moves_by_the_share_tau() {
        let mut target = [0.0, 4.0, -8.0];
        soft_update(pulp::Scalar::new(), 0.25, &[8.0, 4.0, 8.0], &mut target);
        assert_eq!(target, [2.0, 4.0, -4.0]);
        soft_update(pulp::Scalar::new(), 1.0, &[1.0, 2.0, 3.0], &mut target);
        assert_eq!(target, [1.0, 2.0, 3.0]);
    }
}
