//! Recorded Atari games, through all wrappers at once as Gymnasium chains them.

use crate::recorded::checksum;
use embedded_rl_core::env::{Ending::Terminated, Env, Step};
use embedded_rl_core::preprocess::{ActionRepeat, FrameStack, GreyImage, LifeLoss, NoOpStarts};
use embedded_rl_core::replay::Rewards;
use embedded_rl_core::rng::{NumpyGenerator, Rng};
use embedded_rl_core::space::Space;
use serde_json::Value;

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
    let breakout = play_tape(include_str!("../golden/atari/breakout.jsonl"));
    assert_eq!(breakout, (323, 2, 6.0));
    // Two points for the other side.
    let pong = play_tape(include_str!("../golden/atari/pong.jsonl"));
    assert_eq!(pong, (160, 0, -2.0));
}
