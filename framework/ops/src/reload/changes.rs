//! [`Changes`]: what a new configuration changes, and how.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

/// What a new configuration changes in a process that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Changes {
    /// The hash of the file that was read.
    pub(crate) hash: String,
    /// Numbers that are taken over while everything runs.
    pub(crate) hot: Vec<Number>,
    /// Topologies that are drained and started anew.
    pub(crate) restart: Vec<Restart>,
    /// What holds only after a restart of the process.
    pub(crate) needs_process_restart: Vec<Number>,
}

/// A number of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Number {
    /// Where it stands in the configuration: `topology.enrichment.component.language.parallelism`.
    pub(crate) path: String,
    pub(crate) from: String,
    pub(crate) to: String,
}

/// A topology that has to start anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Restart {
    pub(crate) topology: &'static str,
    /// What changed, in words.
    pub(crate) because: Vec<String>,
}

impl Number {
    /// The number, if it is another.
    pub(crate) fn unless_same(
        path: impl Into<String>,
        from: impl fmt::Display,
        to: impl fmt::Display,
    ) -> Option<Self> {
        let (from, to) = (from.to_string(), to.to_string());
        (from != to).then(|| Self { path: path.into(), from, to })
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} -> {}", self.path, self.from, self.to)
    }
}

impl fmt::Display for Restart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.topology, self.because.join(", "))
    }
}

impl Changes {
    /// What was done, in a sentence.
    pub(crate) fn in_words(&self) -> String {
        let mut words = Vec::new();
        match self.hot.len() {
            0 => {}
            1 => words.push("1 number changed".to_owned()),
            many => words.push(format!("{many} numbers changed")),
        }
        words.extend(self.restart.iter().map(|restart| format!("`{}` started anew", restart.topology)));
        if !self.needs_process_restart.is_empty() {
            let paths: Vec<&str> =
                self.needs_process_restart.iter().map(|number| number.path.as_str()).collect();
            words.push(format!("a restart of the process is needed for {}", paths.join(", ")));
        }
        if words.is_empty() { "nothing changed".to_owned() } else { words.join("; ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_a_sentence() {
        let number = |path| Number::unless_same(path, 1, 2);
        let changes = Changes {
            hash: String::new(),
            hot: number("topology.t.inbox").into_iter().chain(number("engine.drain_deadline")).collect(),
            restart: vec![Restart { topology: "t", because: vec!["[t] changed".into()] }],
            needs_process_restart: number("admin.listen").into_iter().collect(),
        };

        let expected =
            "2 numbers changed; `t` started anew; a restart of the process is needed for admin.listen";
        assert_eq!(changes.in_words(), expected);
        assert_eq!(Changes::default().in_words(), "nothing changed");
        assert_eq!(Number::unless_same("x", 1, "1"), None);
    }
}
