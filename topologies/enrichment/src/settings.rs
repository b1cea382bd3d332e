//! The section `[enrichment]` of the configuration.

use serde::Deserialize;
use squall_connect::ndjson::{ATTEMPTS, LINE_LIMIT, TOTAL_BYTES};
use squall_topology::schema::JsonSchema;
use squall_topology::settings::{Size, number, size};

/// A segment is an eighth of the cap, and should hold some hundred events.
const OUTPUT_CAP_LEAST: u64 = 1024 * 1024;

/// The section `[enrichment]`. How many tasks a component has stands in `[topology.enrichment.component.NAME]`.
///
/// ```toml
/// [enrichment]
/// rate = 500            # events a second that the generator makes
/// seed = 1              # the same seed gives the same events
/// output_cap = "64MiB"  # of all rotated segments
/// line_limit = "1MiB"   # a longer line of the input is named and skipped
/// attempts = 3          # deliveries of a line before it counts as failed
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Events a second that the generator makes: 1 to 1,000,000.
    #[schemars(range(min = 1, max = 1_000_000))]
    #[serde(deserialize_with = "number::between::<_, 1, 1_000_000>")]
    pub rate: usize,
    /// What the generator begins with; the same seed gives the same events.
    pub seed: u64,
    /// Bytes of all rotated segments of the output: 1 MiB or more.
    #[serde(deserialize_with = "size::at_least::<_, OUTPUT_CAP_LEAST>")]
    pub output_cap: Size,
    /// Bytes that a line of the input may have.
    pub line_limit: Size,
    /// How often a line is delivered before it counts as failed.
    #[schemars(range(min = 1, max = 100))]
    #[serde(deserialize_with = "number::between::<_, 1, 100>")]
    pub attempts: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rate: 500,
            seed: 1,
            output_cap: Size(TOTAL_BYTES),
            line_limit: Size(LINE_LIMIT as u64),
            attempts: ATTEMPTS as usize,
        }
    }
}

#[cfg(test)]
mod tests {
    use squall_topology::Config;

    use super::*;

    #[test]
    fn what_is_not_said_has_its_default() {
        let mut config =
            Config::parse("squall.toml", "[enrichment]\nrate = 7\noutput_cap = \"1MiB\"").unwrap();

        let settings: Settings = config.section_or_default("enrichment");

        config.finish().unwrap();
        assert_eq!(settings, Settings { rate: 7, output_cap: Size(1024 * 1024), ..Settings::default() });
    }

    #[test]
    fn numbers_without_sense_and_unknown_keys_are_refused_together() {
        let text = "[enrichment]\nrate = 0\nattempts = 0\nseeds = 3\noutput_cap = '1MB'";
        let mut config = Config::parse("squall.toml", text).unwrap();

        let error = config.section::<Settings>("enrichment").unwrap_err();

        let lines: Vec<_> = error.errors.iter().filter_map(|fault| fault.line()).collect();
        assert_eq!(lines, [2, 3, 4, 5], "{error}");
    }
}
