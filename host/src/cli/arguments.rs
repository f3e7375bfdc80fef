//! What can be typed.

use crate::draw::Screen;
use crate::experiment::Seeds;
use crate::solve::Method;
use crate::train::Device;
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use console::Term;
use std::path::PathBuf;

/// Reinforcement learning that runs the same, bit for bit, from a host down to a microcontroller.
#[derive(Debug, Parser)]
#[command(name = "embedded-rl", version, about)]
pub(super) struct Arguments {
    /// Print one JSON object a line on standard output, and nothing else there.
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// List environments and presets.
    List,
    /// Train a policy: `train cart-pole`.
    Train(Train),
    /// Play a policy greedily and print its mean return.
    Eval(Eval),
    /// Find the optimal values and actions of a task whose rules are known.
    Solve(Solve),
    /// Write the policy of a run to a file, and check that it gives the same values.
    Export(Export),
    /// Replay a recorded Gymnasium trace and compare every bit.
    Replay(Replay),
}

#[derive(Debug, Args)]
pub(super) struct Train {
    /// A preset's name (see `list`), or a configuration file that ends in .toml.
    #[arg(required_unless_present = "resume", conflicts_with = "resume")]
    pub(super) preset: Option<String>,
    /// Continue the run in this folder.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["seed", "seeds", "out", "set"])]
    pub(super) resume: Option<PathBuf>,
    /// Seed of the run; every random number follows from it.
    #[arg(long)]
    pub(super) seed: Option<u64>,
    /// Several seeds, as in 0..10: runs on all cores, then means and 95 % bands.
    #[arg(long, value_name = "A..B", conflicts_with = "seed")]
    pub(super) seeds: Option<Seeds>,
    /// Folder for the run (default: runs/PRESET-seedN).
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Change one value of the configuration, as in --set agent.discount=0.98 (repeatable).
    #[arg(long, value_name = "KEY=VALUE")]
    pub(super) set: Vec<String>,
    /// Where networks are trained: cpu, cuda, cuda:N, or auto for a card if there is one. All leave the same bytes.
    #[arg(long, default_value = "cpu")]
    pub(super) device: Device,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("shown").args(["gif", "watch"]).multiple(true)))]
pub(super) struct Eval {
    /// A run's folder, or a policy file.
    pub(super) policy: PathBuf,
    /// Episodes to play.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) episodes: u64,
    /// Seed of the first episode; each starts as Gymnasium's reset(seed) and takes the next one.
    #[arg(long, default_value_t = 0)]
    pub(super) seed: u64,
    /// Environment to play in, if not the one the policy was trained in.
    #[arg(long, value_name = "ID")]
    pub(super) environment: Option<String>,
    /// Also write a film of one episode.
    #[arg(long, value_name = "FILE")]
    pub(super) gif: Option<PathBuf>,
    /// Also play one episode before your eyes, in a terminal with 24-bit colours.
    #[arg(long)]
    pub(super) watch: bool,
    /// Seed of the episode that is filmed or watched (default: that of the first).
    #[arg(long, value_name = "N", alias = "gif-seed", requires = "shown")]
    pub(super) film_seed: Option<u64>,
    /// Which agent of an experiment is filmed or watched (default: the first).
    #[arg(long, value_name = "NAME", requires = "shown")]
    pub(super) variant: Option<String>,
}

impl Eval {
    /// Where an episode is to be shown.
    pub(super) fn screens(&self) -> impl Iterator<Item = Screen<'_>> {
        let file = self.gif.as_deref().map(Screen::File);
        let columns = || usize::from(Term::stdout().size().1.clamp(20, 120));
        file.into_iter().chain(self.watch.then(|| Screen::Terminal { columns: columns() }))
    }
}

#[derive(Debug, Args)]
pub(super) struct Solve {
    /// What to solve (see `list`).
    pub(super) model: String,
    /// Factor between the values of two steps that follow each other.
    #[arg(long, default_value_t = 0.9)]
    pub(super) discount: f64,
    /// How to plan.
    #[arg(long, value_enum, default_value_t)]
    pub(super) method: Method,
    /// Episodes in which the plan is then played, to compare its return with what is computed.
    #[arg(long, default_value_t = 0)]
    pub(super) episodes: u64,
    /// One option of the task, as in --set is_slippery=false (repeatable).
    #[arg(long, value_name = "KEY=VALUE")]
    pub(super) set: Vec<String>,
    /// Folder for tables and pictures of the solution.
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// A run's folder, or a policy file.
    pub(super) run: PathBuf,
    /// File to write.
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
    /// What to write.
    #[arg(long, value_enum, default_value_t = Format::Rlp)]
    pub(super) format: Format,
}

/// What `export` can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// The policy file that firmware reads.
    Rlp,
    /// Tensors with PyTorch's names and layout.
    Safetensors,
}

#[derive(Debug, Args)]
pub(super) struct Replay {
    /// A recording: JSON lines as tests/golden has them.
    pub(super) trace: PathBuf,
    /// Also write a film of one episode.
    #[arg(long, value_name = "FILE")]
    pub(super) gif: Option<PathBuf>,
    /// Which episode is filmed, by its number in the recording (default: the first).
    #[arg(long, value_name = "N", requires = "gif")]
    pub(super) episode: Option<u64>,
}
