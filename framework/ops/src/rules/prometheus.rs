//! [`prometheus`]: one alert a check, and those for a process that says nothing any more.

use super::About;
use super::yaml::quoted;
use crate::check::{Bound, Category, Check};

/// One alert.
struct Rule<'a> {
    alert: &'a str,
    expr: String,
    lasting: &'a str,
    severity: &'a str,
    summary: String,
    description: String,
    runbook: String,
}

/// The rules for these checks, as a file for `rule_files`.
pub(crate) fn prometheus(checks: &[Check], about: &About) -> String {
    let About { product, job, .. } = about;
    let mut text = format!(
        "# Made by `{product} alerts export prometheus`; made anew when checks change.\n\
         # It expects `job_name: {job}` in `scrape_configs`; another one is given with --job.\n\
         groups:\n  - name: {}\n    rules:\n",
        quoted(&format!("{product}-process"))
    );
    process(about).iter().for_each(|rule| rule.write(&mut text));
    if !checks.is_empty() {
        text += &format!("  - name: {}\n    rules:\n", quoted(&format!("{product}-checks")));
    }
    for check in checks {
        let alert = format!("Squall{}", camel(check.name()));
        of_check(check, &alert, about).write(&mut text);
    }
    text
}

/// What no check can tell, because nobody is there to check.
fn process(about: &About) -> Vec<Rule<'static>> {
    let job = quoted(&about.job);
    let rule = |alert, expr, lasting, severity, summary: &str, description: &str| Rule {
        alert,
        expr,
        lasting,
        severity,
        summary: summary.to_owned(),
        description: description.to_owned(),
        runbook: runbook(about, "#the-process-does-not-answer"),
    };
    vec![
        rule(
            "SquallDown",
            format!("up{{job={job}}} == 0"),
            "1m",
            "page",
            "{{ $labels.instance }} does not answer",
            "Prometheus cannot read /metrics of {{ $labels.instance }}. Look whether the process runs, and at its log.",
        ),
        rule(
            "SquallAbsent",
            format!("absent(up{{job={job}}})"),
            "5m",
            "page",
            "Nothing is scraped under this job",
            "No process is looked at, so nothing that is wrong is noticed. Look at the targets of Prometheus.",
        ),
        rule(
            "SquallChecksSilent",
            format!("up{{job={job}}} == 1 unless on (instance, job) squall_check_raised"),
            "5m",
            "page",
            "{{ $labels.instance }} answers, and tells of no check",
            "Nothing that is wrong is noticed. Look whether the log says that a check hangs.",
        ),
        rule(
            "SquallReloadRefused",
            format!("squall_config_last_reload_successful{{job={job}}} == 0"),
            "5m",
            "mail",
            "{{ $labels.instance }} has refused its configuration",
            "The one before holds. The page /config says what is wrong.",
        ),
    ]
}

fn of_check<'a>(check: &Check, alert: &'a str, about: &About) -> Rule<'a> {
    let of = format!("job={},check={}", quoted(&about.job), quoted(check.name()));
    let unit = if check.unit.is_empty() { String::new() } else { format!(" {}", check.unit) };
    let (side, bound) = match check.bound() {
        Bound::Above(bound) => ("more", bound),
        Bound::Below(bound) => ("less", bound),
    };
    let what = &check.what_to_do;
    let what = if what.is_empty() { String::new() } else { format!(" What to do: {}.", plain(what)) };
    Rule {
        alert,
        expr: format!("squall_check_raised{{{of}}} == 1"),
        // The check has waited already; this is against a single scrape that goes astray.
        lasting: if check.category() == Category::Page { "30s" } else { "2m" },
        // As the process says at that time: a reload may make a mail of a page.
        severity: "{{ $labels.category }}",
        summary: format!("{} is raised{PLACE} on {{{{ $labels.instance }}}}", check.name()),
        // Bounds change with the hour of the week and with a reload: what holds then is asked for.
        description: format!(
            "The value is {}{unit}, {side} than {}{unit}.{what}",
            asked("value", "unknown"),
            asked("bound", &bound.to_string())
        ),
        runbook: runbook(about, &check.runbook),
    }
}

/// Where it is, as far as there is a place.
const PLACE: &str =
    "{{ with $labels.topology }} of {{ . }}{{ end }}{{ with $labels.component }}/{{ . }}{{ end }}";

/// What `squall_check_{what}` says when the alert is sent, or else `unknown`: the expression of the rule only says that
/// it is raised.
fn asked(what: &str, unknown: &str) -> String {
    format!(
        "{{{{ with printf \"squall_check_{what}{{instance=%q,check=%q,topology=%q,component=%q}}\" $labels.instance \
         $labels.check $labels.topology $labels.component | query }}}}{{{{ . | first | value | humanize }}}}\
         {{{{ else }}}}{unknown}{{{{ end }}}}"
    )
}

/// Nothing that Prometheus takes for a template.
fn plain(text: &str) -> String {
    text.replace('`', "").replace("{{", "{ {")
}

fn runbook(about: &About, link: &str) -> String {
    if link.starts_with('#') { format!("{}/runbook{link}", about.url) } else { link.to_owned() }
}

/// `queue-age` is `QueueAge`: what is no letter or digit parts words.
fn camel(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word.split_at(1)).map(|(first, rest)| first.to_ascii_uppercase() + rest).collect()
}

impl Rule<'_> {
    fn write(&self, text: &mut String) {
        let Self { alert, expr, lasting, severity, summary, description, runbook } = self;
        let lines = [
            format!("      - alert: {alert}"),
            format!("        expr: {}", quoted(expr)),
            format!("        for: {lasting}"),
            format!("        labels:\n          severity: {}", quoted(severity)),
            "        annotations:".to_owned(),
            format!("          summary: {}", quoted(summary)),
            format!("          description: {}", quoted(description)),
            format!("          runbook_url: {}", quoted(runbook)),
        ];
        *text += &(lines.join("\n") + "\n");
    }
}
