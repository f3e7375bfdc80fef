//! The network of a configuration: from words to the layers that core knows.

use crate::failure::{Failure, Outcome};
use embedded_rl_core::dqn::{Backup, Distribution, DqnConfig};
use embedded_rl_core::nn::{
    Activation, Baseline, Branches, Image, Initialisation, MAX_BRANCHES, MAX_LAYERS, NetworkSpec,
};
use embedded_rl_core::space::Space;
use serde::{Deserialize, Serialize};

/// Largest size of a layer.
const WIDEST: usize = 1 << 16;
/// Most outputs of a layer, of all fractions together, that a policy file takes.
const LONGEST: usize = 1 << 24;

/// Convolutions and dense layers between the observation and the action values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// The convolutions that see the image first.
    #[serde(default)]
    pub convolutions: Vec<Convolution>,
    /// Sizes of the hidden dense layers.
    pub hidden: Vec<usize>,
    /// The function after each of both.
    pub activation: Activation,
    /// Whether each of both is normalised over the batch before its function.
    #[serde(default)]
    pub batch_norm: bool,
    /// The form of the last layer.
    #[serde(default)]
    pub dueling: Dueling,
    /// What has a value where actions have several components.
    #[serde(default)]
    pub actions: Actions,
    /// First values of the parameters.
    pub initialisation: Initialisation,
}

/// A convolution; pairs are rows, then columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Convolution {
    /// How many numbers each position becomes.
    pub filters: u16,
    /// Size of what it sees at once.
    pub kernel: [u16; 2],
    /// Its steps.
    pub stride: [u16; 2],
    /// Zeros on each side of the image.
    pub padding: [u16; 2],
}

/// Whether the action values come as one value and advantages, and what those are measured from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dueling {
    /// One number an action, as it is.
    #[default]
    None,
    /// Advantages over their mean.
    Mean,
    /// Advantages over the largest.
    Max,
}

/// What has a value where actions have several components.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actions {
    /// Every combination of their choices.
    #[default]
    Flattened,
    /// Every choice of each component: one branch a component. Dueling advantages are then those of the choices of all
    /// branches, over the mean of all of them, where Tavakoli et al. (2018) take each branch's own.
    Branched,
}

