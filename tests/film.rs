//! Films of episodes: read back by a decoder, they show every state from the start to the end, in its colours.

use embedded_rl::draw::{Canvas, Colour, Filmed, Screen, film_episode};
use embedded_rl::registry::{self, OnEnvironment, Registered};
use embedded_rl_checks::command::{self, Finished, Scratch};
use embedded_rl_core::env::TimeLimit;
use embedded_rl_core::envs::breakout::Breakout;
use embedded_rl_core::envs::classic::{Acrobot, CartPole, MountainCar};
use embedded_rl_core::envs::docking::Docking;
use embedded_rl_core::envs::gridworld::Gridworld;
use embedded_rl_core::envs::lunar_lander::{LanderOptions, LunarLander};
use embedded_rl_core::envs::toy_text::{CliffWalking, FrozenLake, LakeOptions};
use embedded_rl_core::nn::{Activation, NetworkSpec};
use embedded_rl_core::preprocess::Flattened;
use embedded_rl_core::preprocess::Normalise;
use embedded_rl_core::rng::NumpyGenerator;
use embedded_rl_core::weights::{encode, encoded_len};
use gif::{ColorOutput, DecodeOptions};
use serde_json::json;
use std::fs::{self, File};
use std::path::Path;

const PROGRAM: &str = env!("CARGO_BIN_EXE_embedded-rl-under-test");

/// Every frame as a viewer shows it, `[height][width]`, and how long [1/100 s].
struct Shown {
    width: usize,
    height: usize,
    frames: Vec<(Vec<Colour>, u16)>,
}

fn show(path: &Path) -> Shown {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    let mut decoder = options.read_info(File::open(path).expect("a file")).expect("a GIF");
    let (width, height) = (usize::from(decoder.width()), usize::from(decoder.height()));
    let mut screen = vec![[0; 3]; width * height];
    let mut frames = Vec::new();
    while let Some(frame) = decoder.read_next_frame().expect("a whole frame") {
        let (left, top) = (usize::from(frame.left), usize::from(frame.top));
        for (row, pixels) in frame.buffer.chunks(4 * usize::from(frame.width)).enumerate() {
            for (column, pixel) in pixels.chunks(4).enumerate() {
                screen[(top + row) * width + left + column] = [pixel[0], pixel[1], pixel[2]];
            }
        }
        frames.push((screen.clone(), frame.delay));
    }
    Shown { width, height, frames }
}

/// Films an episode of `env` in which the actions come round by turns, and says what should be seen.
fn film_by_turns<E: Registered<Action = u32>>(
    mut env: E,
    actions: u32,
    path: &Path,
) -> (Filmed, Vec<Canvas>) {
    let mut played = env.clone();
    let (mut turn, rng) = (0, &mut NumpyGenerator::new(5));
    let filmed = film_episode(Screen::File(path), &mut env, rng, |_| {
        turn += 1;
        turn % actions
    });

    let rng = &mut NumpyGenerator::new(5);
    let mut observation = vec![E::Element::default(); played.observation_space().len()];
    played.reset(rng, &mut observation);
    let (mut frames, mut trail, mut turn) = (Vec::new(), Vec::new(), 0);
    loop {
        let drawn = played.drawn().expect("an environment with pictures");
        frames.push(drawn.frame(&trail));
        trail.extend(drawn.cell());
        turn += 1;
        if played.step(turn % actions, rng, &mut observation).ending.is_some() {
            frames.push(played.drawn().expect("pictures").frame(&trail));
            return (filmed.expect("a film"), frames);
        }
    }
}

