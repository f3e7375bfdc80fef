//! Everything that continuing a run needs, in one file.
//!
//! ```text
//! 8 bytes   magic "\x89RLC\r\n\x1a\n"
//! u32       version, 3
//! u32       CRC-32 of the rest
//! the rest  postcard of `Checkpoint`
//! ```
//!
//! The wall clock is not in it, so equal runs write equal checkpoints. The file is for the program that wrote it;
//! what leaves the program is the policy file.

mod bytes;
mod replay;

pub use replay::{FrameContent, ReplayContent, WholeContent};

use crate::failure::{Failure, Outcome};
use crate::record::write_atomically_with;
use embedded_rl_core::dqn::AgentState;
use embedded_rl_core::nn::OptimiserState;
use embedded_rl_core::replay::Waiting;
use embedded_rl_core::rng::Generator;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

const MAGIC: [u8; 8] = *b"\x89RLC\r\n\x1a\n";
const VERSION: u32 = 3;
const HEADER: usize = 16;
const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);

/// The state of a run between two steps; `E` is the environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint<'a, E> {
    /// The run's whole configuration, to notice that it was changed since.
    pub config: Cow<'a, str>,
    /// The environment in the middle of its episode.
    pub env: E,
    /// Its draws.
    pub env_rng: Generator,
    /// What the agent sees.
    pub observation: Cow<'a, [f32]>,
    /// Rewards of the episode so far.
    pub total_reward: f64,
    /// Steps of the episode so far.
    pub length: u64,
    /// Counters and generators of the agent.
    pub agent: AgentState,
    /// The optimiser's counters.
    pub optimiser: OptimiserState,
    /// The online network.
    pub parameters: Cow<'a, [f32]>,
    /// The target network.
    pub target_parameters: Cow<'a, [f32]>,
    /// The optimiser's moments.
    pub moments: Cow<'a, [f32]>,
    /// The replay memory.
    pub replay: ReplayContent<'a>,
    /// The steps that are not transitions yet.
    pub waiting: WaitingContent<'a>,
    /// Priorities, where transitions are drawn by them.
    pub priorities: Option<PriorityContent<'a>>,
    /// What training has come to.
    pub progress: Progress,
}

/// Steps that wait until enough rewards have followed them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitingContent<'a> {
    /// Which places of the rings below are in use.
    pub waiting: Waiting,
    /// `[n - 1][W]`
    pub observations: Cow<'a, [f32]>,
    /// `[n - 1]`
    pub actions: Cow<'a, [u32]>,
    /// `[n - 1]`
    pub rewards: Cow<'a, [f32]>,
}

/// How likely each transition of the replay memory is drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PriorityContent<'a> {
    /// Of every slot that was ever filled.
    pub priorities: Cow<'a, [f32]>,
    /// The largest there ever was.
    pub largest: f32,
}

/// What training has come to besides the agent's own state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Returns of the last 100 episodes, the oldest first.
    pub recent_returns: Vec<f64>,
    /// The first episode at which their mean reached the threshold.
    pub solved_at_episode: Option<u64>,
    /// The parameters to export: the best so far.
    pub best: Option<Best>,
    /// Loss and mean value of the last update.
    pub last_update: (f32, f32),
    /// Rows in `metrics.csv`.
    pub metric_rows: u64,
    /// Rows in `evaluations.csv`.
    pub evaluation_rows: u64,
    /// An evaluation reached the return at which training ends.
    pub stopped: bool,
}

/// The best evaluation so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// The step it was made at.
    pub step: u64,
    /// Its mean return.
    pub mean: f64,
    /// The network's parameters then.
    pub parameters: Vec<f32>,
}

impl<E: Serialize> Checkpoint<'_, E> {
    /// Replaces the file at `path`. Written as it is made: a replay memory is not in memory a second time for it.
    pub fn write(&self, path: &Path) -> Outcome<()> {
        write_atomically_with(path, |file| {
            file.write_all(&[0; HEADER])?;
            let body = Summing { file, digest: CRC.digest(), stopped: None };
            let mut body = BufWriter::with_capacity(1 << 16, body);
            let written = postcard::to_io(self, &mut body).map(|_| ());
            let flushed = body.flush();
            let (Summing { file, digest, stopped }, _) = body.into_parts();
            // Of what stopped it, postcard only knows that something did.
            stopped.map_or(Ok(()), Err)?;
            flushed?;
            written.map_err(io::Error::other)?;
            let mut header = [0; HEADER];
            header[..8].copy_from_slice(&MAGIC);
            header[8..12].copy_from_slice(&VERSION.to_le_bytes());
            header[12..16].copy_from_slice(&digest.finalize().to_le_bytes());
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&header)
        })
    }
}

/// A file and the checksum of what was written to it.
struct Summing<'a> {
    file: &'a mut File,
    digest: crc::Digest<'static, u32>,
    stopped: Option<io::Error>,
}

impl Write for Summing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.file.write(bytes) {
            Ok(count) => {
                self.digest.update(&bytes[..count]);
                Ok(count)
            }
            Err(error) => {
                let again = io::Error::new(error.kind(), error.to_string());
                self.stopped = (error.kind() != io::ErrorKind::Interrupted).then_some(error);
                Err(again)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl<E: for<'de> Deserialize<'de>> Checkpoint<'static, E> {
    /// Reads the file at `path`.
    pub fn read(path: &Path) -> Outcome<Self> {
        let refuse = |reason: &str| {
            Failure::failed(format!("the checkpoint {} cannot be used: {reason}", path.display()))
        };
        let bytes = std::fs::read(path).map_err(|error| refuse(&error.to_string()))?;
        if bytes.len() < HEADER || bytes[..8] != MAGIC {
            return Err(refuse("it is not a checkpoint of this program, or it is cut off"));
        }
        let word = |at: usize| {
            u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        if word(8) != VERSION {
            return Err(refuse(&format!(
                "it is version {}, this program reads version {VERSION}",
                word(8)
            )));
        }
        if word(12) != CRC.checksum(&bytes[HEADER..]) {
            return Err(refuse("its checksum does not match, so it is damaged or cut off"));
        }
        postcard::from_bytes(&bytes[HEADER..])
            .map_err(|_| refuse("it was written for another environment or by another version"))
    }
}