impl NetworkConfig {
    /// What is wrong with the numbers, in words; `None` if nothing is.
    pub(super) fn complaint(&self, agent: &DqnConfig) -> Option<&'static str> {
        let is_branched = self.actions == Actions::Branched;
        if is_branched && agent.distribution != Distribution::Mean {
            return Some(
                "network.actions = branched learns means: set agent.distribution to mean, or actions to flattened",
            );
        }
        if is_branched && agent.backup != Backup::Largest {
            return Some(
                "network.actions = branched goes with agent.backup = largest: each branch has a largest value of its own, \
                 and a Munchausen backup weighs whole actions",
            );
        }
        if is_branched && self.dueling == Dueling::Max {
            return Some(
                "network.dueling = max takes the largest of one branch; several go with mean",
            );
        }
        let distribution = &agent.distribution;
        let sizes = |pair: [u16; 2]| pair.iter().all(|&size| size > 0);
        let hidden = self.convolutions.len() + self.hidden.len();
        let layers_each = if self.batch_norm { 3 } else { 2 };
        let around = match distribution {
            Distribution::Mean => 0,
            Distribution::Categorical { .. } | Distribution::Quantiles { .. } => 1,
            Distribution::Implicit { .. } => 2,
        };
        let last =
            if self.dueling == Dueling::None { 1 } else { 2 } + around + usize::from(is_branched);
        if self.hidden.len() > 8 {
            Some("network.hidden has more than 8 layers")
        } else if self.hidden.iter().any(|size| !(1..=WIDEST).contains(size)) {
            Some("network.hidden has a size outside 1 to 65536")
        } else if self
            .convolutions
            .iter()
            .any(|conv| conv.filters == 0 || !sizes(conv.kernel) || !sizes(conv.stride))
        {
            Some("network.convolutions has filters, a kernel or a stride of 0")
        } else if hidden * layers_each + last > MAX_LAYERS {
            Some("network has more than 24 layers, where normalisations and activations count")
        } else if around == 2 && hidden == 0 {
            Some(
                "an implicit distribution multiplies a hidden layer: network.hidden or network.convolutions needs one",
            )
        } else if self.dueling == Dueling::Max && around > 0 {
            Some(
                "network.dueling = max takes the largest of single values; a distribution goes with mean",
            )
        } else {
            None
        }
    }

    /// The network between an observation and a value for every combination of these `choices` of the components of an
    /// action, the means of such distributions.
    pub fn spec(
        &self,
        observation: Space<'_>,
        choices: &[u32],
        distribution: &Distribution,
    ) -> Outcome<NetworkSpec> {
        let mut image = image_of(observation)?;
        if image.is_none() && !self.convolutions.is_empty() {
            return Err(Failure::wrong_use(format!(
                "network.convolutions needs an environment that shows images, not {observation}"
            )));
        }
        let mut spec = match image {
            Some(image) => NetworkSpec::image(image),
            None => NetworkSpec::input(observation.len()),
        };
        for (index, conv) in self.convolutions.iter().enumerate() {
            let Convolution { filters, kernel, stride, padding } = *conv;
            let Some(seen) = image.filter(|image| fits(image, conv)) else {
                return Err(Failure::wrong_use(format!(
                    "network.convolutions[{index}] does not fit what comes before it: \
                     its kernel is larger than the image"
                )));
            };
            image = Some(after(&seen, conv));
            spec = self.finished(spec.conv2d(filters, kernel, stride, padding));
        }
        // An implicit distribution multiplies what stands before the last hidden layer, where there is something.
        let before = match self.convolutions.len() + self.hidden.len() {
            0 | 1 => self.hidden.len(),
            _ => self.hidden.len().saturating_sub(1),
        };
        let (body, head) = self.hidden.split_at(before);
        for &size in body {
            spec = self.finished(spec.dense(size));
        }
        spec = distribution.embedded(spec);
        for &size in head {
            spec = self.finished(spec.dense(size));
        }
        let branches = self.branches(choices)?;
        let values = match branches {
            Some(branches) => branches.value_count(),
            None => choices.iter().map(|&count| count as usize).product(),
        };
        let width = distribution.width();
        let spec = distribution.policy(match self.dueling {
            Dueling::None => spec.dense(values * width),
            Dueling::Mean => spec.wide_dueling(values, width, Baseline::Mean),
            Dueling::Max => spec.wide_dueling(values, width, Baseline::Max),
        });
        let spec = branches.map_or(spec, |branches| spec.joint_values(branches));
        if spec.widest() > LONGEST {
            return Err(Failure::wrong_use(format!(
                "a layer of the network has {} outputs, more than the {LONGEST} of a policy file: \
                 make its sizes or distribution.policy_fractions smaller",
                spec.widest()
            )));
        }
        Ok(spec)
    }

    /// The branches of the last layer, if it is to have some.
    fn branches(&self, choices: &[u32]) -> Outcome<Option<Branches>> {
        if self.actions == Actions::Flattened {
            return Ok(None);
        }
        if choices.len() < 2 {
            return Err(Failure::wrong_use(
                "network.actions = branched needs an environment whose actions have several components",
            ));
        }
        let branches = Branches::new(choices).ok_or_else(|| {
            Failure::wrong_use(format!(
                "network.actions = branched takes at most {MAX_BRANCHES} components with {} combinations",
                Branches::LARGEST
            ))
        })?;
        Ok(Some(branches))
    }

    /// What follows the weights of a hidden layer.
    fn finished(&self, spec: NetworkSpec) -> NetworkSpec {
        let spec = if self.batch_norm { spec.batch_norm() } else { spec };
        spec.activation(self.activation)
    }
}

