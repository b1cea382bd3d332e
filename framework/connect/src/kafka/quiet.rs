//! [`Quiet`]: the context of a client that only asks.

use rdkafka::{ClientContext, config::RDKafkaLogLevel, consumer::ConsumerContext, error::KafkaError};
use tracing::debug;

/// Whatever is worth a line, the member's own client says as well.
pub(super) struct Quiet;

impl ConsumerContext for Quiet {}

impl ClientContext for Quiet {
    fn log(&self, _: RDKafkaLogLevel, about: &str, said: &str) {
        debug!(target: "librdkafka", about, "{said}");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        debug!(target: "squall::kafka", %error, reason, "the client library reports");
    }
}
