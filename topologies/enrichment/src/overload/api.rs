//! What programs ask: `GET /api/v1/enrichment/overload`.

use actix_web::http::Method;
use actix_web::web;
use squall_ops::openapi::{Operation, Operations};

use super::{Outlook, Overload};

/// What programs may ask of a topology.
pub(crate) fn operations(overload: &Overload) -> Operations {
    let ask = Operation::new(
        Method::GET,
        "/api/v1/enrichment/overload",
        "getEnrichmentOverload",
        "Tells what the enrichment has to do, what it can do, and when it will be done.",
        |route| route.to(tell),
    )
    .answers::<Outlook>(200, "As of the last look, a second ago at most.");
    Operations::new([ask]).share(overload.clone())
}

async fn tell(overload: web::Data<Overload>) -> web::Json<Outlook> {
    web::Json(overload.outlook())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Backlog, Enrichers, Room, Tally};

    #[tokio::test]
    async fn programs_are_told_everything_under_its_name() {
        let room = Room::new(5, 500);
        let overload = Overload::new(&Arc::new(Tally::default()), &room, &Enrichers::default(), Some(100));
        overload.behind(|| Backlog { records: 700, done: 3, ..Backlog::default() });

        let told = tell(web::Data::new(overload)).await;

        let json = serde_json::to_value(&*told).unwrap();
        let mut names: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "backlog_age_s",
                "backlog_records",
                "capacity_from",
                "capacity_per_s",
                "curve",
                "enrichers",
                "in_per_s",
                "lost_records",
                "out_per_s",
                "parked",
                "parked_bytes",
                "parked_limit",
                "predicted_drain_s",
                "retention_left_s",
                "spare_per_s",
                "stopped",
                "waited_p50_ms",
                "waited_p99_ms"
            ]
        );
        assert_eq!((&json["predicted_drain_s"], &json["capacity_from"]), (&7.0.into(), &"limit".into()));
        assert_eq!(json["enrichers"][0]["name"], "language");
        assert_eq!(json["curve"][0]["backlog"], 700);
        assert!(json["retention_left_s"].is_null());
    }
}
