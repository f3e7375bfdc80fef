//! A genetic algorithm: the best of a generation are parents of the next.
//!
//! ```text
//! asexual    child[i] = parent[i]                       + mutation
//! sexual     child[i] = either parent's, a coin each i  + mutation
//! mutation   with probability `mutation_share` a normal number times `mutation`, else nothing
//! ```
//!
//! The best are also kept as they are, and tried again in the next generation: a lucky episode does not last.

use super::Search;
use super::rank::fittest_first;
use crate::rng::{Generator, integers, normal, random, uniform};

/// How a child comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Reproduction {
    /// Of one parent.
    Asexual,
    /// Of two parents.
    Sexual,
}

/// What can be chosen about [`Genetic`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct GeneticConfig {
    /// Candidates of a generation.
    pub population: u32,
    /// How many of the best become parents.
    pub parents: u32,
    /// How many of the best live on unchanged.
    pub survivors: u32,
    /// How a child comes about.
    pub reproduction: Reproduction,
    /// Deviation of a mutation.
    pub mutation: f32,
    /// Share of the parameters that mutate.
    #[cfg_attr(feature = "serde", serde(default = "all"))]
    pub mutation_share: f64,
    /// Every parameter of the first generation is uniform in plus or minus this.
    pub spread: f32,
}

#[cfg(feature = "serde")]
fn all() -> f64 {
    1.0
}

impl GeneticConfig {
    /// What is wrong with the settings, in words; `None` if nothing is.
    pub fn complaint(&self) -> Option<&'static str> {
        let Self { population, parents, survivors, reproduction, mutation, .. } = *self;
        if !(1..=1 << 16).contains(&population) {
            Some("population must be 1 to 65536")
        } else if parents == 0 || parents > population || survivors > parents {
            Some("parents must be 1 to population, and survivors at most parents")
        } else if reproduction == Reproduction::Sexual && parents < 2 {
            Some("sexual reproduction needs at least two parents")
        } else if !(mutation >= 0.0 && mutation.is_finite()) {
            Some("mutation must be a number that is not negative")
        } else if !(0.0..=1.0).contains(&self.mutation_share) {
            Some("mutation_share must be between 0 and 1")
        } else if !(self.spread > 0.0 && self.spread.is_finite()) {
            Some("spread must be a number greater than 0")
        } else {
            None
        }
    }
}

/// Generation after generation.
#[derive(Debug)]
pub struct Genetic<'a> {
    config: GeneticConfig,
    rng: Generator,
    /// `[parents][parameters]`, the fittest first.
    parents: &'a mut [f32],
    order: &'a mut [u32],
    generation: u64,
}

impl<'a> Genetic<'a> {
    /// How many floats [`Genetic::new`] takes for so many parameters.
    pub const fn float_count(config: &GeneticConfig, parameters: usize) -> usize {
        config.parents as usize * parameters
    }

    /// A search that has tried nothing. `order` has a place a candidate.
    ///
    /// # Panics
    /// If the floats are no row of parents, or `order` has another length.
    pub fn new(
        config: GeneticConfig,
        rng: Generator,
        floats: &'a mut [f32],
        order: &'a mut [u32],
    ) -> Self {
        assert!(floats.len().is_multiple_of(config.parents as usize), "parents of one length");
        assert_eq!(order.len(), config.population as usize, "a place a candidate");
        floats.fill(0.0);
        Self { config, rng, parents: floats, order, generation: 0 }
    }

    fn width(&self) -> usize {
        self.parents.len() / self.config.parents as usize
    }
}

