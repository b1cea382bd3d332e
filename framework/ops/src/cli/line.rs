//! [`Line`]: what to type in a shell for what a page does.

use std::fmt;

/// What to type in a shell for what a page does; the command line reads all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    Pause { topology: &'a str },
    Resume { topology: &'a str },
    Drain { topology: &'a str, deadline: &'a str },
    Kill { topology: &'a str },
    Rebalance { topology: &'a str, component: &'a str, tasks: &'a str },
    PauseSpout { topology: &'a str, spout: &'a str },
    ResumeSpout { topology: &'a str, spout: &'a str },
    RestartTask { topology: &'a str, component: &'a str, task: usize },
    Reload,
}

impl Line<'_> {
    /// The line for a binary of this name.
    pub(crate) fn of(self, product: &str) -> String {
        format!("{product} ctl {self}")
    }
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pause { topology } => write!(f, "pause {}", quoted(topology)),
            Self::Resume { topology } => write!(f, "resume {}", quoted(topology)),
            Self::Drain { topology, deadline } => {
                write!(f, "drain {} --deadline {}", quoted(topology), quoted(deadline))
            }
            // Whoever copies it has been asked on the page.
            Self::Kill { topology } => write!(f, "kill {} --yes", quoted(topology)),
            Self::Rebalance { topology, component, tasks } => {
                write!(f, "rebalance {} {}", quoted(topology), quoted(&format!("{component}={tasks}")))
            }
            Self::PauseSpout { topology, spout } => write!(f, "pause {} {}", quoted(topology), quoted(spout)),
            Self::ResumeSpout { topology, spout } => {
                write!(f, "resume {} {}", quoted(topology), quoted(spout))
            }
            Self::RestartTask { topology, component, task } => {
                write!(f, "restart {} {} {task}", quoted(topology), quoted(component))
            }
            Self::Reload => f.write_str("reload"),
        }
    }
}

/// A word as shells read it: in quotes if it has anything that they would read otherwise.
///
/// ```
/// use squall_ops::cli::quoted;
///
/// assert_eq!(quoted("word-count"), "word-count");
/// assert_eq!(quoted("it's"), r"'it'\''s'");
/// ```
pub fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.,:/=@%+".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_becomes_two() {
        assert_eq!(quoted("30s"), "30s");
        assert_eq!(quoted("1m 30s"), "'1m 30s'");
        assert_eq!(quoted("'; reboot"), r"''\''; reboot'");
        assert_eq!(quoted(""), "''");
    }
}
