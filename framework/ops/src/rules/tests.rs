//! What is written is what Prometheus is meant to read; that it does is shown by `.ci/alerts.sh`, with the real tools.

use super::yaml::quoted;
use super::{About, alertmanager, prometheus};
use crate::check::{Bound, Check, View, built_in};

fn about() -> About {
    About { product: "squall".to_owned(), job: "squall".to_owned(), url: "http://127.0.0.1:8090".to_owned() }
}

#[test]
fn every_check_has_an_alert_with_a_severity_and_a_runbook() {
    let checks = built_in();

    let text = prometheus(&checks, &about());

    let rules: Vec<&str> = text.split("      - alert: ").skip(1).collect();
    for check in &checks {
        let of = format!("squall_check_raised{{job=\\\"squall\\\",check=\\\"{}\\\"}} == 1", check.name());
        let rule = rules.iter().find(|rule| rule.contains(&of));
        let rule = rule.unwrap_or_else(|| panic!("no alert for {}: {text}", check.name()));
        assert!(rule.contains("for: ") && rule.contains("severity: \"{{ $labels.category }}\""), "{rule}");
        assert!(rule.contains("runbook_url: \"http://127.0.0.1:8090/runbook#"), "{rule}");
        assert!(rule.contains("summary: ") && rule.contains("description: "), "{rule}");
    }
    assert_eq!(rules.len(), checks.len() + 4, "and a process that says nothing has its own");
}

#[test]
fn names_become_names_of_alerts_and_links_stay_links() {
    let check = Check::new("queue-age.of \"x\"", Bound::Below(1.5), |_: View<'_>| Vec::new())
        .runbook("https://wiki.example.org/queue")
        .what_to_do("say {{ nothing }} to `it`")
        .unit("s");

    let text = prometheus(&[check], &about());

    assert!(text.contains("- alert: SquallQueueAgeOfX\n"), "{text}");
    assert!(text.contains("runbook_url: \"https://wiki.example.org/queue\""), "{text}");
    assert!(text.contains("{{ else }}1.5{{ end }} s. What to do: say { { nothing }} to it."), "{text}");
}

#[test]
fn what_is_quoted_stays_on_its_line() {
    assert_eq!(quoted("a \"b\" \\ c\nd\u{7}"), r#""a \"b\" \\ c\nd\u0007""#);
}

#[test]
fn pages_and_mails_go_different_ways_and_every_address_is_a_place_to_fill_in() {
    let text = alertmanager(&about());

    for (severity, receiver) in [("page", "page"), ("mail", "mail")] {
        let route = format!("- matchers: ['severity=\"{severity}\"']\n      receiver: {receiver}\n");
        assert!(text.contains(&route), "{text}");
    }
    let addresses = text.lines().filter(|line| line.contains("example.org"));
    assert!(addresses.clone().count() >= 4 && addresses.clone().all(|line| line.contains("CHANGE-ME")));
}
