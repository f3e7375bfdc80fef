//! What a person is told when something cannot be done, and the exit status that goes with it.

/// A plain sentence, and whose mistake it was.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command was wrong: exit status 2.
    #[error("{0}")]
    Use(String),
    /// The thing itself failed: exit status 1.
    #[error("{0}")]
    Run(String),
}

impl Failure {
    /// The command was wrong.
    pub fn wrong_use(sentence: impl Into<String>) -> Self {
        Self::Use(sentence.into())
    }

    /// The thing itself failed.
    pub fn failed(sentence: impl Into<String>) -> Self {
        Self::Run(sentence.into())
    }

    /// The process's exit status.
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::Use(_) => 2,
            Self::Run(_) => 1,
        }
    }
}

/// Success or a [`Failure`].
pub type Outcome<T> = Result<T, Failure>;
