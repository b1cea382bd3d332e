//! [`ConfigState`]: which configuration holds, and what became of the last reload.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use squall_topology::{Config, EngineSettings};

use super::{Answer, Changes, Held, Number};

/// What asked for a reload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Trigger {
    /// SIGHUP.
    Signal,
    /// The file said something else.
    File,
    /// `POST /api/v1/config/reload`.
    Api,
}

impl Trigger {
    /// What asked, for people.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::Signal => "on SIGHUP",
            Self::File => "when the file changed",
            Self::Api => "when somebody asked for it",
        }
    }
}

/// Which configuration holds, and what became of the last reload; for pages, API and log.
#[derive(Debug)]
pub(crate) struct ConfigState {
    shown: Mutex<Shown>,
    engine: Mutex<EngineSettings>,
}

/// The same at one moment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Shown {
    /// The file; nothing if the process was started without one.
    pub(crate) file: Option<PathBuf>,
    /// The SHA-256 of the file as it was read.
    pub(crate) hash: String,
    /// What holds, with file, environment and flags merged.
    #[serde(serialize_with = "values")]
    pub(crate) values: Arc<Vec<Held>>,
    /// When the configuration that holds was read.
    #[serde(serialize_with = "instant")]
    #[schemars(with = "crate::instant::Text")]
    pub(crate) since: SystemTime,
    pub(crate) last_reload: Option<LastReload>,
    /// What the configuration that holds says, and the process will do after a restart only.
    pub(crate) needs_process_restart: Vec<Number>,
}

/// What became of a reload.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct LastReload {
    #[serde(serialize_with = "instant")]
    #[schemars(with = "crate::instant::Text")]
    pub(crate) at: SystemTime,
    pub(crate) trigger: Trigger,
    pub(crate) ok: bool,
    /// What was done, or why it was not.
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) changes: Option<Changes>,
}

impl ConfigState {
    pub(crate) fn new(file: Option<PathBuf>, config: &Config, values: Vec<Held>) -> Self {
        let shown = Shown {
            file,
            hash: config.sha256(),
            values: Arc::new(values),
            since: SystemTime::now(),
            last_reload: None,
            needs_process_restart: Vec::new(),
        };
        Self { shown: Mutex::new(shown), engine: Mutex::default() }
    }

    /// The engine runs with these settings.
    pub(crate) fn with_engine(self, engine: EngineSettings) -> Self {
        Self { engine: Mutex::new(engine), ..self }
    }

    /// How long what is in flight may take at a drain, if nobody says otherwise.
    pub(crate) fn drain_deadline(&self) -> Duration {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner).drain_deadline
    }

    /// Another configuration holds.
    pub(crate) fn hold(&self, config: &Config, engine: &EngineSettings, values: Vec<Held>) {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner).clone_from(engine);
        let hash = config.sha256();
        let mut shown = self.lock();
        shown.hash = hash;
        shown.values = Arc::new(values);
    }

    /// What is to be seen now.
    pub(crate) fn shown(&self) -> Shown {
        self.lock().clone()
    }

    /// Remembers a reload.
    pub(crate) fn note(&self, trigger: Trigger, answer: &Answer) {
        let at = SystemTime::now();
        let message = answer.as_ref().map_or_else(ToString::to_string, Changes::in_words);
        let changes = answer.as_ref().ok().cloned();
        let mut shown = self.lock();
        if let Some(changes) = &changes {
            shown.since = at;
            shown.needs_process_restart.clone_from(&changes.needs_process_restart);
        }
        shown.last_reload = Some(LastReload { at, trigger, ok: answer.is_ok(), message, changes });
    }

    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn instant<S: Serializer>(at: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&humantime::format_rfc3339_seconds(*at))
}

fn values<S: Serializer>(values: &Arc<Vec<Held>>, serializer: S) -> Result<S::Ok, S::Error> {
    values.serialize(serializer)
}