impl Search for Genetic<'_> {
    fn population(&self) -> usize {
        self.config.population as usize
    }

    fn propose(&mut self, candidates: &mut [f32]) {
        let (width, config, rng) = (self.width(), self.config, &mut self.rng);
        assert_eq!(candidates.len(), self.order.len() * width, "[population][parameters]");
        if self.generation == 0 {
            let spread = f64::from(config.spread);
            candidates.fill_with(|| uniform(rng, -spread, spread) as f32);
            return;
        }
        let (unchanged, children) = candidates.split_at_mut(config.survivors as usize * width);
        unchanged.copy_from_slice(&self.parents[..unchanged.len()]);
        let parents = i64::from(config.parents);
        for child in children.chunks_exact_mut(width) {
            let mother = integers(rng, 0, parents) as usize;
            let father = match config.reproduction {
                Reproduction::Asexual => mother,
                // One of the others, each as likely.
                Reproduction::Sexual => {
                    let other = integers(rng, 0, parents - 1) as usize;
                    if other < mother { other } else { other + 1 }
                }
            };
            for (index, gene) in child.iter_mut().enumerate() {
                let fathers = mother != father && random(rng) < 0.5;
                let parent = if fathers { father } else { mother };
                *gene = self.parents[parent * width + index];
                if random(rng) < config.mutation_share {
                    *gene += (f64::from(config.mutation) * normal(rng)) as f32;
                }
            }
        }
    }

    fn learn(&mut self, candidates: &[f32], fitness: &[f32]) {
        let width = self.width();
        assert_eq!(candidates.len(), self.order.len() * width, "[population][parameters]");
        fittest_first(fitness, self.order);
        for (parent, &number) in self.parents.chunks_exact_mut(width).zip(&*self.order) {
            parent.copy_from_slice(&candidates[number as usize * width..][..width]);
        }
        self.generation += 1;
    }

    fn parameters(&self) -> &[f32] {
        &self.parents[..self.width()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Role, stream};

    const CONFIG: GeneticConfig = GeneticConfig {
        population: 6,
        parents: 2,
        survivors: 1,
        reproduction: Reproduction::Sexual,
        mutation: 0.0,
        mutation_share: 1.0,
        spread: 1.0,
    };

    #[test]
    fn children_have_their_parents_genes_and_the_best_lives_on() {
        let (mut floats, mut order) = ([0.0; 8], [0; 6]);
        let mut search = Genetic::new(CONFIG, stream(1, Role::Learning), &mut floats, &mut order);
        let mut candidates = [0.0; 24];
        search.propose(&mut candidates);
        assert!(candidates.iter().all(|gene| gene.abs() <= 1.0));
        let (best, second) = ([1.0; 4], [2.0; 4]);
        candidates[8..12].copy_from_slice(&best);
        candidates[20..].copy_from_slice(&second);
        search.learn(&candidates, &[0.0, 0.0, 9.0, f32::NAN, 0.0, 8.0]);
        assert_eq!(search.parameters(), best);
        search.propose(&mut candidates);
        assert_eq!(candidates[..4], best);
        let children = &candidates[4..];
        assert!(children.iter().all(|&gene| gene == 1.0 || gene == 2.0));
        let mixed = |child: &[f32]| child.contains(&1.0) && child.contains(&2.0);
        assert!(children.chunks(4).any(mixed), "{children:?}");
    }

    #[test]
    fn a_child_of_one_parent_is_its_like_but_for_mutations() {
        let config = GeneticConfig {
            reproduction: Reproduction::Asexual,
            mutation: 0.5,
            mutation_share: 0.5,
            ..CONFIG
        };
        let (mut floats, mut order) = ([0.0; 20], [0; 6]);
        let mut search = Genetic::new(config, stream(2, Role::Learning), &mut floats, &mut order);
        let mut candidates = [0.0; 60];
        candidates[..10].fill(5.0);
        candidates[10..20].fill(-5.0);
        search.learn(&candidates, &[2.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        search.propose(&mut candidates);
        for child in candidates[10..].chunks(10) {
            let of_first = child.iter().all(|gene| (gene - 5.0).abs() < 3.0);
            let of_second = child.iter().all(|gene| (gene + 5.0).abs() < 3.0);
            assert!(of_first || of_second, "{child:?}");
            let unchanged = child.iter().filter(|gene| gene.abs() == 5.0).count();
            assert!((1..10).contains(&unchanged), "{child:?}");
        }
    }
}
