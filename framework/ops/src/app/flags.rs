//! The flags an app is started with.

use std::any::Any;

use clap::ArgMatches;

/// The flags on the command line, as the app that declared them reads them.
///
/// ```
/// use squall_ops::Flags;
///
/// let spec = clap::Command::new("run").arg(clap::Arg::new("input").long("input"));
/// let matches = spec.get_matches_from(["run", "--input", "-"]);
/// let flags = Flags::new(&matches);
///
/// assert_eq!(flags.one::<String>("input").map(String::as_str), Some("-"));
/// assert_eq!(flags.one::<String>("output"), None);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Flags<'a>(&'a ArgMatches);

impl<'a> Flags<'a> {
    /// Reads the flags of `args`.
    pub fn new(args: &'a ArgMatches) -> Self {
        Self(args)
    }

    /// Returns the value of a flag that takes one, if it was given or has a default.
    ///
    /// A flag that this sub-command does not have counts as not given.
    pub fn one<T: Any + Clone + Send + Sync + 'static>(self, id: &str) -> Option<&'a T> {
        self.0.try_get_one::<T>(id).ok().flatten()
    }

    /// Returns whether a flag without a value (`ArgAction::SetTrue`) was given.
    pub fn is_set(self, id: &str) -> bool {
        self.one::<bool>(id).copied().unwrap_or(false)
    }
}
