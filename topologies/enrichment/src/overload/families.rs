//! What Prometheus is told, each metric with what it is called, in the one list that there is.

use squall::Latency;
use squall_ops::histogram;
use squall_ops::prometheus::Result;
use squall_ops::prometheus::core::Desc;
use squall_ops::prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};

/// One metric.
#[derive(Clone, Copy, Debug)]
pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) kind: MetricType,
    pub(super) labels: &'static [&'static str],
}

/// One that goes up and down.
const fn gauge(name: &'static str, help: &'static str) -> Family {
    Family { name, help, kind: MetricType::GAUGE, labels: &[] }
}

/// One that only grows, as long as the topology is not started anew.
const fn counter(name: &'static str, help: &'static str, labels: &'static [&'static str]) -> Family {
    Family { name, help, kind: MetricType::COUNTER, labels }
}

pub(super) const BACKLOG: Family =
    gauge("squall_enrichment_backlog_records", "Records that are not done, here or where they come from.");
pub(super) const AGE: Family = gauge(
    "squall_enrichment_backlog_age_seconds",
    "Time since the oldest record came that is not done; 0 if there is none.",
);
pub(super) const CAPACITY: Family = gauge(
    "squall_enrichment_capacity_records_per_second",
    "Records a second that could be done: limited, measured or estimated.",
);
pub(super) const SPARE: Family = gauge(
    "squall_enrichment_spare_records_per_second",
    "Records a second that could be done beyond what arrives; below 0 while the backlog grows.",
);
pub(super) const DRAIN: Family = gauge(
    "squall_enrichment_predicted_drain_seconds",
    "Time until the backlog is done with what can be done beyond what arrives; no value while it grows.",
);
pub(super) const RETENTION: Family = gauge(
    "squall_enrichment_retention_left_seconds",
    "Time until what is forgotten overtakes what is read; no value if it does not.",
);
pub(super) const STOPPED: Family =
    gauge("squall_enrichment_stopped_logs", "Partitions that are read no further.");
pub(super) const PARKED: Family =
    gauge("squall_enrichment_parked_activities", "Activities that wait for answers.");
pub(super) const PARKED_LIMIT: Family = gauge(
    "squall_enrichment_parked_limit_activities",
    "Activities that may wait for answers; then nothing further is read.",
);
pub(super) const PARKED_BYTES: Family =
    gauge("squall_enrichment_parked_bytes", "Bytes of the activities that wait for answers.");
pub(super) const LOST: Family =
    counter("squall_enrichment_lost_records_total", "Records that were gone before they were read.", &[]);
pub(super) const ANSWERS: Family =
    counter("squall_enrichment_answers_total", "Answers that an enricher gave.", &["enricher"]);
pub(super) const ANSWER_SECONDS: Family = Family {
    name: "squall_enrichment_answer_seconds",
    help: "Time to the answer of an enricher; of those that are there at once one in 16 is timed.",
    kind: MetricType::HISTOGRAM,
    labels: &["enricher"],
};
pub(super) const HITS: Family =
    counter("squall_enrichment_cache_hits_total", "Answers that an enricher remembered.", &["enricher"]);
pub(super) const MISSES: Family = counter(
    "squall_enrichment_cache_misses_total",
    "Answers that an enricher looked for in vain among what it remembers.",
    &["enricher"],
);
pub(super) const MISSING: Family = counter(
    "squall_enrichment_missing_total",
    "Enrichments that are missing in what was written, by the reason: the first 20 by name, and the others as `other`.",
    &["enricher", "reason"],
);

/// All of them.
pub(super) const ALL: [Family; 16] = [
    BACKLOG,
    AGE,
    CAPACITY,
    SPARE,
    DRAIN,
    RETENTION,
    STOPPED,
    PARKED,
    PARKED_LIMIT,
    PARKED_BYTES,
    LOST,
    ANSWERS,
    ANSWER_SECONDS,
    HITS,
    MISSES,
    MISSING,
];

impl Family {
    /// What a registry wants to know before.
    pub(super) fn desc(&self) -> Result<Desc> {
        let labels = self.labels.iter().map(|label| (*label).to_owned()).collect();
        Desc::new(self.name.to_owned(), self.help.to_owned(), labels, Default::default())
    }

    /// With its one value, if it has one.
    pub(super) fn one(&self, value: impl Into<Option<f64>>) -> MetricFamily {
        self.with(value.into().map(|value| self.value(&[], value)).into_iter().collect())
    }

    /// A value, with the values of its labels.
    pub(super) fn value(&self, labels: &[&str], value: f64) -> Metric {
        let mut metric = Metric::from_label(self.labelled(labels));
        if self.kind == MetricType::COUNTER {
            let mut counter = Counter::default();
            counter.set_value(value);
            metric.set_counter(counter);
        } else {
            let mut gauge = Gauge::default();
            gauge.set_value(value);
            metric.set_gauge(gauge);
        }
        metric
    }

    /// How long something took, with the values of its labels.
    pub(super) fn times(&self, labels: &[&str], took: &Latency) -> Metric {
        let mut metric = Metric::from_label(self.labelled(labels));
        metric.set_histogram(histogram(took));
        metric
    }

    /// With its values.
    pub(super) fn with(&self, metrics: Vec<Metric>) -> MetricFamily {
        let mut family = MetricFamily::default();
        family.set_name(self.name.to_owned());
        family.set_help(self.help.to_owned());
        family.set_field_type(self.kind);
        family.set_metric(metrics);
        family
    }

    fn labelled(&self, values: &[&str]) -> Vec<LabelPair> {
        let label = |(name, value): (&&str, &&str)| {
            let mut label = LabelPair::default();
            label.set_name((*name).to_owned());
            label.set_value((*value).to_owned());
            label
        };
        self.labels.iter().zip(values).map(label).collect()
    }
}
