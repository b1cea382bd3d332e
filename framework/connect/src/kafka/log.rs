//! The client library's own log.

use rdkafka::config::RDKafkaLogLevel;
use tracing::{debug, error, info, warn};

/// Passes a line on.
pub(super) fn library(level: RDKafkaLogLevel, about: &str, said: &str) {
    match level {
        RDKafkaLogLevel::Emerg
        | RDKafkaLogLevel::Alert
        | RDKafkaLogLevel::Critical
        | RDKafkaLogLevel::Error => error!(target: "librdkafka", about, "{said}"),
        RDKafkaLogLevel::Warning => warn!(target: "librdkafka", about, "{said}"),
        RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => info!(target: "librdkafka", about, "{said}"),
        RDKafkaLogLevel::Debug => debug!(target: "librdkafka", about, "{said}"),
    }
}
