//! What the configuration says about the flow to a destination.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use squall_topology::Config;
use squall_topology::schema::{JsonSchema, Schema, SchemaGenerator};
use squall_topology::settings::number;

use super::Allowance;
use crate::destination::{INBOX, Limits, Quota};

/// The section of the configuration with the limits of destinations.
pub(crate) const SECTION: &str = "limits";

const EXPECTED: &str = "expected so many messages in a time, such as \"300/5m\"";

/// What may be sent to one destination, beside what its kind is known to bear.
///
/// It is a section of its own and not a part of `[destinations.NAME]`, because `inbox`, which is built in, can have
/// limits as well.
///
/// ```toml
/// [limits.hook]
/// max_in_flight = 64              # attempts at the same time
/// max_in_flight_per_account = 4   # those of one account; no limit of its own unless said
/// rate_per_account = "300/5m"     # so many at once, and as many again in the course of that time
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "What may be sent to a destination.")]
pub(crate) struct LimitSettings {
    /// Attempts at the same time; 64 for most kinds of destinations.
    #[serde(default, deserialize_with = "number::optional::<_, 1, 100_000>")]
    #[schemars(range(min = 1, max = 100_000))]
    max_in_flight: Option<usize>,
    /// Attempts of one account at the same time; no limit of its own unless said.
    #[serde(default, deserialize_with = "number::optional::<_, 1, 100_000>")]
    #[schemars(range(min = 1, max = 100_000))]
    max_in_flight_per_account: Option<usize>,
    /// Attempts of one account in a time, such as `300/5m`: a bucket that holds so many, and is full again after that
    /// time.
    rate_per_account: Option<Rate>,
}

#[derive(Clone, Copy, Debug)]
struct Rate(Quota);

impl LimitSettings {
    /// Claims the section and reads it. Limits of destinations that there are not are refused.
    pub(crate) fn read(config: &mut Config, destinations: &str) -> BTreeMap<String, Self> {
        let limits: BTreeMap<String, Self> = config.section_or_default(SECTION);
        for name in limits.keys() {
            if name != INBOX && !config.contains(&[destinations, name]) {
                let why =
                    format!("there is no destination `{name}`: it needs a section [{destinations}.{name}]");
                config.refuse(&[SECTION, name], why);
            }
        }
        limits
    }

    /// What is said here, and for the rest what the kind of destination is known to bear.
    pub(crate) fn over(self, kind: Limits) -> Allowance {
        let kind = Allowance::from(kind);
        let number = |said: Option<usize>| said.and_then(|said| u32::try_from(said).ok());
        Allowance {
            in_flight: number(self.max_in_flight).unwrap_or(kind.in_flight),
            account_in_flight: number(self.max_in_flight_per_account).or(kind.account_in_flight),
            account_rate: self.rate_per_account.map(|Rate(quota)| quota).or(kind.account_rate),
        }
    }
}

impl Rate {
    fn parse(text: &str) -> Result<Self, String> {
        let (messages, window) = text.split_once('/').ok_or(EXPECTED)?;
        let messages = match messages.trim().parse::<u32>() {
            Ok(messages) if messages > 0 => messages,
            _ => return Err(format!("`{}` is no number of messages; {EXPECTED}", messages.trim())),
        };
        let window = match humantime::parse_duration(window.trim()) {
            Ok(window) if !window.is_zero() && window <= squall_topology::settings::duration::MAX => window,
            _ => return Err(format!("`{}` is no time; {EXPECTED}", window.trim())),
        };
        Ok(Self(Quota { messages, window }))
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl JsonSchema for Rate {
    fn schema_name() -> Cow<'static, str> {
        "Rate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^ *[0-9]+ */.*[0-9] *[a-zA-Zµ]+ *$",
            "examples": ["300/5m", "10/1s"],
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use squall_topology::config::ConfigError;

    use super::*;

    const HOOK: &str = "[destinations.hook]\ntype = 'webhook'\nurl = 'http://h/'\n";

    fn read(limits: &str) -> Result<BTreeMap<String, LimitSettings>, ConfigError> {
        let mut config = Config::parse("squall.toml", &format!("{HOOK}{limits}"))?;
        config.ignore("destinations");
        let limits = LimitSettings::read(&mut config, "destinations");
        config.finish().map(|()| limits)
    }

    #[test]
    fn what_is_said_holds_and_the_kind_of_destination_says_the_rest() {
        let quota = |messages, seconds| Some(Quota { messages, window: Duration::from_secs(seconds) });
        let kind = Limits { concurrency: Some(8), per_account: quota(30, 60) };

        let limits =
            read("[limits.hook]\nrate_per_account = '300/5m'\n[limits.inbox]\nmax_in_flight = 2").unwrap();

        let default = Allowance::default();
        assert_eq!(
            limits["hook"].over(kind),
            Allowance { in_flight: 8, account_rate: quota(300, 300), ..default }
        );
        assert_eq!(
            limits["inbox"].over(kind),
            Allowance { in_flight: 2, account_rate: quota(30, 60), ..default }
        );
        assert_eq!(LimitSettings::default().over(Limits::default()), default);
    }

    #[test]
    fn a_limit_of_nothing_is_refused_at_its_name() {
        let error = read("[limits.hoook]\nmax_in_flight = 2").unwrap_err();

        assert_eq!(error.errors[0].place(), "squall.toml:4:9");
        assert_eq!(
            error.errors[0].message(),
            "there is no destination `hoook`: it needs a section [destinations.hoook]"
        );
    }

    #[test]
    fn a_number_or_a_rate_that_is_none_is_refused_at_its_value() {
        for wrong in ["max_in_flight = 0", "max_in_flight_per_account = -1", "max_in_flight = 1000000"] {
            let error = read(&format!("[limits.hook]\n{wrong}")).unwrap_err();
            assert!(error.errors[0].message().contains("a whole number from 1 to 100000"), "{error}");
        }
        for wrong in
            ["'300'", "'0/5m'", "'-1/5m'", "'300/5'", "'300/0s'", "'300/m'", "'many/5m'", "'5m/300'", "''"]
        {
            let error = read(&format!("[limits.hook]\nrate_per_account = {wrong}")).unwrap_err();
            assert_eq!(error.errors[0].place(), "squall.toml:5:20", "{wrong}");
            assert!(error.errors[0].message().contains("such as \"300/5m\""), "{error}");
        }
    }
}
