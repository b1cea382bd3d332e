//! [`ByHand`]: a number that somebody changed while it ran, and that no file says.

use crate::site::Topology;

/// A number that somebody changed while it ran, and that no file says.
pub(super) struct ByHand {
    pub(super) topology: &'static str,
    pub(super) component: String,
    pub(super) setting: &'static str,
    pub(super) from: String,
    pub(super) to: String,
}

/// All of them, in the order of the topologies and their components.
pub(super) fn all(topologies: &[Topology]) -> Vec<ByHand> {
    let of = |topology: &Topology| {
        let (topology, changes) = (topology.name, topology.configured.changed_by_hand(&topology.running));
        changes.into_iter().map(move |change| ByHand {
            topology,
            component: change.component,
            setting: change.setting,
            from: change.from,
            to: change.to,
        })
    };
    topologies.iter().flat_map(of).collect()
}

impl ByHand {
    /// Where it would stand in the configuration.
    pub(super) fn path(&self) -> String {
        format!("topology.{}.component.{}.{}", self.topology, self.component, self.setting)
    }
}

/// What to write into the file so that it says the same: TOML.
pub(super) fn patch(by_hand: &[ByHand]) -> String {
    let mut patch = String::new();
    let mut last = None;
    for ByHand { topology, component, setting, to, .. } in by_hand {
        if last.replace((topology, component)) != Some((topology, component)) {
            let gap = if patch.is_empty() { "" } else { "\n" };
            patch += &format!("{gap}[topology.{}.component.{}]\n", key(topology), key(component));
        }
        patch += &match to.as_str() {
            "none" => format!("# {setting}: leave it out\n"),
            number if number.parse::<u64>().is_ok() => format!("{setting} = {number}\n"),
            text => format!("{setting} = \"{text}\"\n"),
        };
    }
    patch
}

/// A name as it may stand between brackets.
fn key(name: &str) -> String {
    let is_bare = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_');
    if !name.is_empty() && name.chars().all(is_bare) {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use squall_topology::Config;

    use super::*;

    fn changed(component: &str, setting: &'static str, to: &str) -> ByHand {
        let [from, to] = ["1", to].map(str::to_owned);
        ByHand { topology: "word-count", component: component.to_owned(), setting, from, to }
    }

    #[test]
    fn the_patch_says_in_the_file_what_runs() {
        let by_hand = [
            changed("split", "parallelism", "8"),
            changed("split", "tick", "none"),
            changed("split", "restart.backoff", "1s 500ms"),
            changed("a \"b\"", "inbox", "512"),
        ];

        let patch = patch(&by_hand);

        assert!(
            patch.starts_with("[topology.word-count.component.split]\nparallelism = 8\n# tick"),
            "{patch}"
        );
        let mut config = Config::parse("squall.toml", &patch).unwrap();
        let settings = config.topology("word-count", &["split", "a \"b\""]).unwrap();
        assert_eq!(settings.component("split").parallelism, Some(8));
        assert_eq!(settings.component("split").restart.unwrap().backoff.as_millis(), 1500);
        assert_eq!(settings.component("a \"b\"").inbox, Some(512));
    }
}
