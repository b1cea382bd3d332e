//! [`Family`]: one metric, and how its values are read.

use prometheus::core::Desc;
use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};

/// One metric.
pub(super) struct Family<T> {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) kind: MetricType,
    /// The label beside those that say where, if it has one.
    pub(super) label: Option<&'static str>,
    /// Its values, each with the value of that label; none where it makes no sense.
    pub(super) values: fn(&T) -> Values,
}

/// Values, each with the value of the further label.
pub(super) type Values = Vec<(&'static str, f64)>;

/// One that only grows, as long as the process lives.
pub(super) const fn counter<T>(
    name: &'static str,
    help: &'static str,
    values: fn(&T) -> Values,
) -> Family<T> {
    Family { name, help, kind: MetricType::COUNTER, label: None, values }
}

/// One that goes up and down.
pub(super) const fn gauge<T>(name: &'static str, help: &'static str, values: fn(&T) -> Values) -> Family<T> {
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
        let mut gathered = MetricFamily::default();
        gathered.set_name(self.name.to_owned());
        gathered.set_help(self.help.to_owned());
        gathered.set_field_type(self.kind);
        gathered.set_metric(metrics);
        gathered
    }
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
pub(super) fn one(value: f64) -> Values {
    vec![("", value)]
}
