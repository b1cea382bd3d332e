//! How many files and connections the process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing::debug;

/// Enough for all connections and for the work; what a system allows by default often is not.
const WANTED: u64 = 65_536;

/// Allows this process as many as the system lets it have: each connection is one, and the usual 1,024 are soon used up.
/// The limit that counts is meant for programs that cannot have more.
pub(crate) fn allow_more() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.map_or(WANTED, |maximum| maximum.min(WANTED));
    if current.is_none_or(|current| current >= wanted) {
        return;
    }
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }) {
        debug!(%error, wanted, "The limit of open files stays as it is.");
    }
}
