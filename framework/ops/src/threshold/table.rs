//! A check, as it stands in the configuration.

use crate::check::CheckSettings;

/// The tables of a check that was mined, as TOML.
pub(super) fn table(name: &str, check: &CheckSettings) -> String {
    let key = if is_bare(name) { name.to_owned() } else { quoted(name) };
    let mut text = format!("[checks.{key}]\n");
    let mut say = |key: &str, value: Option<String>| {
        let line = value.map(|value| format!("{key} = {value}\n"));
        text.push_str(&line.unwrap_or_default());
    };
    say("metric", check.metric.map(|metric| quoted(metric.name())));
    say("topology", check.topology.as_deref().map(quoted));
    say("component", check.component.as_deref().map(quoted));
    say("above", check.above.map(number));
    say("below", check.below.map(number));
    say("for", check.lasting.map(|lasting| quoted(&humantime::format_duration(lasting).to_string())));
    say("mined", check.mined.then(|| "true".to_owned()));
    if let Some(weekly) = &check.weekly {
        text.push_str(&format!("\n[checks.{key}.weekly]\n"));
        for (day, bounds) in weekly.named().filter(|(_, bounds)| !bounds.is_empty()) {
            let bounds: Vec<String> = bounds.iter().copied().map(number).collect();
            text.push_str(&format!("{day} = [{}]\n", bounds.join(", ")));
        }
    }
    text
}

fn is_bare(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|sign| sign.is_ascii_alphanumeric() || "-_".contains(sign))
}

/// What JSON escapes in a text, TOML reads; it wants one more sign escaped.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// An integer beyond 64 bits would be refused.
fn number(value: f64) -> String {
    if value.abs() < 1e15 { value.to_string() } else { format!("{value:e}") }
}
