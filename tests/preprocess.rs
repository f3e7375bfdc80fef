//! What goes between an environment and an agent: equal to OpenCV and Gymnasium where they have it too, and every
//! wrapper keeps the contract of an environment.

use embedded_rl_checks::contract::{Contract, Play};
use embedded_rl_core::env::{
    Ending::{Terminated, Truncated},
    Env, Step, TimeLimit,
};
use embedded_rl_core::envs::breakout::{Breakout, Thing};
use embedded_rl_core::envs::classic::Pendulum;
use embedded_rl_core::envs::gridworld::Gridworld;
use embedded_rl_core::envs::pixel_grid::{Colours, PixelGrid};
use embedded_rl_core::envs::toy_text::{Blackjack, FrozenLake, LakeOptions};
use embedded_rl_core::preprocess::image::{grey, grey_of_interleaved, shrink};
use embedded_rl_core::preprocess::{
    ActionRepeat, Clipped, Discretised, FrameStack, GreyImage, LifeLoss, NoOpStarts, OneHot,
    RunningStatistics,
};
use embedded_rl_core::replay::Rewards;
use embedded_rl_core::rng::{Generator, NumpyGenerator, Rng, SeedableRng, integers, uniform};
use embedded_rl_core::space::Space;
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/preprocess/expected.json")).expect("what was written")
}

/// Pixels of a picture, as the script that wrote the golden data has them.
fn noise(count: usize) -> Vec<u8> {
    (0..count as u64)
        .map(|i| ((i.wrapping_mul(2_654_435_761).wrapping_add(12_345) % (1 << 32)) >> 11) as u8)
        .collect()
}

/// FNV-1a.
fn checksum(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    format!("{hash:016x}")
}

fn size(value: &Value) -> [usize; 2] {
    [0, 1].map(|axis| value[axis].as_u64().expect("a side") as usize)
}

fn floats(value: &Value) -> Vec<f32> {
    let bits = value.as_array().expect("a list").iter();
    bits.map(|bits| f32::from_bits(bits.as_u64().expect("bits") as u32)).collect()
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

/// A game as it was recorded: every screen of the machine in the order in which they were seen, and no other.
struct Tape<'a> {
    actions: u32,
    palette: Vec<[u8; 3]>,
    lines: core::slice::Iter<'a, Value>,
    /// Colours of the present screen, by their place in the palette.
    screen: Vec<u8>,
    lives: u32,
}

impl Tape<'_> {
    const SIZE: [usize; 2] = [210, 160];
    const PIXELS: usize = Self::SIZE[0] * Self::SIZE[1];

    /// What the machine did next, if it is what it was asked to do.
    fn next(&mut self, action: Option<u32>, observation: &mut [u8]) -> Step {
        let number = |value: &Value| value.as_i64().expect("a number");
        let line = self.lines.next().expect("more of the recording");
        assert_eq!(line[0].as_u64(), action.map(u64::from), "what the machine is asked to do");
        self.lives = number(&line[1]) as u32;
        let runs: Vec<usize> =
            line[4].as_array().expect("runs").iter().map(|run| number(run) as usize).collect();
        let mut place = 0;
        for &[skipped, length, colour] in runs.as_chunks().0 {
            place += skipped;
            self.screen[place..place + length].fill(colour as u8);
            place += length;
        }
        for (channel, plane) in observation.chunks_exact_mut(Self::PIXELS).enumerate() {
            for (pixel, &colour) in plane.iter_mut().zip(&self.screen) {
                *pixel = self.palette[usize::from(colour)][channel];
            }
        }
        let ending = (number(&line[3]) == 1).then_some(Terminated);
        Step { reward: number(&line[2]) as f64, ending }
    }
}

impl Env for Tape<'_> {
    type Action = u32;
    type Element = u8;

    fn action_space(&self) -> Space<'_> {
        Space::Discrete { n: self.actions }
    }

    fn observation_space(&self) -> Space<'_> {
        let [height, width] = Self::SIZE;
        Space::Image { channels: 3, height, width }
    }

    fn reset<R: Rng + ?Sized>(&mut self, _: &mut R, observation: &mut [u8]) {
        self.next(None, observation);
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, _: &mut R, observation: &mut [u8]) -> Step {
        self.next(Some(action), observation)
    }
}

