//! Where everything lies.

use std::path::{Path, PathBuf};

/// Where everything lies.
#[derive(Debug)]
pub(crate) struct Places {
    peers: PathBuf,
    built: PathBuf,
}

impl Places {
    /// From where this was compiled.
    pub(crate) fn find() -> Self {
        let race = Path::new(env!("CARGO_MANIFEST_DIR"));
        let peers = race.parent().unwrap_or(race).to_owned();
        // Cargo names the directory to the scripts and not to the program; the program lies in it.
        let built = std::env::current_exe()
            .ok()
            .and_then(|program| Some(program.parent()?.parent()?.to_owned()))
            .unwrap_or_else(|| peers.join("target"));
        Self { peers, built }
    }

    /// The workspace of the race.
    pub(crate) fn peers(&self) -> &Path {
        &self.peers
    }

    /// What was compiled, and what need not be kept.
    pub(crate) fn built(&self) -> &Path {
        &self.built
    }

    /// The Maven project.
    pub(crate) fn storm(&self) -> PathBuf {
        self.peers.join("storm")
    }

    /// The settings under which Storm does best.
    pub(crate) fn tuned(&self) -> PathBuf {
        self.storm().join("tuned.json")
    }

    /// The lines of the word counts.
    pub(crate) fn text(&self) -> PathBuf {
        self.built.join("text.txt")
    }

    /// A Rust peer.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.built.join("release").join(name)
    }

    /// What a peer writes to its standard error.
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.built.join(format!("{name}.log"))
    }

    /// What was measured.
    pub(crate) fn record(&self) -> PathBuf {
        self.plots().join("race.json")
    }

    /// The pictures.
    pub(crate) fn plots(&self) -> PathBuf {
        self.peers.join("results")
    }

    /// What a person reads.
    pub(crate) fn report(&self) -> PathBuf {
        self.peers.join("RESULTS.md")
    }
}
