//! The end of a network that values each component of an action by itself: one value for every combination of choices.
//!
//! ```text
//! K branches, branch k with counts[k] choices; x = the values of branch 0, then those of branch 1, ..
//! forward    q[number]  = sum over k of x_k[choice_k] / K     number counts the combinations, the last choice fastest
//! backward   dx_k[c]    = sum of dq[number] / K over the numbers whose choice_k is c
//! ```
//!
//! Sums run in the order of the branches, and of the numbers. The combination of the largest value is the largest of every
//! branch: rounding never turns the order of two sums that differ in one term. No parameters: a network is trained by what
//! stands before this layer and acts by what stands behind it. What the values are of is not known here.

/// The most branches that a network can have.
pub const MAX_BRANCHES: usize = 8;

/// How many choices each branch has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branches {
    /// Zero behind the last branch.
    counts: [u16; MAX_BRANCHES],
}

impl Branches {
    /// The most combinations.
    pub const LARGEST: usize = 1 << 16;

    /// Branches of these numbers of choices; `None` if they are none or more than [`MAX_BRANCHES`], one has no choice, or
    /// there are more than [`Branches::LARGEST`] combinations.
    pub const fn new(counts: &[u32]) -> Option<Self> {
        if counts.is_empty() || counts.len() > MAX_BRANCHES {
            return None;
        }
        let mut kept = [0; MAX_BRANCHES];
        let (mut combinations, mut index) = (1, 0);
        while index < counts.len() {
            if counts[index] == 0 || counts[index] > u16::MAX as u32 {
                return None;
            }
            combinations *= counts[index] as u64;
            if combinations > Self::LARGEST as u64 {
                return None;
            }
            kept[index] = counts[index] as u16;
            index += 1;
        }
        Some(Self { counts: kept })
    }

    /// How many choices each has, in order.
    pub fn counts(&self) -> impl Iterator<Item = usize> + '_ {
        self.counts.iter().map(|&count| usize::from(count)).take_while(|&count| count > 0)
    }

    /// How many branches there are.
    pub const fn count(&self) -> usize {
        let mut count = 0;
        while count < MAX_BRANCHES && self.counts[count] > 0 {
            count += 1;
        }
        count
    }

    /// How many values all branches have together.
    pub const fn value_count(&self) -> usize {
        let (mut sum, mut index) = (0, 0);
        while index < self.count() {
            sum += self.counts[index] as usize;
            index += 1;
        }
        sum
    }

    /// How many combinations of choices there are.
    pub const fn combinations(&self) -> usize {
        let (mut product, mut index) = (1, 0);
        while index < self.count() {
            product *= self.counts[index] as usize;
            index += 1;
        }
        product
    }

    /// Where the values of the choices with this number stand among those of all branches, in the order of the branches.
    pub fn places(&self, number: usize) -> impl Iterator<Item = usize> + '_ {
        let (mut start, mut later) = (0, self.combinations());
        self.counts().map(move |count| {
            later /= count;
            let place = start + number / later % count;
            start += count;
            place
        })
    }
}

/// Writes the values `[rows][combinations]` of `input` `[rows][values]`.
///
/// # Panics
/// If a slice's length does not follow from the other.
#[inline(always)]
pub fn forward(branches: &Branches, input: &[f32], output: &mut [f32]) {
    let (values, combinations) = (branches.value_count(), branches.combinations());
    assert_eq!(
        input.len() * combinations,
        output.len() * values,
        "a row of outputs a row of inputs"
    );
    let count = branches.count() as f32;
    for (x, q) in input.chunks_exact(values).zip(output.chunks_exact_mut(combinations)) {
        for (number, q) in q.iter_mut().enumerate() {
            *q = branches.places(number).fold(0.0, |sum, place| sum + x[place]) / count;
        }
    }
}

/// Writes `d_input` `[rows][values]` from `d_output` `[rows][combinations]`.
///
/// # Panics
/// If a slice's length does not follow from the other.
#[inline(always)]
pub fn backward(branches: &Branches, d_output: &[f32], d_input: &mut [f32]) {
    let (values, combinations) = (branches.value_count(), branches.combinations());
    let fits = d_input.len() * combinations == d_output.len() * values;
    assert!(fits, "a row of outputs a row of inputs");
    let count = branches.count() as f32;
    d_input.fill(0.0);
    for (dx, dq) in d_input.chunks_exact_mut(values).zip(d_output.chunks_exact(combinations)) {
        for (number, &dq) in dq.iter().enumerate() {
            for place in branches.places(number) {
                dx[place] += dq / count;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_combination_is_the_mean_of_its_choices() {
        let branches = Branches::new(&[2, 3]).expect("two branches");
        assert_eq!([branches.count(), branches.value_count(), branches.combinations()], [2, 5, 6]);
        let (input, mut q) = ([1.0, 3.0, 0.5, 0.25, -0.5], [7.0; 6]);
        forward(&branches, &input, &mut q);
        assert_eq!(q, [0.75, 0.625, 0.25, 1.75, 1.625, 1.25]);
        let mut d = [7.0; 5];
        backward(&branches, &[2.0, 4.0, 6.0, 8.0, 10.0, 12.0], &mut d);
        assert_eq!(d, [6.0, 15.0, 5.0, 7.0, 9.0]);
    }

    #[test]
    fn places_count_through_all_choices() {
        let branches = Branches::new(&[2, 2, 3]).expect("three branches");
        let places = |number| {
            let mut places = branches.places(number);
            [places.next(), places.next(), places.next(), places.next()]
        };
        assert_eq!(places(0), [Some(0), Some(2), Some(4), None]);
        assert_eq!(places(4), [Some(0), Some(3), Some(5), None]);
        assert_eq!(places(11), [Some(1), Some(3), Some(6), None]);
    }

    #[test]
    fn branches_that_cannot_be_are_none() {
        assert!(Branches::new(&[256, 256]).is_some() && Branches::new(&[1; 8]).is_some());
        for counts in [&[][..], &[2, 0], &[1; 9], &[65_537], &[256, 257], &[u32::MAX; 8]] {
            assert_eq!(Branches::new(counts), None, "{counts:?}");
        }
    }
}