/// Plays a recorded game: starts from nothing done, endings with a life, repeated actions, grey, small, stacked. Says how
/// many steps and endings it had, and the sum of its rewards' signs.
fn play_tape(text: &str) -> (usize, usize, f32) {
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let (header, lines) = lines.split_first().expect("a header");
    let (screens, seen): (Vec<Value>, Vec<Value>) =
        lines.iter().cloned().partition(Value::is_array);
    // What Gymnasium seeds the game with, for the number of steps in which nothing is done.
    let rng = &mut NumpyGenerator::new(header["draws"].as_u64().expect("a seed"));
    let tape = Tape {
        actions: header["actions"].as_u64().expect("a count") as u32,
        palette: serde_json::from_value(header["palette"].clone()).expect("colours"),
        lines: screens.iter(),
        screen: vec![0; Tape::PIXELS],
        lives: 0,
    };
    let game = LifeLoss::new(NoOpStarts::new(tape, 0, 30), |starts| starts.env.lives);
    let grey = GreyImage::<_, { 3 * Tape::PIXELS }>::new(game, Tape::SIZE);
    let bright = ActionRepeat::<_, _, { Tape::PIXELS }>::new(grey, 4, true);
    let small = GreyImage::<_, { Tape::PIXELS }>::new(bright, [84, 84]);
    let mut env = Box::new(FrameStack::<_, _, { 4 * 84 * 84 }>::new(small, 4));
    let mut stack = vec![0; 4 * 84 * 84];
    let (mut steps, mut endings, mut signs) = (0, 0, 0.0);
    for (index, line) in seen.iter().enumerate() {
        if let Some(action) = line["action"].as_u64() {
            let step = env.step(action as u32, rng, &mut stack);
            let sign = Rewards::Sign.of(step);
            let got = serde_json::json!([step.reward, sign, step.ending == Some(Terminated)]);
            let want = serde_json::json!([line["reward"], line["sign"], line["ended"]]);
            assert_eq!(got, want, "observation {index}");
            steps += 1;
            signs += sign;
            if step.ending.is_some() {
                endings += 1;
            }
        } else {
            env.reset(rng, &mut stack);
        }
        assert_eq!(checksum(&stack), line["observation"], "observation {index}");
    }
    assert_eq!(env.env.env.env.env.env.env.lines.len(), 0, "screens that nobody saw");
    (steps, endings, signs)
}

#[test]
fn atari_games_come_through_as_through_gymnasium() {
    // Two lives lost, six bricks.
    let breakout = play_tape(include_str!("golden/atari/breakout.jsonl"));
    assert_eq!(breakout, (323, 2, 6.0));
    // Two points for the other side.
    let pong = play_tape(include_str!("golden/atari/pong.jsonl"));
    assert_eq!(pong, (160, 0, -2.0));
}

/// One rounding apart from what numpy makes of it in another order.
#[test]
fn running_statistics_are_those_of_gymnasium() {
    let golden = golden();
    let cases = &golden["normalise"];
    let (mut means, mut squares) = ([0.0; 4], [0.0; 4]);
    let prior = RunningStatistics::GYMNASIUM_PRIOR;
    let mut statistics = RunningStatistics::new(prior, &mut means, &mut squares);
    let pairs = ["raw", "normalised"].map(|key| cases[key].as_array().expect("observations"));
    assert_eq!(pairs[0].len(), 9);
    for (raw, expected) in pairs[0].iter().zip(pairs[1]) {
        let mut observation = floats(raw);
        statistics.update(&observation);
        statistics.normalise(&mut observation);
        for (got, want) in observation.iter().zip(floats(expected)) {
            assert!((got - want).abs() <= 2e-5 * want.abs().max(0.01), "{got} is not {want}");
        }
    }
}

/// Takes any action in its bounds and remembers it.
#[derive(Clone)]
struct Shown([f32; 2]);

impl Env for Shown {
    type Action = [f32; 2];
    type Element = f32;

    fn action_space(&self) -> Space<'_> {
        Space::Box { low: &[-2.0, 0.0], high: &[2.0, 0.3] }
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Box { low: &[0.0], high: &[0.0] }
    }

    fn reset<R: Rng + ?Sized>(&mut self, _: &mut R, _: &mut [f32]) {}

    fn step<R: Rng + ?Sized>(&mut self, action: [f32; 2], _: &mut R, _: &mut [f32]) -> Step {
        self.0 = action;
        Step { reward: 0.0, ending: None }
    }
}

