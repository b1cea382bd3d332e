//! The name of the check that a series gets.

use crate::store::Series;

/// `topology.component.metric`, or `topology.metric` of a topology as a whole. Signs that no check may have become `-`.
pub(super) fn name(series: &Series) -> String {
    let component = series.component.iter().map(String::as_str);
    let parts = std::iter::once(series.topology.as_str()).chain(component).chain([series.metric.name()]);
    let name = parts.collect::<Vec<_>>().join(".");
    name.chars()
        .map(|sign| if sign.is_ascii_alphanumeric() || "-_.".contains(sign) { sign } else { '-' })
        .collect()
}
