//! When the backlog is drained, in words.

use squall_ops::show::{Rate, Seconds};

use super::Outlook;

/// When the backlog is drained, in words.
pub(crate) fn drain(outlook: &Outlook) -> String {
    match (outlook.backlog_records, outlook.predicted_drain_s) {
        (0, _) => "nothing waits".to_owned(),
        (_, Some(seconds)) if seconds < 1.0 => "drained within a second".to_owned(),
        (_, Some(seconds)) => format!("drained in about {}", Seconds(seconds.round())),
        (_, None) if outlook.spare_per_s < 0.0 => format!("grows by {} a second", Rate(-outlook.spare_per_s)),
        (_, None) => "not drained at this rate: as much comes as can be done".to_owned(),
    }
}
