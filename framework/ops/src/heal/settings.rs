//! `[checks.NAME.action]`: what the configuration says is done by itself.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use squall_topology::settings::{MAX_PARALLELISM, duration, number};

use super::{Deed, Heal};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// The tasks of the component are built anew, one after the other.
    Restart,
    /// The component gets `step` more tasks, but never fewer than `min` or more than `max`.
    Rebalance,
    /// The spout `component` is asked for nothing more until all is well.
    PauseSpout,
}

/// `[checks.NAME.action]`: what is done by itself while the check is broken. It is only said unless `dry_run` is false.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HealSettings {
    /// What is done.
    #[serde(rename = "do")]
    what: What,
    /// The component that it is done to; without it the one that the finding is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    component: Option<String>,
    /// How many tasks a rebalance adds, or takes if negative; 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    step: Option<i64>,
    /// The fewest tasks that a rebalance leaves, from 1 to 1,024; 1.
    #[schemars(range(min = 1, max = 1024))]
    #[serde(default, deserialize_with = "number::optional::<_, 1, MAX_PARALLELISM>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<usize>,
    /// The most tasks that a rebalance gives, from 1 to 1,024; must be said.
    #[schemars(range(min = 1, max = 1024))]
    #[serde(default, deserialize_with = "number::optional::<_, 1, MAX_PARALLELISM>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<usize>,
    /// It is done at most so often within `window`, at least 1; 3.
    #[schemars(range(min = 1))]
    #[serde(default, deserialize_with = "number::optional::<_, 1, 1_000>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    most: Option<usize>,
    /// The time within which it is done at most `most` times; an hour.
    #[schemars(with = "Option<duration::Text>")]
    #[serde(default, with = "duration::optional", skip_serializing_if = "Option::is_none")]
    window: Option<Duration>,
    /// The time that is given to what was done before more is done; a minute.
    #[schemars(with = "Option<duration::Text>")]
    #[serde(default, with = "duration::optional", skip_serializing_if = "Option::is_none")]
    every: Option<Duration>,
    /// It is only said, and not done; true.
    #[serde(default = "yes")]
    dry_run: bool,
}

fn yes() -> bool {
    true
}

impl HealSettings {
    /// What their types do not know: the key, and what is wrong there.
    pub(crate) fn fault(&self) -> Option<(&'static str, String)> {
        if self.what != What::Rebalance {
            let useless =
                [("step", self.step.is_some()), ("min", self.min.is_some()), ("max", self.max.is_some())];
            let (key, _) = useless.into_iter().find(|(_, is_said)| *is_said)?;
            return Some((key, "only `do = \"rebalance\"` has a use for it".to_owned()));
        }
        match (self.step.unwrap_or(1), self.min.unwrap_or(1), self.max) {
            (0, ..) => Some(("step", "expected a number other than 0".to_owned())),
            (_, _, None) => {
                Some(("do", "a rebalance needs `max`: the most tasks that it may give".to_owned()))
            }
            (_, min, Some(max)) if min > max => {
                Some(("min", format!("expected at most `max`, which is {max}")))
            }
            _ => None,
        }
    }

    pub(crate) fn heal(&self) -> Heal {
        let (min, max) = (self.min.unwrap_or(1), self.max.unwrap_or(1));
        let usual = match self.what {
            What::Restart => Heal::restart(),
            What::Rebalance => Heal::rebalance(self.step.unwrap_or(1), min..=max),
            What::PauseSpout => Heal::new(Deed::PauseSpout),
        };
        Heal {
            component: self.component.clone(),
            most: self.most.unwrap_or(usual.most),
            window: self.window.unwrap_or(usual.window),
            every: self.every.unwrap_or(usual.every),
            dry_run: self.dry_run,
            ..usual
        }
    }
}
