//! What happens here, in numbers, for Prometheus.

use actix_web::http::Method;
use actix_web::{HttpResponse, web};
use prometheus::TextEncoder;

use crate::Problem;
use crate::openapi::Operation;
use crate::site::Site;

/// The text format that every Prometheus reads.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::GET,
            "/metrics",
            "getMetrics",
            "Tells what happens here in numbers, for Prometheus.",
            |route| route.to(metrics),
        )
        .answers_as::<String>(200, TEXT_FORMAT, "All metrics, also those that topologies bring.")
        .refuses(500, "A collector failed; the log says which."),
    ]
}

/// Collectors may block, and may panic: both stay on a thread of their own.
async fn metrics(site: web::Data<Site>) -> Result<HttpResponse, Problem> {
    let registry = site.metrics.clone();
    let text = web::block(move || TextEncoder::new().encode_to_string(&registry.gather())).await;
    match text {
        Ok(Ok(text)) => Ok(HttpResponse::Ok().content_type(TEXT_FORMAT).body(text)),
        Ok(Err(error)) => Err(Problem::internal(format!("The metrics cannot be written: {error}."))),
        Err(_) => Err(Problem::internal("A collector failed; the log says which.")),
    }
}
