//! An episode as it is shown: a film in a file, or in the terminal while it is played.

use super::gif::Gif;
use super::sparks::Sparks;
use super::terminal::half_blocks;
use super::{Canvas, Drawn};
use crate::failure::{Failure, Outcome};
use crate::registry::{RecordedAction, Registered};
use core::time::Duration;
use embedded_rl_core::env::Ending;
use embedded_rl_core::rng::Rng;
use std::io::{Write, stdout};
use std::path::Path;

/// Where an episode is shown.
#[derive(Clone, Copy, Debug)]
pub enum Screen<'a> {
    /// A GIF that is written at the end.
    File(&'a Path),
    /// Standard output, at the speed of the film, in so many letters a row.
    Terminal {
        /// At least one.
        columns: usize,
    },
}

/// An episode that was shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Filmed {
    /// The start and what each step led to.
    pub frames: u64,
    /// Sum of the rewards.
    pub total_reward: f64,
    /// How the episode ended; `None` if the film was over before it.
    pub ending: Option<Ending>,
}

/// Steps after which a film is over, whatever the episode does: a policy that learned nothing may walk in circles,
/// and not every task has a limit.
const MOST_STEPS: u64 = 1_000;

/// Plays one episode with the numbered actions that `choose` gives for observations, and shows it.
///
/// # Errors
/// If the environment cannot be drawn, its actions are no numbers, or the file cannot be written.
pub fn film_episode<E: Registered, R: Rng + ?Sized>(
    screen: Screen<'_>,
    env: &mut E,
    rng: &mut R,
    mut choose: impl FnMut(&[E::Element]) -> u32,
) -> Outcome<Filmed> {
    let mut observation = vec![E::Element::default(); env.observation_space().len()];
    env.reset(rng, &mut observation);
    let mut film = Film::begin(screen, env)?;
    let (mut total_reward, mut ending) = (0.0, None);
    for _ in 0..MOST_STEPS {
        let action = E::Action::numbered(choose(&observation))
            .ok_or_else(|| Failure::wrong_use("the actions of this environment are no numbers"))?;
        film.before_step(env, action);
        let step = env.step(action, rng, &mut observation);
        film.after_step(env)?;
        total_reward += step.reward;
        ending = step.ending;
        if ending.is_some() {
            break;
        }
    }
    Ok(Filmed { frames: film.end()?, total_reward, ending })
}

/// A film that is being made.
pub struct Film<'a> {
    projector: Projector<'a>,
    trail: Vec<u32>,
    sparks: Sparks,
}

enum Projector<'a> {
    File { path: &'a Path, gif: Box<Gif> },
    Terminal { columns: usize, pause: Duration, frames: u64 },
}

impl<'a> Film<'a> {
    /// Begins with the environment as it is now.
    ///
    /// # Errors
    /// If it cannot be drawn, or is too large for the film.
    pub fn begin<E: Registered>(screen: Screen<'a>, env: &E) -> Outcome<Self> {
        let Some(drawn) = env.drawn() else {
            return Err(Failure::wrong_use("this environment has no pictures to make a film of"));
        };
        let (first, frames_per_second) = (drawn.frame(&[]), drawn.frames_per_second());
        let projector = match screen {
            Screen::File(path) => {
                Projector::File { path, gif: Box::new(Gif::begin(first, frames_per_second)?) }
            }
            Screen::Terminal { columns } => {
                show(&first, columns, true);
                let pause = Duration::from_secs(1) / frames_per_second;
                Projector::Terminal { columns, pause, frames: 1 }
            }
        };
        Ok(Self { projector, trail: Vec::new(), sparks: Sparks::none() })
    }

    /// Notes where the environment is, and what `action` will throw out.
    pub fn before_step<E: Registered>(&mut self, env: &E, action: E::Action) {
        if let Some(drawn) = env.drawn() {
            self.trail.extend(drawn.cell());
            self.sparks.pass(drawn, &action.recorded());
        }
    }

    /// Adds the environment as it is now.
    ///
    /// # Errors
    /// If the frame cannot be encoded.
    pub fn after_step<E: Registered>(&mut self, env: &E) -> Outcome<()> {
        let Some(drawn) = env.drawn() else { return Ok(()) };
        self.push(drawn)
    }

    fn push(&mut self, drawn: &dyn Drawn) -> Outcome<()> {
        let frame = drawn.frame_with_sparks(&self.trail, self.sparks.flying());
        match &mut self.projector {
            Projector::File { gif, .. } => gif.push(frame)?,
            Projector::Terminal { columns, pause, frames } => {
                std::thread::sleep(*pause);
                show(&frame, *columns, false);
                *frames += 1;
            }
        }
        Ok(())
    }

    /// Writes what is to be written; says how many frames were shown.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn end(self) -> Outcome<u64> {
        match self.projector {
            Projector::File { path, gif } => gif.write(path),
            Projector::Terminal { frames, .. } => Ok(frames),
        }
    }
}

/// Puts a frame over the one before. A reader that went away is no reason to stop.
fn show(frame: &Canvas, columns: usize, first: bool) {
    let clear = if first { "\x1b[2J" } else { "" };
    let mut out = stdout().lock();
    let _ = write!(out, "{clear}\x1b[H{}", half_blocks(frame, columns));
    let _ = out.flush();
}
