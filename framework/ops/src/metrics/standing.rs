//! [`Standing`]: what the process is, and what became of its configuration.

use std::sync::Arc;

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;

use super::families::{BUILD, CONFIG};
use super::family::label;
use crate::reload::ConfigState;

/// What the process is, and what became of its configuration.
pub(super) struct Standing {
    name: String,
    version: String,
    config: Arc<ConfigState>,
    descs: Vec<Desc>,
}

impl Standing {
    pub(super) fn new(name: &str, version: &str, config: &Arc<ConfigState>) -> prometheus::Result<Self> {
        let build = BUILD.iter().map(|family| family.desc(&["name", "version"]));
        let descs = build.chain(CONFIG.iter().map(|family| family.desc(&[])));
        let descs = descs.collect::<Result<_, _>>()?;
        Ok(Self { name: name.to_owned(), version: version.to_owned(), config: Arc::clone(config), descs })
    }
}

impl Collector for Standing {
    fn desc(&self) -> Vec<&Desc> {
        self.descs.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let shown = self.config.shown();
        let who = || vec![label("name", &self.name), label("version", &self.version)];
        let build = BUILD.iter().map(|family| family.gather([(who(), &())].into_iter()));
        let config = CONFIG.iter().map(|family| family.gather([(Vec::new(), &shown)].into_iter()));
        build.chain(config).collect()
    }
}
