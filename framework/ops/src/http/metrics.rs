//! What happens here, in numbers, for Prometheus.

use actix_web::{HttpResponse, web};
use prometheus::TextEncoder;

use crate::Problem;
use crate::site::Site;

/// The text format that every Prometheus reads.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Adds `/metrics`.
pub(super) fn routes(service: &mut web::ServiceConfig) {
    service.service(web::resource("/metrics").route(web::get().to(metrics)));
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