#[test]
fn discretised_and_clipped_actions_are_those_of_gymnasium() {
    let (golden, rng) = (golden(), &mut Generator::seed_from_u64(0));
    let mut env = Discretised::new(Shown([9.0; 2]), [3, 4]);
    assert_eq!(env.action_space(), Space::Discrete { n: 12 });
    for (number, expected) in (0..).zip(golden["discretised"].as_array().expect("actions")) {
        env.step(number, rng, &mut [0.0]);
        assert_eq!(env.env.0, *floats(expected), "action {number}");
    }
    let mut env = Clipped::new(Shown([9.0; 2]));
    for case in golden["clipped"].as_array().expect("actions") {
        let given = floats(&case[0]);
        env.step([given[0], given[1]], rng, &mut [0.0]);
        assert_eq!(env.env.0, *floats(&case[1]));
    }
}

fn any(rng: &mut Generator, count: i64) -> u32 {
    integers(rng, 0, count) as u32
}

const fn outside(count: u32) -> [u32; 2] {
    [count, u32::MAX]
}

fn grid() -> PixelGrid {
    PixelGrid::with_tile(Gridworld::<90>::random_goal().expect("a map"), Colours::Rgb, 3)
}

#[test]
fn wrappers_of_images_keep_the_contract() {
    let shrunk = GreyImage::<_, { 3 * 27 * 30 }>::cropped(grid(), [3, 3], [21, 24], [14, 15]);
    let repeated = ActionRepeat::<_, _, { 14 * 15 }>::new(shrunk.clone(), 2, true);
    let stacked = FrameStack::<_, _, { 4 * 14 * 15 }>::new(repeated.clone(), 4);
    fn check(env: impl Env<Action = u32, Element = u8> + Clone) {
        Contract {
            env,
            plays: &[Play { policy: &|_, _, rng| any(rng, 4), ending: Terminated, within: 300 }],
            wrong_actions: &outside(4),
            chance: true,
        }
        .check();
    }
    check(shrunk);
    check(repeated);
    check(stacked);
}

#[test]
fn starts_and_endings_keep_the_contract() {
    Contract {
        env: NoOpStarts::new(Breakout::new(0.1), 0, 30),
        plays: &[Play { policy: &|_, _, rng| any(rng, 3), ending: Terminated, within: 200 }],
        wrong_actions: &outside(3),
        chance: true,
    }
    .check();
    // The paddle's only life is lost in the left corner.
    let game = LifeLoss::new(NoOpStarts::new(Breakout::new(0.0), 0, 1), |starts| {
        u32::from(starts.env.thing(9, 0) != Thing::Paddle)
    });
    Contract {
        env: TimeLimit::new(game, 20),
        plays: &[
            Play { policy: &|_, _, _| 1, ending: Terminated, within: 4 },
            Play { policy: &|_, step, _| 2 - step % 2, ending: Terminated, within: 20 },
        ],
        wrong_actions: &outside(3),
        chance: true,
    }
    .check();
}

#[test]
fn wrappers_of_numbers_keep_the_contract() {
    Contract {
        env: OneHot::new(FrozenLake::<64>::small(LakeOptions::default()).expect("a map")),
        plays: &[Play { policy: &|_, _, rng| any(rng, 4), ending: Terminated, within: 100 }],
        wrong_actions: &outside(4),
        chance: true,
    }
    .check();
    let cards = OneHot::new(Blackjack::by_the_book());
    assert_eq!(cards.observation_space().len(), 32 + 11 + 2);
    Contract {
        env: cards,
        plays: &[Play { policy: &|_, _, rng| any(rng, 2), ending: Terminated, within: 21 }],
        wrong_actions: &outside(2),
        chance: true,
    }
    .check();
    Contract {
        env: TimeLimit::new(Discretised::new(Pendulum::new(), [5]), 50),
        plays: &[Play { policy: &|_, _, rng| any(rng, 5), ending: Truncated, within: 50 }],
        wrong_actions: &outside(5),
        chance: true,
    }
    .check();
    Contract {
        env: TimeLimit::new(Clipped::new(Pendulum::new()), 50),
        plays: &[Play {
            policy: &|_, _, rng| [uniform(rng, -9.0, 9.0) as f32],
            ending: Truncated,
            within: 50,
        }],
        wrong_actions: &[[f32::NAN]],
        chance: true,
    }
    .check();
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
