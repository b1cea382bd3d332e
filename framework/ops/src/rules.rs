//! What Prometheus and its Alertmanager are told about the checks of a process: rules that alert, and who is told.

mod alertmanager;
mod prometheus;
#[cfg(test)]
mod tests;
mod yaml;

pub(crate) use alertmanager::alertmanager;
pub(crate) use prometheus::prometheus;

/// What stands in the rules besides the checks.
#[derive(Clone, Debug)]
pub(crate) struct About {
    /// The name of the binary.
    pub(crate) product: String,
    /// The `job` under which Prometheus scrapes it.
    pub(crate) job: String,
    /// Where people open its pages, without a slash at the end.
    pub(crate) url: String,
}
