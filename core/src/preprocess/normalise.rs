//! Fixed affine normalisation, element by element: `(x - offset) * scale`. Learns no statistics.

/// An offset and a scale for every element of an observation, or nothing at all.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Normalise<'a> {
    offset: &'a [f32],
    scale: &'a [f32],
}

impl<'a> Normalise<'a> {
    /// Leaves observations as they are.
    pub const IDENTITY: Normalise<'static> = Normalise { offset: &[], scale: &[] };

    /// Both empty (the identity), or one number an element each.
    ///
    /// # Panics
    /// If the two have different lengths.
    pub const fn new(offset: &'a [f32], scale: &'a [f32]) -> Self {
        assert!(offset.len() == scale.len(), "one offset and one scale an element");
        Self { offset, scale }
    }

    /// Brings every element from `low..=high` into `0..=1`, by numbers that are written to `offset` and `scale`. An
    /// element that is always the same becomes zero.
    ///
    /// # Panics
    /// If a bound is not finite, or a slice has another length than the others.
    pub fn min_max(low: &[f32], high: &[f32], offset: &'a mut [f32], scale: &'a mut [f32]) -> Self {
        let lengths = [high.len(), offset.len(), scale.len()];
        assert!(lengths == [low.len(); 3], "one of each an element");
        for ((&low, &high), (offset, scale)) in
            low.iter().zip(high).zip(offset.iter_mut().zip(scale.iter_mut()))
        {
            assert!(low.is_finite() && high.is_finite(), "every element has bounds");
            *offset = low;
            *scale = if high > low { 1.0 / (high - low) } else { 0.0 };
        }
        Self { offset, scale }
    }

    /// What is taken off each element; empty for the identity.
    pub const fn offset(&self) -> &'a [f32] {
        self.offset
    }

    /// What each element is then multiplied by; empty for the identity.
    pub const fn scale(&self) -> &'a [f32] {
        self.scale
    }

    /// Normalises an observation in place.
    ///
    /// # Panics
    /// If this is not the identity and the observation has another length.
    #[inline]
    pub fn apply(&self, observation: &mut [f32]) {
        if self.offset.is_empty() {
            return;
        }
        assert_eq!(observation.len(), self.offset.len(), "one offset and one scale an element");
        for ((x, offset), scale) in observation.iter_mut().zip(self.offset).zip(self.scale) {
            *x = (*x - offset) * scale;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Normalise;

    #[test]
    fn takes_the_offset_off_and_then_scales() {
        let mut observation = [3.0, -2.0];
        Normalise::new(&[1.0, 0.0], &[0.5, 2.0]).apply(&mut observation);
        assert_eq!(observation, [1.0, -4.0]);
        Normalise::IDENTITY.apply(&mut observation);
        assert_eq!(observation, [1.0, -4.0]);
        let (mut offset, mut scale) = ([9.0; 2], [9.0; 2]);
        let bounds = Normalise::min_max(&[-1.0, 3.0], &[3.0, 3.0], &mut offset, &mut scale);
        observation = [0.0, 3.0];
        bounds.apply(&mut observation);
        assert_eq!(observation, [0.25, 0.0]);
    }
}