fn assert_film_shows<E: Registered<Action = u32>>(env: E, actions: u32, size: (usize, usize)) {
    let scratch = Scratch::new("film");
    let path = scratch.join("film.gif");
    // Of up to 40 steps: time enough to move, and a test that a person can wait for.
    let env = TimeLimit::new(env, 40);
    let (filmed, frames) = film_by_turns(env.clone(), actions, &path);
    let shown = show(&path);
    assert_eq!((shown.width, shown.height), size);
    assert_eq!(shown.frames.len() as u64, filmed.frames);
    assert_eq!(shown.frames.len(), frames.len(), "the start, and one a step");
    assert!(filmed.ending.is_some() && frames.len() > 3, "{filmed:?}");
    for (index, ((pixels, _), frame)) in shown.frames.iter().zip(&frames).enumerate() {
        let differs = |(a, b): (&Colour, &Colour)| {
            a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
        };
        let worst = pixels.iter().zip(frame.pixels()).map(differs).max();
        // Only on smooth edges, where one shade stands for its neighbours.
        assert!(worst <= Some(16), "frame {index}: a colour is off by {worst:?}");
    }
    let (last, others) = shown.frames.split_last().expect("frames");
    assert!(others.iter().all(|(_, delay)| *delay == others[0].1 && *delay >= 2));
    assert!(last.1 > 50, "the end stays for a while");

    let first = fs::read(&path).expect("a film");
    film_by_turns(env, actions, &path);
    assert!(fs::read(&path).expect("a film") == first, "one episode, one film");
}

#[test]
fn a_film_shows_every_state_in_its_colours() {
    assert_film_shows(CartPole::new(), 2, (600, 400));
    assert_film_shows(MountainCar::new(), 3, (600, 400));
    assert_film_shows(Acrobot::new(), 3, (500, 500));
    assert_film_shows(Gridworld::<256>::obstacle().expect("a map"), 4, (481, 433));
    assert_film_shows(Gridworld::<256>::random_goal().expect("a map"), 4, (481, 433));
    assert_film_shows(Breakout::new(Breakout::STICKINESS), 3, (240, 240));
    assert_film_shows(CliffWalking::new(true), 4, (481, 161));
    let lake = FrozenLake::<1024>::small(LakeOptions::default()).expect("a map");
    assert_film_shows(lake, 4, (289, 289));
    assert_film_shows(Flattened::<_, 2>::new(Docking::new()), 9, (400, 400));
    // Its engines stay off: what they throw out is not in a state.
    assert_film_shows(lander(), 1, (600, 400));
}

fn lander() -> LunarLander {
    LunarLander::new(LanderOptions::default()).expect("usual options")
}

#[test]
fn engines_of_the_lander_glow_in_its_films() {
    let scratch = Scratch::new("sparks");
    let path = scratch.join("film.gif");
    let (_, frames) = film_by_turns(TimeLimit::new(lander(), 40), 4, &path);
    let shown = show(&path).frames;
    assert_eq!(shown.len(), frames.len());
    // Nothing else of a frame is much more red than green.
    let glowing = |pixels: &[Colour]| {
        pixels.iter().filter(|[red, green, _]| *red > green.saturating_add(60)).count() > 3
    };
    let states = frames.iter().filter(|frame| glowing(frame.pixels())).count();
    let films = shown.iter().filter(|(pixels, _)| glowing(pixels)).count();
    assert!(states == 0 && films > 25, "{films} frames of {} glow, {states} states", shown.len());
}

#[test]
fn a_walk_in_circles_is_not_filmed_for_ever() {
    struct Standing<'a>(&'a Path);
    impl OnEnvironment for Standing<'_> {
        type Output = Filmed;
        fn run<E: Registered>(self, mut env: E) -> Filmed {
            film_episode(Screen::File(self.0), &mut env, &mut NumpyGenerator::new(0), |_| 0)
                .expect("a film")
        }
    }
    let scratch = Scratch::new("circles");
    let path = scratch.join("film.gif");
    let cliff = registry::find("CliffWalking-v1").expect("a name");
    let filmed = cliff.run(&json!({}), Standing(&path)).expect("a cliff");
    assert_eq!((filmed.frames, filmed.ending), (1_001, None));
    assert_eq!(show(&path).frames.len(), 1_001);
}

