use std::time::{Duration, SystemTime};

use squall_topology::Config;

use super::*;
use crate::check::{Bound, Category, Reading, View};
use crate::seen::Seen;

/// What the configuration says under `[checks]`.
fn settings(text: &str) -> AllSettings {
    let mut config = Config::parse("squall.toml", text).unwrap();
    let settings = config.section_or_default("checks");
    config.finish().unwrap();
    settings
}

fn lag() -> Check {
    Check::new("lag", Bound::Above(10.0), |_: View<'_>| vec![Reading::new(11.0).about("t", "in")]).unit("s")
}

fn known() -> Known {
    let mut known = Known::built_in();
    known.add("elsewhere");
    known.add_running("t", vec!["in".to_owned(), "out".to_owned()], &[lag()]);
    known
}

/// The faults of settings that lack nothing in their types.
fn faults(text: &str) -> Vec<String> {
    let faults = known().faults(&settings(text));
    faults.into_iter().map(|(path, why)| format!("{}: {why}", path.join("."))).collect()
}

#[test]
fn only_what_is_said_of_a_check_changes() {
    let rules = Rules::new(settings("[checks.lag]\nabove = 20\ncategory = 'page'\nfor = '1m'"));

    let all = rules.apply(SystemTime::UNIX_EPOCH, [lag()].iter());

    assert_eq!((all[0].bound, all[0].category), (Bound::Above(20.0), Category::Page));
    assert_eq!((all[0].lasting, &*all[0].unit), (Duration::from_secs(60), "s"));
}

#[test]
fn a_check_that_is_off_is_not_there() {
    let rules = Rules::new(settings("[checks.lag]\noff = true"));

    assert!(rules.apply(SystemTime::UNIX_EPOCH, [lag()].iter()).is_empty());
}

#[test]
fn a_check_is_added_with_its_metric_and_its_place() {
    let text = "[checks.few]\nmetric = 'emitted'\ntopology = 't'\ncomponent = 'in'\nbelow = 5\nfor = '2s'";
    let rules = Rules::new(settings(text));

    let all = rules.apply(SystemTime::UNIX_EPOCH, [lag()].iter());

    let names: Vec<&str> = all.iter().map(Check::name).collect();
    assert_eq!(names, ["few", "lag"]);
    assert_eq!((all[0].bound, &*all[0].unit), (Bound::Below(5.0), "tuples/s"));
    let (seen, history) = (Seen::nothing(), crate::History::default());
    let view = View { seen: &seen, history: &history };
    assert_eq!(all[0].probe.lock().unwrap().probe(view), [], "what does not run is not measured");
    assert_eq!(faults(text), [] as [String; 0]);
}

#[test]
fn of_two_checks_with_one_name_the_later_one_counts() {
    let all = Rules::default().apply(SystemTime::UNIX_EPOCH, [lag(), lag().pages()].iter());

    assert_eq!((all.len(), all[0].category), (1, Category::Page));
}

#[test]
fn settings_that_speak_of_what_is_not_there_are_refused_where_they_do() {
    let of = |text: &str| faults(text).join("; ");

    assert!(
        of("[checks.lagg]\ntopology = 't'\nabove = 1")
            .starts_with("lagg: there is no check `lagg`; one that is added needs `metric`")
    );
    assert_eq!(
        of("[checks.lag]\ntopology = 'u'"),
        "lag.topology: there is no topology `u`; there are: elsewhere, t"
    );
    assert_eq!(
        of("[checks.lag]\ntopology = 't'\ncomponent = 'on'"),
        "lag.component: `t` has no component `on`; it has: in, out"
    );
    assert_eq!(
        of("[checks.lag]\ncomponent = 'in'"),
        "lag.component: say `topology`, too: that of this component"
    );
    assert_eq!(
        of("[checks.lag]\nabove = 1\nbelow = 2"),
        "lag.below: a check has one bound: `above` or `below`"
    );
    assert_eq!(of("[checks.lag]\nabove = nan"), "lag.above: expected a number, found NaN");
    assert_eq!(
        of("[checks.a]\nmetric = 'acked'\nabove = 1"),
        "a.metric: a check that is added needs `topology`"
    );
    assert_eq!(
        of("[checks.a]\nmetric = 'acked'\ntopology = 't'"),
        "a.metric: a check that is added needs `above` or `below`"
    );
    assert!(
        of("[checks.'a b']\nmetric = 'acked'\ntopology = 't'\nabove = 1")
            .starts_with("a b: the name of a check")
    );
}

#[test]
fn a_check_of_a_topology_that_does_not_run_is_let_be() {
    assert_eq!(faults("[checks.theirs]\ntopology = 'elsewhere'\nabove = 1"), [] as [String; 0]);
    assert_eq!(faults("[checks.theirs]\nabove = 1"), [] as [String; 0], "it may be that of `elsewhere`");
}

#[test]
fn an_action_says_its_bounds() {
    let of = |action: &str| faults(&format!("[checks.lag.action]\n{action}")).join("; ");

    assert_eq!(of("do = 'rebalance'\nmax = 4"), "");
    assert_eq!(
        of("do = 'rebalance'"),
        "lag.action.do: a rebalance needs `max`: the most tasks that it may give"
    );
    assert_eq!(
        of("do = 'rebalance'\nmin = 5\nmax = 4"),
        "lag.action.min: expected at most `max`, which is 4"
    );
    assert_eq!(of("do = 'rebalance'\nmax = 4\nstep = 0"), "lag.action.step: expected a number other than 0");
    assert_eq!(of("do = 'restart'\nmax = 4"), "lag.action.max: only `do = \"rebalance\"` has a use for it");
}

#[test]
fn an_action_is_a_dry_run_unless_it_says_otherwise() {
    let heals = |text: &str| {
        let all = Rules::new(settings(text)).apply(SystemTime::UNIX_EPOCH, [lag()].iter());
        all[0].heal.clone().unwrap().to_string()
    };

    let usual = "[checks.lag.action]\ndo = 'pause_spout'\ncomponent = 'in'";
    assert_eq!(heals(usual), "pauses `in`, at most 3 times in 1h (a dry run)");
    let real = "[checks.lag.action]\ndo = 'restart'\nmost = 1\nwindow = '10m'\ndry_run = false";
    assert_eq!(heals(real), "restarts its tasks, at most 1 times in 10m");
}

#[test]
fn what_types_refuse_has_its_exact_place() {
    let fault = |text: &str| {
        let mut config = Config::parse("squall.toml", text).unwrap();
        let error = config.section::<AllSettings>("checks").unwrap_err();
        format!("{} {}", error.errors[0].place(), error.errors[0].message())
    };

    assert!(
        fault("[checks.lag]\nfor = 30").starts_with("squall.toml:2:7"),
        "{}",
        fault("[checks.lag]\nfor = 30")
    );
    assert!(fault("[checks.lag]\n\nabov = 30").starts_with("squall.toml:3:1"));
    assert!(fault("[checks.lag]\nmetric = 'lags'").starts_with("squall.toml:2:10"));
    assert!(fault("[checks.lag.action]\ndo = 'pray'").starts_with("squall.toml:2:6"));
}

#[test]
fn a_mined_bound_that_nobody_stands_for_never_pages_and_never_repairs() {
    let of = |text: &str| faults(&format!("[checks.lag]\nabove = 20\nmined = true\n{text}")).join("; ");

    assert_eq!(of(""), "");
    assert!(of("category = 'page'").starts_with("lag.category: a mined bound only mails until"));
    assert!(of("category = 'page'\npromoted_by = ' '").starts_with("lag.category: "));
    assert_eq!(of("category = 'page'\npromoted_by = 'ada'"), "");
    assert!(of("action = { do = 'restart' }").starts_with("lag.action: a mined bound repairs nothing"));
    let unfounded = faults("[checks.lag]\nabove = 20\npromoted_by = 'ada'");
    assert_eq!(unfounded, ["lag.promoted_by: only a check with `mined = true` is promoted"]);

    // Neither does one that lies over a check that pages by itself.
    let category = |text: &str| {
        let rules = Rules::new(settings(&format!("[checks.lag]\nabove = 20\nmined = true\n{text}")));
        rules.apply(SystemTime::UNIX_EPOCH, [lag().pages()].iter())[0].category
    };
    assert_eq!(category(""), Category::Mail);
    assert_eq!(category("category = 'page'"), Category::Mail);
    assert_eq!(category("promoted_by = 'ada'"), Category::Page);
}

#[test]
fn a_weekly_bound_is_that_of_the_present_hour() {
    let hours: Vec<String> = (0..24).map(|hour| hour.to_string()).collect();
    let rules =
        Rules::new(settings(&format!("[checks.lag]\nabove = 99\nweekly.mon = [{}]", hours.join(", "))));
    let bound = |at: &str| {
        let at = humantime::parse_rfc3339(at).unwrap();
        rules.apply(at, [lag()].iter())[0].bound
    };

    assert_eq!(bound("2026-11-16T07:59:59Z"), Bound::Above(7.0));
    assert_eq!(bound("2026-11-16T08:00:00Z"), Bound::Above(8.0));
    assert_eq!(bound("2026-11-17T08:00:00Z"), Bound::Above(99.0), "Tuesday is left out");
    let of = |text: &str| faults(&format!("[checks.lag]\n{text}")).join("; ");
    assert!(of("weekly.mon = []").starts_with("lag.weekly: say `above` or `below`"));
    assert!(of("below = 1\nweekly.tue = [1, 2]").starts_with("lag.weekly.tue: expected 24 numbers"));
}

#[test]
fn a_folder_is_checked_by_the_free_share_of_its_file_system() {
    let rules = Rules::new(settings("[checks.archive]\ndisk = '/'\nbelow = 0.2\ncategory = 'page'"));

    let all = rules.apply(SystemTime::UNIX_EPOCH, [].iter());
    let (seen, history) = (Seen::nothing(), crate::History::default());
    let readings = all[0].probe.lock().unwrap().probe(View { seen: &seen, history: &history });

    assert_eq!((all[0].name(), all[0].bound, &*all[0].unit), ("archive", Bound::Below(0.2), "ratio"));
    assert!((0.0..=1.0).contains(&readings[0].value), "{}", readings[0].value);
    assert_eq!(faults("[checks.archive]\ndisk = '/'\nbelow = 0.2"), Vec::<String>::new());
    assert_eq!(
        faults("[checks.archive]\ndisk = '/'"),
        ["archive.disk: a check that is added needs `below`: the free share, from 0 to 1"]
    );
    assert_eq!(
        faults("[checks.archive]\ndisk = '/'\nmetric = 'emitted'\ntopology = 't'\nbelow = 1"),
        ["archive.metric: a check measures one thing: leave `metric` or `disk` out"]
    );
}
