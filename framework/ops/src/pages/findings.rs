//! [`Shown`]: a finding, as the overview shows it.

use std::time::SystemTime;

use squall_topology::settings::MAX_PARALLELISM;

use crate::check::Category;
use crate::finding::Finding;
use crate::show::Seconds;
use crate::site::Site;

/// A finding, as the overview shows it.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) kind: &'static str,
    pub(super) word: &'static str,
    pub(super) sentence: String,
    pub(super) what_to_do: String,
    pub(super) since: String,
    pub(super) lasts: Seconds,
    pub(super) link: String,
    pub(super) link_title: String,
    /// A page with more about it, if it has one of its own.
    pub(super) runbook: Option<String>,
    place: (Option<String>, Option<String>),
    /// What can be done right there.
    pub(super) action: Option<Raise>,
}

/// More tasks for the component that is the cause.
#[derive(Clone, Debug)]
pub(super) struct Raise {
    pub(super) href: String,
    pub(super) word: String,
}

impl Shown {
    /// Whether it is about this topology, or a component of it.
    pub(super) fn is_of(&self, topology: &str) -> bool {
        self.place.0.as_deref() == Some(topology)
    }

    /// Whether it is about this component.
    pub(super) fn is_about(&self, topology: &str, component: &str) -> bool {
        (self.place.0.as_deref(), self.place.1.as_deref()) == (Some(topology), Some(component))
    }
}

/// What somebody should look into, the worst first.
pub(super) fn all(site: &Site, may_act: bool) -> Vec<Shown> {
    site.lookout.findings().iter().map(|finding| shown(site, finding, may_act)).collect()
}

fn shown(site: &Site, finding: &Finding, may_act: bool) -> Shown {
    let (kind, word) = match finding.category {
        Category::Page => ("bad", "Act now"),
        Category::Mail => ("warn", "Look into"),
    };
    let lasts = SystemTime::now().duration_since(finding.since).unwrap_or_default();
    let place = [finding.topology.as_deref(), finding.component.as_deref()];
    let link_title = place.into_iter().flatten().collect::<Vec<_>>().join(" / ");
    Shown {
        kind,
        word,
        sentence: sentence(&finding.sentence),
        what_to_do: sentence(&finding.what_to_do),
        since: humantime::format_rfc3339_seconds(finding.since).to_string(),
        lasts: Seconds(lasts.as_secs_f64().round()),
        link: finding.link.clone(),
        link_title: if link_title.is_empty() { "Details".to_owned() } else { link_title },
        runbook: Some(finding.runbook.clone())
            .filter(|runbook| runbook.starts_with("http") || runbook.starts_with('/')),
        place: (finding.topology.clone(), finding.component.clone()),
        action: raise(site, finding).filter(|_| may_act),
    }
}

/// Only where more tasks help: what is at its limit.
fn raise(site: &Site, finding: &Finding) -> Option<Raise> {
    if finding.check != "bottleneck" {
        return None;
    }
    let (topology, component) = (finding.topology.as_deref()?, finding.component.as_deref()?);
    let seen = site.lookout.seen();
    let now = seen.topology(topology)?.component(component)?.tasks;
    let to = (now * 2).clamp(1, MAX_PARALLELISM);
    Some(Raise {
        href: format!("/t/{topology}/c/{component}/rebalance?parallelism={to}"),
        word: format!("Raise to {to} tasks…"),
    })
}

/// A sentence begins with a capital letter, unless it begins with a name, and ends with a stop.
fn sentence(words: &str) -> String {
    let mut letters = words.trim_end_matches('.').chars();
    let Some(first) = letters.next() else { return String::new() };
    format!("{}{}.", first.to_uppercase(), letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_has_a_beginning_and_an_end() {
        assert_eq!(sentence("add tasks"), "Add tasks.");
        assert_eq!(sentence("`split` is slow."), "`split` is slow.");
        assert_eq!(sentence(""), "");
    }
}
