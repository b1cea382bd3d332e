//! `[topology.NAME]`: the numbers of a plan.

use super::{
    Config, ConfigError,
    fault::Fault,
    read::{self, Outcome},
    source::Span,
    tree::{Node, Table},
};
use crate::{plan::Plan, settings::TopologySettings, validate};

impl Config {
    /// Claims `[topology.NAME]` and reads it; empty if there is none. `components` are the names that the topology has.
    ///
    /// # Errors
    /// All faults of the section, settings for a component that the topology does not have among them.
    pub fn topology(&mut self, name: &str, components: &[&str]) -> Result<TopologySettings, ConfigError> {
        let (settings, faults) = self.read_topology(name, Some(components));
        if faults.is_empty() { Ok(settings) } else { Err(self.remember(faults)) }
    }

    /// Claims `[topology.NAME]` for a plan of this name, and lets it override the numbers of the code. Nothing is changed
    /// if a fault is found.
    ///
    /// # Errors
    /// All faults of the section at their places, also those that only the plan knows, such as a `tick` for a spout.
    ///
    /// ```
    /// # use squall_core::{Emit, Next, Result, Spout, SpoutOutput};
    /// # use squall_topology::{Config, TopologyBuilder};
    /// # struct Numbers;
    /// # impl Spout for Numbers {
    /// #     type Id = u64;
    /// #     type Out = Emit<u64>;
    /// #     async fn next(&mut self, _: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> { Ok(Next::End) }
    /// # }
    /// let mut t = TopologyBuilder::new("numbers");
    /// t.spout("numbers", || Numbers);
    /// let mut plan = t.build()?;
    ///
    /// let mut config = Config::parse("squall.toml", "[topology.numbers.component.numbers]\ntick = '1s'")?;
    /// let error = config.configure(&mut plan).unwrap_err();
    /// assert_eq!(error.errors[0].place(), "squall.toml:2:1");
    /// assert_eq!(error.errors[0].message(), "`numbers`: tick is for bolts only: remove it");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn configure(&mut self, plan: &mut Plan) -> Result<(), ConfigError> {
        let (settings, mut faults) = self.read_topology(plan.name(), Some(&plan.component_names()));
        let mut configured = plan.clone();
        if let Err(invalid) = configured.configure(&settings) {
            let untold = invalid.faults.iter().filter(|fault| !is_told_by_reading(fault));
            faults.extend(untold.map(|fault| self.place(plan.name(), fault)));
        }
        if faults.is_empty() {
            *plan = configured;
            return Ok(());
        }
        Err(self.remember(faults))
    }

    /// Claims `[topology.NAME]` of a topology whose components cannot be told now, and looks only for what is wrong
    /// whatever they are. [`finish`](Self::finish) tells it.
    pub fn skim_topology(&mut self, name: &str) {
        let (_, faults) = self.read_topology(name, None);
        self.faults.extend(faults);
    }

    /// What can be read of the section, and what is wrong with it.
    fn read_topology(&mut self, name: &str, components: Option<&[&str]>) -> (TopologySettings, Vec<Fault>) {
        self.claimed.insert(format!("topology.{name}"));
        let topologies = self.document.table_mut().and_then(|table| table.get_mut("topology"));
        let Some(entry) = topologies
            .and_then(|topologies| topologies.node.table_mut())
            .and_then(|table| table.get_mut(name))
        else {
            return (TopologySettings::default(), Vec::new());
        };
        let mut faults = Vec::new();
        let settings = entry.node.table_mut().and_then(|table| table.get_mut("component"));
        if let (Some(settings), Some(components)) =
            (settings.and_then(|entry| entry.node.table_mut()), components)
        {
            name_components(name, settings, components, &mut faults);
        }
        let node = &entry.node;
        let knowledge = read::Knowledge { environment: &self.environment, absent: &self.absent };
        let Outcome { value, faults: more, hidden, .. } = read::read(node, knowledge);
        faults.extend(more);
        self.hidden.extend(hidden);
        (value.unwrap_or_default(), faults)
    }

    /// A fault that the plan found, at the value that causes it.
    fn place(&self, topology: &str, fault: &validate::Fault) -> Fault {
        let placed = Fault::new(fault.to_string());
        let Some((component, key)) = fault.setting() else { return placed };
        let at = |path: &[&str]| self.find(path);
        let own = at(&["topology", topology, "component", component, key]);
        match own.or_else(|| at(&["topology", topology, key])) {
            Some(span) => placed.at(span),
            None => placed,
        }
    }

    /// Where the key at the end of `path` stands.
    pub(super) fn find(&self, path: &[&str]) -> Option<Span> {
        let (last, above) = path.split_last()?;
        let start: &Node = &self.document;
        let table = above.iter().try_fold(start, |node, key| Some(&node.table()?.get(key)?.node))?;
        Some(table.table()?.get(last)?.key_span)
    }
}

/// Gives loosely spelled components their names, and refuses those that there are not.
fn name_components(topology: &str, settings: &mut Table, components: &[&str], faults: &mut Vec<Fault>) {
    for component in &mut settings.0 {
        match components.iter().find(|name| component.is_called(name)) {
            Some(name) => (*name).clone_into(&mut component.key),
            None => {
                let message = format!("topology `{topology}` has no component `{}`", component.key);
                let fault = Fault::new(message).expecting(&component.key, components);
                faults.push(fault.at(component.key_span));
            }
        }
        component.loose = false;
    }
}

fn is_told_by_reading(fault: &validate::Fault) -> bool {
    matches!(fault, validate::Fault::UnknownComponent { .. })
}
