//! The name under which a process holds rows.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

/// The name of a process that no other one has, dead or alive: its host, its number, and something random.
///
/// It appears in rows and in answers ("being sent by …"), so that somebody who wonders can find the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner(Arc<str>);

/// The longest name of a host that is shown.
const HOST: usize = 40;

impl Owner {
    /// Makes up a name for this process.
    pub(crate) fn new() -> Self {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let host: String = host
            .chars()
            .filter(|char| char.is_ascii_alphanumeric() || "-.".contains(*char))
            .take(HOST)
            .collect();
        let host = if host.is_empty() { "host" } else { host.as_str() };
        // The end of it is random; the beginning is the time.
        let unique = Uuid::now_v7().as_u128() & 0xffff_ffff;
        Self(format!("{host}-{}-{unique:08x}", std::process::id()).into())
    }

    /// The name.
    pub(crate) fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_starts_of_one_process_have_two_names() {
        assert_ne!(Owner::new(), Owner::new());
    }
}