fn image_of(observation: Space<'_>) -> Outcome<Option<Image>> {
    let (Space::Image { channels, height, width } | Space::Planes { channels, height, width }) =
        observation
    else {
        return Ok(None);
    };
    let size = |size| {
        u16::try_from(size).map_err(|_| {
            Failure::wrong_use(format!("{observation} is larger than a network's image can be"))
        })
    };
    Ok(Some(Image::channels_first(size(channels)?, size(height)?, size(width)?)))
}

/// Rows and columns of an image with zeros around it.
fn padded(image: &Image, conv: &Convolution) -> [usize; 2] {
    let sides = [image.height, image.width];
    core::array::from_fn(|axis| usize::from(sides[axis]) + 2 * usize::from(conv.padding[axis]))
}

fn fits(image: &Image, conv: &Convolution) -> bool {
    let padded = padded(image, conv);
    (0..2).all(|axis| usize::from(conv.kernel[axis]) <= padded[axis] && padded[axis] < WIDEST)
}

fn after(image: &Image, conv: &Convolution) -> Image {
    let padded = padded(image, conv);
    let [height, width] = core::array::from_fn(|axis| {
        ((padded[axis] - usize::from(conv.kernel[axis])) / usize::from(conv.stride[axis]) + 1)
            as u16
    });
    Image::channels_last(height, width, conv.filters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_rl_core::bellman::Munchausen;
    use embedded_rl_core::nn::Expectation;

    fn grid() -> NetworkConfig {
        NetworkConfig {
            convolutions: vec![
                Convolution { filters: 32, kernel: [4, 4], stride: [2, 2], padding: [0, 0] },
                Convolution { filters: 64, kernel: [3, 3], stride: [1, 1], padding: [1, 0] },
            ],
            hidden: vec![50, 50],
            activation: Activation::Relu,
            batch_norm: false,
            dueling: Dueling::None,
            actions: Actions::Flattened,
            initialisation: Initialisation::PyTorch,
        }
    }

    fn agent(distribution: Distribution) -> DqnConfig {
        DqnConfig { distribution, ..DqnConfig::PLAIN }
    }

    const PLANES: Space<'static> = Space::Image { channels: 3, height: 9, width: 10 };

    #[test]
    fn words_become_the_layers_they_say() {
        const RELU: Activation = Activation::Relu;
        let image = NetworkSpec::image(Image::channels_first(3, 9, 10));
        let plain = image
            .conv2d(32, [4, 4], [2, 2], [0, 0])
            .activation(RELU)
            .conv2d(64, [3, 3], [1, 1], [1, 0])
            .activation(RELU)
            .dense(50)
            .activation(RELU)
            .dense(50)
            .activation(RELU);
        let mean = &Distribution::Mean;
        assert_eq!(grid().spec(PLANES, &[4], mean).expect("a network"), plain.dense(4));
        let dueling = NetworkConfig { dueling: Dueling::Max, ..grid() };
        assert_eq!(dueling.spec(PLANES, &[4], mean).expect("one"), plain.dueling(4, Baseline::Max));

        let quantiles = Distribution::Quantiles { count: 8 };
        let wide = NetworkConfig { dueling: Dueling::Mean, ..grid() };
        let expected = plain.wide_dueling(4, 8, Baseline::Mean);
        let expected = expected.expectation(Expectation::OverQuantiles { count: 8 });
        assert_eq!(wide.spec(PLANES, &[4], &quantiles).expect("one"), expected);
        let complaint = dueling.complaint(&agent(quantiles)).expect("eight are not one");
        assert!(complaint.contains("goes with mean"), "{complaint}");

        let implicit = Distribution::Implicit {
            cosines: 16,
            fractions: 8,
            target_fractions: 8,
            policy_fractions: 32,
        };
        let body = image
            .conv2d(32, [4, 4], [2, 2], [0, 0])
            .activation(RELU)
            .conv2d(64, [3, 3], [1, 1], [1, 0])
            .activation(RELU);
        let expected = body
            .dense(50)
            .activation(RELU)
            .cosine_embedding(16, 32)
            .dense(50)
            .activation(RELU)
            .wide_dueling(4, 1, Baseline::Mean)
            .mean_of_fractions();
        assert_eq!(wide.spec(PLANES, &[4], &implicit).expect("one"), expected);
        for (hidden, expected) in [
            (vec![], body.cosine_embedding(16, 32)),
            (vec![50], body.cosine_embedding(16, 32).dense(50).activation(RELU)),
        ] {
            let config = NetworkConfig { hidden, ..grid() };
            let expected = expected.dense(4).mean_of_fractions();
            assert_eq!(config.spec(PLANES, &[4], &implicit).expect("one"), expected);
        }
        let nothing = NetworkConfig { convolutions: vec![], hidden: vec![], ..grid() };
        let complaint = nothing.complaint(&agent(implicit)).expect("nothing to multiply");
        assert!(complaint.contains("hidden layer"), "{complaint}");

        let normalised =
            NetworkConfig { convolutions: vec![], hidden: vec![24], batch_norm: true, ..grid() };
        let space = Space::Box { low: &[0.0; 4], high: &[1.0; 4] };
        let expected = NetworkSpec::input(4).dense(24).batch_norm().activation(RELU).dense(2);
        assert_eq!(normalised.spec(space, &[2], mean).expect("a network"), expected);
    }

    #[test]
    fn a_kernel_larger_than_its_image_is_refused_by_name() {
        let mut config = grid();
        config.convolutions[1].kernel = [3, 5];
        let failure = config
            .spec(PLANES, &[4], &Distribution::Mean)
            .expect_err("4 columns are left")
            .to_string();
        assert!(failure.contains("convolutions[1]"), "{failure}");
        let space = Space::Box { low: &[0.0; 4], high: &[1.0; 4] };
        let failure =
            grid().spec(space, &[4], &Distribution::Mean).expect_err("no image").to_string();
        assert!(failure.contains("shows images"), "{failure}");
    }

    #[test]
    fn branches_have_an_output_a_choice_and_a_value_a_combination() {
        let branched = NetworkConfig {
            convolutions: vec![],
            hidden: vec![8],
            actions: Actions::Branched,
            ..grid()
        };
        let space = Space::Box { low: &[-1.0; 4], high: &[1.0; 4] };
        let body = NetworkSpec::input(4).dense(8).activation(Activation::Relu);
        let branches = Branches::new(&[2, 2, 3]).expect("three branches");
        let mean = &Distribution::Mean;
        let spec = |config: &NetworkConfig, choices| config.spec(space, choices, mean);
        let expected = body.dense(7).joint_values(branches);
        assert_eq!(spec(&branched, &[2, 2, 3]).expect("a network"), expected);
        assert_eq!(expected.outputs(), 12);
        let dueling = NetworkConfig { dueling: Dueling::Mean, ..branched.clone() };
        let expected = body.dueling(7, Baseline::Mean).joint_values(branches);
        assert_eq!(spec(&dueling, &[2, 2, 3]).expect("a network"), expected);
        let flattened = NetworkConfig { actions: Actions::Flattened, ..branched.clone() };
        assert_eq!(spec(&flattened, &[2, 2, 3]).expect("a network"), body.dense(12));

        for (choices, words) in [(&[7][..], "several components"), (&[2; 9], "at most 8")] {
            let failure = spec(&branched, choices).expect_err(words).to_string();
            assert!(failure.contains(words), "{failure}");
        }
        let quantiles = Distribution::Quantiles { count: 4 };
        let munchausen = Munchausen { alpha: 0.9, temperature: 0.03, lowest: -1.0 };
        let largest = NetworkConfig { dueling: Dueling::Max, ..branched.clone() };
        for (config, agent, words) in [
            (&branched, agent(quantiles), "learns means"),
            (
                &branched,
                DqnConfig { backup: Backup::Munchausen(munchausen), ..DqnConfig::PLAIN },
                "whole actions",
            ),
            (&largest, DqnConfig::PLAIN, "go with mean"),
        ] {
            let complaint = config.complaint(&agent).expect(words);
            assert!(complaint.contains(words), "{complaint}");
        }
        assert_eq!(dueling.complaint(&DqnConfig::PLAIN), None);
    }
}
