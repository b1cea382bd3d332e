//! Instructions, as valgrind counts them.

use std::{env, process::Command};

use crate::{Result, UNMEASURED, case::Case};

/// Tuples of the shorter run: enough that buffers have grown and queues have filled.
const SOME: u64 = 20_000;

/// Tuples of the longer run.
const MORE: u64 = 60_000;

/// Instructions of one tuple, with latencies measured or without.
pub(crate) fn per_tuple(case: Case, latencies: bool) -> Result<f64> {
    let some = total(case, SOME, latencies)?;
    let more = total(case, MORE, latencies)?;
    Ok(more.saturating_sub(some) as f64 / (MORE - SOME) as f64)
}

/// Instructions of a whole run.
fn total(case: Case, tuples: u64, latencies: bool) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe()?)
        .args(["run", case.name()])
        .arg(tuples.to_string())
        .args((!latencies).then_some(UNMEASURED))
        .output()
        .map_err(|error| format!("valgrind cannot be run ({error}); `bash .ci/install.sh` installs it"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{} failed under valgrind:\n{said}", case.name()).into());
    }
    collected(&said).ok_or_else(|| format!("valgrind did not tell a count:\n{said}").into())
}

/// The number in the line `==1== Collected : 123`.
fn collected(said: &str) -> Option<u64> {
    let (_, count) = said.lines().find_map(|line| line.split_once("Collected : "))?;
    count.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_found_among_what_valgrind_says() {
        let said = "==7== Events    : Ir\n==7== Collected : 123456\n==7== \n==7== I   refs:      123,456\n";

        assert_eq!(collected(said), Some(123_456));
        assert_eq!(collected("==7== Command: x"), None);
    }
}
