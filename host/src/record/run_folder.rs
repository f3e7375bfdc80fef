//! Where the files of a run are.

use crate::failure::{Failure, Outcome};
use std::fs;
use std::path::{Path, PathBuf};

/// A folder that holds one run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Makes a new folder at `path`.
    pub fn create(path: &Path) -> Outcome<Self> {
        let folder = Self { path: path.to_owned() };
        if folder.config().exists() {
            return Err(Failure::wrong_use(format!(
                "{} already holds a run; continue it with --resume {0}, or give another --out",
                path.display()
            )));
        }
        fs::create_dir_all(path).map_err(|error| {
            Failure::failed(format!("cannot make the folder {}: {error}", path.display()))
        })?;
        Ok(folder)
    }

    /// Makes a new folder `runs/NAME`, or `runs/NAME-2` and so on where that is taken.
    pub fn create_numbered(name: &str) -> Outcome<Self> {
        let runs = Path::new("runs");
        let free =
            (1..)
                .map(|number| {
                    if number == 1 {
                        runs.join(name)
                    } else {
                        runs.join(format!("{name}-{number}"))
                    }
                })
                .find(|path| !path.exists())
                .unwrap_or_default();
        Self::create(&free)
    }

    /// Opens the folder of a run that was started before.
    pub fn open(path: &Path) -> Outcome<Self> {
        let folder = Self { path: path.to_owned() };
        if folder.config().is_file() {
            return Ok(folder);
        }
        Err(Failure::failed(if path.is_dir() {
            format!("{} holds no run: it has no config.toml", path.display())
        } else {
            format!("there is no folder {}", path.display())
        }))
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file of this name in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The complete configuration; `train` runs it again.
    pub fn config(&self) -> PathBuf {
        self.path.join("config.toml")
    }

    /// One row an episode.
    pub fn metrics(&self) -> PathBuf {
        self.path.join("metrics.csv")
    }

    /// One row a greedy evaluation during training.
    pub fn evaluations(&self) -> PathBuf {
        self.path.join("evaluations.csv")
    }

    /// The picture of the run.
    pub fn curve(&self) -> PathBuf {
        self.path.join("curve.svg")
    }

    /// Everything that continuing needs.
    pub fn checkpoint(&self) -> PathBuf {
        self.path.join("checkpoint")
    }

    /// What firmware reads.
    pub fn policy(&self) -> PathBuf {
        self.path.join("policy.rlp")
    }

    /// What the run came to; there only once it is finished.
    pub fn summary(&self) -> PathBuf {
        self.path.join("summary.json")
    }
}
