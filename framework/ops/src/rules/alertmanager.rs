//! [`alertmanager`]: pages to whoever is on call, mails to whoever reads them.

use super::About;

/// A configuration for Alertmanager, to be merged into one's own: what must be changed says `CHANGE-ME`.
pub(crate) fn alertmanager(about: &About) -> String {
    let product = &about.product;
    format!(
        r#"# Made by `{product} alerts export alertmanager`. Everything that says CHANGE-ME is a place to fill in.
route:
  receiver: mail
  group_by: [alertname, job, topology]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 24h
  routes:
    # Somebody has to do something now.
    - matchers: ['severity="page"']
      receiver: page
      group_wait: 10s
      repeat_interval: 1h
    # Somebody should look at it when there is time.
    - matchers: ['severity="mail"']
      receiver: mail
receivers:
  - name: page
    webhook_configs:
      # What wakes up whoever is on call: PagerDuty, Opsgenie, ntfy, a gateway for text messages.
      - url: 'https://CHANGE-ME.example.org/page'
        send_resolved: true
  - name: mail
    email_configs:
      - to: 'CHANGE-ME@example.org'
        from: 'CHANGE-ME@example.org'
        smarthost: 'CHANGE-ME.example.org:587'
        require_tls: true
        send_resolved: true
inhibit_rules:
  # A process that does not answer says nothing about its checks: what was raised before is no news.
  - source_matchers: ['alertname="SquallDown"']
    target_matchers: ['severity="mail"']
    equal: [job, instance]
"#
    )
}