/// A policy for CartPole that has learned nothing, and what `eval` makes of it.
fn eval(scratch: &Scratch, more: &[&str]) -> Finished {
    let spec = NetworkSpec::mlp(&[4, 2], Activation::Relu);
    let mut bytes = vec![0; encoded_len(&spec, Normalise::IDENTITY)];
    let parameters: Vec<f32> = (0u8..10).map(|index| f32::from(index % 3) - 1.0).collect();
    encode("CartPole-v1", &spec, Normalise::IDENTITY, &parameters, &mut bytes);
    scratch.write("mine.rlp", bytes);
    let arguments = [&["eval", "mine.rlp", "--episodes=1", "--seed=7"], more].concat();
    command::run(PROGRAM, scratch.path(), &arguments)
}

#[test]
fn eval_films_the_episode_that_it_counts() {
    let scratch = Scratch::new("eval-film");
    let objects = eval(&scratch, &["--gif=film.gif", "--json"]).success().objects();
    let (film, episode) = (&objects[0], &objects[1]);
    assert_eq!((&film["type"], &film["path"]), (&json!("film"), &json!("film.gif")));
    assert_eq!((&film["seed"], &film["return"]), (&json!(7), &episode["return"]));
    let length = episode["length"].as_u64().expect("a length");
    assert_eq!(film["frames"], json!(length + 1));
    let shown = show(&scratch.join("film.gif"));
    assert_eq!(shown.frames.len() as u64, length + 1);
    assert_eq!((shown.width, shown.height), (600, 400));

    let said = eval(&scratch, &["--gif=other.gif", "--gif-seed=8"]).success();
    assert!(said.output.starts_with("other.gif: ") && said.output.contains("seed 8"), "{said:?}");
    let files = ["film.gif", "other.gif"].map(|name| fs::read(scratch.join(name)).expect("a film"));
    assert!(files[0] != files[1], "another seed is another episode");
}

#[test]
fn a_film_that_cannot_be_written_is_said_first() {
    let scratch = Scratch::new("no-film");
    fs::create_dir(scratch.join("folder")).expect("a folder");
    for path in ["none/film.gif", "folder", "mine.rlp/film.gif"] {
        let refused = eval(&scratch, &["--gif", path, "--json"]);
        assert!(refused.sentence(1).contains(&format!("cannot write {path}")), "{refused:?}");
        assert_eq!(refused.output, "");
    }
    let wrong = eval(&scratch, &["--gif-seed=3"]);
    assert_eq!(wrong.status, Some(2), "{wrong:?}");
}

#[test]
fn an_episode_can_be_watched_in_a_terminal() {
    let scratch = Scratch::new("watch");
    let said = eval(&scratch, &["--watch"]).success().output;
    let frames = said.matches("\x1b[H").count();
    let played = said.lines().find(|line| line.contains("frames of the episode")).expect("a line");
    assert_eq!(
        played,
        format!("shown: {frames} frames of the episode with seed 7, return {}", frames - 1)
    );
    assert!(said.starts_with("\x1b[2J\x1b[H") && said.contains('▀'));
    let refused = eval(&scratch, &["--watch", "--json"]);
    assert!(refused.sentence(2).contains("leave one out"));
}

#[test]
fn a_recorded_episode_can_be_filmed_whatever_its_actions_are() {
    let scratch = Scratch::new("replay-film");
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/");
    // (recording, episode, its steps)
    for (trace, episode, size) in
        [("lunar_lander/continuous.jsonl", "1", (600, 400)), ("pendulum_v1.jsonl", "0", (500, 500))]
    {
        let trace = format!("{golden}{trace}");
        let film = |episode: &str| {
            let arguments = ["replay", &trace, "--gif=film.gif", "--episode", episode];
            command::run(PROGRAM, scratch.path(), &arguments)
        };
        film(episode).success();
        let shown = show(&scratch.join("film.gif"));
        assert_eq!((shown.width, shown.height), size);
        assert_eq!(shown.frames.len(), 1 + recorded_steps(&trace, episode));
        assert!(film("99999").sentence(1).contains("does not stand in the trace"));
    }
}

fn recorded_steps(trace: &str, episode: &str) -> usize {
    let number: u64 = episode.parse().expect("a number");
    let text = fs::read_to_string(trace).expect("a recording");
    let lines =
        text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    lines.filter(|line| line["ep"] == number && line["t"].is_u64()).count()
}
