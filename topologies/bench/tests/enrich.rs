//! The bench of the enrichment runs, and loses nothing.

use serde_json::Value;
use squall_bench::enrich::{Options, print};

#[test]
fn every_case_prints_json_objects_of_its_own() {
    let mut out = Vec::new();
    let options = Options { quick: true, json: true, ..Options::default() };

    // It is an error if an event is lost or written twice.
    print(&options, &mut out).expect("the benchmark runs");

    let out = String::from_utf8(out).expect("UTF-8");
    let rows: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let cases: Vec<_> = rows.iter().filter_map(|row| row["case"].as_str()).collect();
    assert_eq!(cases, ["loop", "topology", "parked"]);
    for row in &rows {
        assert!(row["activities_per_s"].as_f64().is_some_and(|per_s| per_s > 0.0), "{row}");
        assert!(row["rss_mib"].as_f64().is_some_and(|mib| mib > 0.0), "{row}");
        assert_eq!(row["ratio"].is_number(), row["case"] == "topology", "{row}");
        assert_eq!(row["residence_p99_ms"].is_number(), row["case"] != "loop", "{row}");
    }
    let waited = rows.last().and_then(|row| row["residence_p50_ms"].as_f64());
    assert!(waited.is_some_and(|ms| ms >= 2000.0), "{waited:?}");
}
