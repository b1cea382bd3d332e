//! `counts.toml`.

use std::{collections::BTreeMap, fmt, fs, path::PathBuf, process::Command};

use serde::{Deserialize, Serialize};

use crate::{Result, case::Case, cost::Cost, valgrind, verdict::Verdict};

/// Instructions a tuple, and what compiled them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Counts {
    /// Another compiler makes other instructions.
    rustc: String,
    /// Instructions of one tuple, by case.
    per_tuple: BTreeMap<String, f64>,
}

impl Counts {
    /// Those in the file.
    pub(crate) fn read() -> Result<Self> {
        let path = path();
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()).into())
    }

    /// Those of now.
    pub(crate) fn measure() -> Result<Self> {
        let mut per_tuple = BTreeMap::new();
        for case in Case::ALL {
            // More digits would change with every run.
            per_tuple.insert(case.name().to_owned(), valgrind::per_tuple(case, true)?.round());
        }
        Ok(Self { rustc: rustc()?, per_tuple })
    }

    /// What it costs to measure latencies, by case.
    pub(crate) fn costs(&self) -> Result<Vec<Cost>> {
        let mut costs = Vec::new();
        for case in Case::ALL {
            let Some(&measured) = self.per_tuple.get(case.name()) else { continue };
            let unmeasured = valgrind::per_tuple(case, false)?.round();
            costs.push(Cost { case: case.name(), unmeasured, measured });
        }
        Ok(costs)
    }

    /// Replaces the file.
    pub(crate) fn write(&self) -> Result<()> {
        Ok(fs::write(path(), self.to_string())?)
    }

    /// Why these cannot be compared with others.
    pub(crate) fn differs_from(&self, recorded: &Self) -> Option<String> {
        (self.rustc != recorded.rustc)
            .then(|| format!("recorded with {}, and this is {}", recorded.rustc, self.rustc))
    }

    /// What is to be thought of each count.
    pub(crate) fn verdicts(&self, recorded: &Self) -> impl Iterator<Item = Verdict> {
        self.per_tuple.iter().map(|(case, &measured)| Verdict {
            case: case.clone(),
            recorded: recorded.per_tuple.get(case).copied(),
            measured,
        })
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Instructions of one tuple. Written by `bash .ci/instructions.sh record`.")?;
        writeln!(f, "rustc = \"{}\"\n\n[per_tuple]", self.rustc)?;
        self.per_tuple.iter().try_for_each(|(case, count)| writeln!(f, "{case} = {count:.1}"))
    }
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("counts.toml")
}

/// The compiler, and for which machine it compiles.
fn rustc() -> Result<String> {
    let output = Command::new("rustc").arg("--version").output()?;
    let version = String::from_utf8(output.stdout)?;
    Ok(format!("{}, {}", version.trim(), std::env::consts::ARCH))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "in a test a panic is the message")]
mod tests {
    use super::*;

    #[test]
    fn the_file_says_what_was_written_to_it() {
        let counts = Counts {
            rustc: "rustc 1.0.0".to_owned(),
            per_tuple: BTreeMap::from([("keyed".to_owned(), 40.0), ("per-tuple".to_owned(), 120.0)]),
        };

        assert_eq!(toml::from_str::<Counts>(&counts.to_string()).unwrap(), counts);
    }

    #[test]
    fn counts_of_another_compiler_are_not_compared() {
        let counts = |rustc: &str| Counts { rustc: rustc.to_owned(), per_tuple: BTreeMap::new() };

        assert!(counts("rustc 1.1.0").differs_from(&counts("rustc 1.0.0")).is_some());
        assert!(counts("rustc 1.0.0").differs_from(&counts("rustc 1.0.0")).is_none());
    }

    #[test]
    fn the_file_has_every_case() {
        let recorded = Counts::read().unwrap();
        let cases: Vec<&str> = recorded.per_tuple.keys().map(String::as_str).collect();
        let mut all = Case::ALL.map(Case::name);
        all.sort_unstable();

        assert_eq!(cases, all);
    }
}
