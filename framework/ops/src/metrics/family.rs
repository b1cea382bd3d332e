//! [`Family`]: one metric, and how its values are read; [`Times`]: one that is a histogram.

use prometheus::core::Desc;
use prometheus::proto::{Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType};
use squall_runtime::{LATENCY_BOUNDS, Latency};

/// One metric.
pub(super) struct Family<T> {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) kind: MetricType,
    /// The label beside those that say where, if it has one.
    pub(super) label: Option<&'static str>,
    /// Its values, each with the value of that label; none where it makes no sense.
    pub(super) values: fn(&T) -> Values<'_>,
}

/// Values, each with the value of the further label.
pub(super) type Values<'a> = Vec<(&'a str, f64)>;

/// One that only grows, as long as the process lives.
pub(super) const fn counter<T>(
    name: &'static str,
    help: &'static str,
    values: fn(&T) -> Values<'_>,
) -> Family<T> {
    Family { name, help, kind: MetricType::COUNTER, label: None, values }
}

/// One that goes up and down.
pub(super) const fn gauge<T>(
    name: &'static str,
    help: &'static str,
    values: fn(&T) -> Values<'_>,
) -> Family<T> {
    Family { name, help, kind: MetricType::GAUGE, label: None, values }
}

impl<T> Family<T> {
    /// With a label beside those that say where.
    pub(super) const fn by(self, label: &'static str) -> Self {
        Self { label: Some(label), ..self }
    }

    /// What a registry wants to know before.
    pub(super) fn desc(&self, place: &[&str]) -> prometheus::Result<Desc> {
        let labels = place.iter().copied().chain(self.label).map(str::to_owned).collect();
        Desc::new(self.name.to_owned(), self.help.to_owned(), labels, Default::default())
    }

    /// Reads the values at all places, each with its labels.
    pub(super) fn gather<'a>(&self, places: impl Iterator<Item = (Vec<LabelPair>, &'a T)>) -> MetricFamily
    where
        T: 'a,
    {
        let mut metrics = Vec::new();
        for (place, status) in places {
            for (value_of_label, value) in (self.values)(status) {
                let mut labels = place.clone();
                labels.extend(self.label.map(|name| label(name, value_of_label)));
                metrics.push(metric(self.kind, labels, value));
            }
        }
        family(self.name, self.help, self.kind, metrics)
    }
}

/// How long something takes, where it is measured.
pub(super) struct Times<T> {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) of: fn(&T) -> &Latency,
}

impl<T> Times<T> {
    /// What a registry wants to know before.
    pub(super) fn desc(&self, place: &[&str]) -> prometheus::Result<Desc> {
        let labels = place.iter().copied().map(str::to_owned).collect();
        Desc::new(self.name.to_owned(), self.help.to_owned(), labels, Default::default())
    }

    /// Reads it at all places, each with its labels.
    pub(super) fn gather<'a>(&self, places: impl Iterator<Item = (Vec<LabelPair>, &'a T)>) -> MetricFamily
    where
        T: 'a,
    {
        let measured = places.map(|(place, status)| (place, (self.of)(status)));
        let metrics = measured.filter(|(_, latency)| !latency.counts.is_empty()).map(|(place, latency)| {
            let mut metric = Metric::from_label(place);
            metric.set_histogram(histogram(latency));
            metric
        });
        family(self.name, self.help, MetricType::HISTOGRAM, metrics.collect())
    }
}

fn family(name: &str, help: &str, kind: MetricType, metrics: Vec<Metric>) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(name.to_owned());
    family.set_help(help.to_owned());
    family.set_field_type(kind);
    family.set_metric(metrics);
    family
}

/// How long things took, as Prometheus has it, in seconds.
// Its buckets count what lies in those below them too; the one above all bounds is the count.
pub fn histogram(latency: &Latency) -> Histogram {
    let mut below = 0;
    let bucket = |(count, bound): (&u64, &f64)| {
        below += count;
        let mut bucket = Bucket::default();
        bucket.set_cumulative_count(below);
        bucket.set_upper_bound(*bound);
        bucket
    };
    let buckets = latency.counts.iter().zip(LATENCY_BOUNDS).map(bucket).collect();
    let mut histogram = Histogram::default();
    histogram.set_bucket(buckets);
    histogram.set_sample_count(latency.count());
    histogram.set_sample_sum(latency.sum_seconds);
    histogram
}

fn metric(kind: MetricType, labels: Vec<LabelPair>, value: f64) -> Metric {
    let mut metric = Metric::from_label(labels);
    if kind == MetricType::COUNTER {
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

/// `name="value"`.
pub(super) fn label(name: &str, value: &str) -> LabelPair {
    let mut label = LabelPair::default();
    label.set_name(name.to_owned());
    label.set_value(value.to_owned());
    label
}

/// Without a further label.
pub(super) fn one(value: f64) -> Values<'static> {
    vec![("", value)]
}
