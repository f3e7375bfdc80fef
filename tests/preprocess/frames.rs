//! Pictures and rows of pictures: grey, small, stacked and repeated, as OpenCV and Gymnasium make them.

use crate::recorded::{checksum, golden, noise};
use embedded_rl_core::env::{Ending::Terminated, Env, Step};
use embedded_rl_core::envs::breakout::Breakout;
use embedded_rl_core::preprocess::image::{grey, grey_of_interleaved, shrink};
use embedded_rl_core::preprocess::{ActionRepeat, FrameStack};
use embedded_rl_core::rng::{Generator, Rng, SeedableRng};
use embedded_rl_core::space::Space;
use serde_json::Value;

fn size(value: &Value) -> [usize; 2] {
    [0, 1].map(|axis| value[axis].as_u64().expect("a side") as usize)
}

#[test]
fn grey_pixels_are_those_of_opencv() {
    let (interleaved, mut seen) = (noise(15_000), vec![0; 5_000]);
    grey_of_interleaved(&interleaved, &mut seen);
    assert_eq!(checksum(&seen), golden()["grey"]);
    let planes: Vec<u8> =
        (0..3).flat_map(|plane| interleaved[plane..].iter().copied().step_by(3)).collect();
    let mut of_planes = vec![0; 5_000];
    grey(&planes, &mut of_planes);
    assert!(of_planes == seen);
}

#[test]
fn shrunk_images_are_those_of_opencv() {
    let golden = golden();
    let cases = golden["shrink"].as_array().expect("cases");
    assert_eq!(cases.len(), 14);
    for case in cases {
        let ([height, width], [rows, columns]) = (size(&case["size"]), size(&case["to"]));
        let mut small = vec![0; rows * columns];
        shrink(&noise(height * width), [height, width], &mut small, [rows, columns]);
        assert_eq!(small.last().map(|&corner| u64::from(corner)), case["corner"].as_u64());
        assert_eq!(checksum(&small), case["checksum"], "{case}");
    }
}

/// Observation n is picture n of 2 x 2 pixels; the n-th step brings n.
#[derive(Clone)]
struct Frames {
    length: u32,
    steps: u32,
}

impl Frames {
    fn show(&self, observation: &mut [u8]) {
        let all = noise(4 * (self.steps as usize + 1));
        observation.copy_from_slice(&all[4 * self.steps as usize..]);
    }
}

impl Env for Frames {
    type Action = u32;
    type Element = u8;

    fn action_space(&self) -> Space<'_> {
        Space::Discrete { n: 2 }
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Image { channels: 1, height: 2, width: 2 }
    }

    fn reset<R: Rng + ?Sized>(&mut self, _: &mut R, observation: &mut [u8]) {
        self.steps = 0;
        self.show(observation);
    }

    fn step<R: Rng + ?Sized>(&mut self, _: u32, _: &mut R, observation: &mut [u8]) -> Step {
        self.steps += 1;
        self.show(observation);
        let over = self.steps == self.length;
        Step { reward: f64::from(self.steps), ending: over.then_some(Terminated) }
    }
}

#[test]
fn stacks_are_those_of_gymnasium() {
    let rng = &mut Generator::seed_from_u64(0);
    let mut env = FrameStack::<_, _, 12>::new(Frames { length: 6, steps: 0 }, 3);
    assert_eq!(env.observation_space(), Space::Image { channels: 3, height: 2, width: 2 });
    let mut seen = [0; 12];
    let golden = golden();
    for (step, expected) in golden["frame_stack"].as_array().expect("stacks").iter().enumerate() {
        if step == 0 {
            env.reset(rng, &mut seen);
        } else {
            let ending = env.step(0, rng, &mut seen).ending;
            assert_eq!(ending, (step == 6).then_some(Terminated));
        }
        assert_eq!(serde_json::json!(seen), *expected);
    }
}

#[test]
fn repeated_actions_are_those_of_gymnasium() {
    let rng = &mut Generator::seed_from_u64(0);
    let mut env = ActionRepeat::<_, _, 4>::new(Frames { length: 100, steps: 0 }, 4, true);
    let mut seen = [0; 4];
    env.reset(rng, &mut seen);
    let golden = golden();
    for expected in golden["action_repeat"].as_array().expect("steps") {
        let reward = env.step(0, rng, &mut seen).reward;
        assert_eq!(serde_json::json!([seen, reward]), *expected);
    }
}

#[test]
fn an_ending_cuts_the_repetition() {
    let rng = &mut Generator::seed_from_u64(0);
    let mut env = ActionRepeat::<_, _, 4>::new(Frames { length: 6, steps: 0 }, 4, false);
    let (mut seen, mut last) = ([0; 4], [0; 4]);
    env.reset(rng, &mut seen);
    assert_eq!(env.step(0, rng, &mut seen), Step { reward: 10.0, ending: None });
    assert_eq!(env.step(0, rng, &mut seen), Step { reward: 11.0, ending: Some(Terminated) });
    Frames { length: 9, steps: 6 }.show(&mut last);
    assert_eq!(seen, last);
}

#[test]
fn a_stack_goes_on_from_what_was_written() {
    let rng = &mut Generator::seed_from_u64(1);
    let mut env = FrameStack::<_, _, 800>::new(Breakout::new(0.1), 2);
    let mut seen = vec![0; 800];
    env.reset(rng, &mut seen);
    for action in 0..3 {
        env.step(action, rng, &mut seen);
        let text = serde_json::to_string(&env).expect("what can be written");
        let mut twin: FrameStack<Breakout, u8, 800> = serde_json::from_str(&text).expect("a stack");
        assert!(twin == env);
        let (mut twin_rng, mut twin_seen) = (rng.clone(), vec![0; 800]);
        let step = env.step(action, rng, &mut seen);
        assert_eq!(twin.step(action, &mut twin_rng, &mut twin_seen), step);
        assert!(twin_seen == seen);
    }
    let short: Result<FrameStack<Breakout, u8, 801>, _> =
        serde_json::from_str(&serde_json::to_string(&env).expect("text"));
    assert!(short.is_err());
}
