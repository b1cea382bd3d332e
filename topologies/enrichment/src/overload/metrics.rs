//! [`Metrics`]: the same for Prometheus.

use squall_ops::prometheus::core::{Collector, Desc};
use squall_ops::prometheus::proto::{Metric, MetricFamily};

use super::families::{
    AGE, ALL, ANSWER_SECONDS, ANSWERS, BACKLOG, CAPACITY, DRAIN, HITS, LOST, MISSES, MISSING, PARKED,
    PARKED_BYTES, PARKED_LIMIT, RETENTION, SPARE, STOPPED,
};
use super::{EnricherOutlook, Outlook, Overload};

/// Tells Prometheus how a topology stands, as of its last look.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    overload: Overload,
    descs: Vec<Desc>,
}

impl Metrics {
    /// # Errors
    ///
    /// A name is none.
    pub(crate) fn new(overload: &Overload) -> squall_ops::prometheus::Result<Self> {
        let descs = ALL.iter().map(super::families::Family::desc).collect::<Result<_, _>>()?;
        Ok(Self { overload: overload.clone(), descs })
    }

    fn of_enrichers(&self, all: &[EnricherOutlook]) -> [MetricFamily; 5] {
        let each = |value: fn(&EnricherOutlook) -> Option<u64>, metric: fn(&str, f64) -> Metric| {
            let values = all.iter().filter_map(|of| Some(metric(&of.name, value(of)? as f64)));
            values.collect::<Vec<_>>()
        };
        let took = self.overload.enrichers().iter();
        let took = took.map(|named| ANSWER_SECONDS.times(&[named.name().as_str()], &named.answers().took()));
        let missing = all.iter().flat_map(|of| {
            let reasons = of.missing.iter();
            reasons.map(|(why, count)| MISSING.value(&[&of.name, why], *count as f64))
        });
        [
            ANSWERS.with(each(|of| Some(of.answers), |name, value| ANSWERS.value(&[name], value))),
            ANSWER_SECONDS.with(took.collect()),
            HITS.with(each(|of| of.cache_hits, |name, value| HITS.value(&[name], value))),
            MISSES.with(each(|of| of.cache_misses, |name, value| MISSES.value(&[name], value))),
            MISSING.with(missing.collect()),
        ]
    }
}

fn of_all(now: &Outlook) -> [MetricFamily; 11] {
    [
        BACKLOG.one(now.backlog_records as f64),
        AGE.one(now.backlog_age_s),
        CAPACITY.one(now.capacity_per_s),
        SPARE.one(now.spare_per_s),
        DRAIN.one(now.predicted_drain_s),
        RETENTION.one(now.retention_left_s),
        STOPPED.one(now.stopped.len() as f64),
        PARKED.one(now.parked as f64),
        PARKED_LIMIT.one(now.parked_limit as f64),
        PARKED_BYTES.one(now.parked_bytes as f64),
        LOST.one(now.lost_records as f64),
    ]
}

impl Collector for Metrics {
    fn desc(&self) -> Vec<&Desc> {
        self.descs.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let now = self.overload.outlook();
        let families = of_all(&now).into_iter().chain(self.of_enrichers(&now.enrichers));
        // A family without values is none.
        families.filter(|family| !family.get_metric().is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use squall_ops::prometheus::TextEncoder;

    use super::*;
    use crate::{Activity, Backlog, Enrichers, Missing, Outcome, Room, Tally};

    #[test]
    fn a_scrape_tells_what_there_is_to_do_and_how_enrichers_do() {
        let tally = Arc::new(Tally::default());
        let mut activity = Activity::parse(1, r#"{"text":"x"}"#).unwrap();
        activity.enrichments.insert("language", Outcome::Missing(Missing::NO_LETTERS));
        (0..3).for_each(|_| tally.wrote(&activity));
        let enrichers = Enrichers::default();
        enrichers.get("language").unwrap().answers().note(None);
        let overload = Overload::new(&tally, &Room::new(5, 500), &enrichers, Some(100));
        overload.behind(|| Backlog {
            records: 700,
            age: Some(Duration::from_secs(40)),
            lost: 2,
            ..Backlog::default()
        });

        let text = TextEncoder::new().encode_to_string(&Metrics::new(&overload).unwrap().collect()).unwrap();

        for line in [
            "squall_enrichment_backlog_records 700",
            "squall_enrichment_backlog_age_seconds 40",
            "squall_enrichment_capacity_records_per_second 100",
            "squall_enrichment_predicted_drain_seconds 7",
            "squall_enrichment_spare_records_per_second 100",
            "squall_enrichment_parked_limit_activities 5",
            "squall_enrichment_lost_records_total 2",
            "squall_enrichment_answers_total{enricher=\"language\"} 1",
            "squall_enrichment_answer_seconds_count{enricher=\"language\"} 0",
            "squall_enrichment_missing_total{enricher=\"language\",reason=\"no_letters\"} 3",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} is not in {text}");
        }
        assert!(!text.contains("retention_left"), "nothing is read that is forgotten: {text}");
    }

    #[test]
    fn the_page_names_every_metric_with_its_labels_and_no_other() {
        let rows: Vec<_> =
            include_str!("metrics.md").lines().filter(|line| line.starts_with("| `")).collect();

        assert_eq!(rows.len(), ALL.len());
        for (row, family) in rows.iter().zip(ALL) {
            let labels: Vec<_> = family.labels.iter().map(|label| format!("`{label}`")).collect();
            let labels = if labels.is_empty() { "none".to_owned() } else { labels.join(", ") };
            let kind = format!("{:?}", family.kind).to_lowercase();
            assert_eq!(*row, format!("| `{}` | {kind} | {labels} | {} |", family.name, family.help));
        }
    }
}
