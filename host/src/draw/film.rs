//! A film of one episode.

use super::gif::Gif;
use super::sparks::Sparks;
use crate::failure::{Failure, Outcome};
use crate::registry::{RecordedAction, Registered};
use embedded_rl_core::env::Ending;
use embedded_rl_core::rng::Rng;
use std::path::Path;

/// A film that was made.
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

/// Plays one episode with the numbered actions that `choose` gives for observations, and writes it to `path` as a GIF.
///
/// # Errors
/// If the environment cannot be drawn, its actions are no numbers, or the file cannot be written.
pub fn film_episode<E: Registered, R: Rng + ?Sized>(
    path: &Path,
    env: &mut E,
    rng: &mut R,
    mut choose: impl FnMut(&[E::Element]) -> u32,
) -> Outcome<Filmed> {
    let mut observation = vec![E::Element::default(); env.observation_space().len()];
    env.reset(rng, &mut observation);
    let Some(drawn) = env.drawn() else {
        return Err(Failure::wrong_use("this environment has no pictures to make a film of"));
    };
    let (mut trail, mut sparks) = (Vec::new(), Sparks::none());
    let mut film = Gif::begin(drawn.frame(&trail), drawn.frames_per_second())?;
    let (mut total_reward, mut ending) = (0.0, None);
    for _ in 0..MOST_STEPS {
        trail.extend(env.drawn().and_then(|drawn| drawn.cell()));
        let number = choose(&observation);
        let action = E::Action::numbered(number)
            .ok_or_else(|| Failure::wrong_use("the actions of this environment are no numbers"))?;
        if let Some(drawn) = env.drawn() {
            sparks.pass(drawn, number);
        }
        let step = env.step(action, rng, &mut observation);
        total_reward += step.reward;
        if let Some(drawn) = env.drawn() {
            film.push(drawn.frame_with_sparks(&trail, sparks.flying()))?;
        }
        ending = step.ending;
        if ending.is_some() {
            break;
        }
    }
    Ok(Filmed { frames: film.write(path)?, total_reward, ending })
}
