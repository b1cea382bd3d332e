//! A topology as data.
//!
//! [`TopologyBuilder`] wires typed components; [`Plan`] is what comes out, checked ([`Invalid`] lists every
//! [`Fault`]); [`settings`] are the numbers that a configuration file may change, [`config`] reads that
//! file, [`schema`] describes it for editors; [`Change`] is a number in which two plans differ; `picture.rs` draws.

mod builder;
mod change;
pub mod config;
mod picture;
mod plan;
pub mod schema;
pub mod settings;
mod validate;
mod warnings;
mod ways;

pub use builder::{BoltDeclarer, Concurrent, OneByOne, SideBySide, SpoutDeclarer, TopologyBuilder};
pub use change::Change;
pub use config::{Config, ConfigError, Part, Secret};
pub use plan::{ComponentPlan, Plan};
pub use settings::{
    AdminSettings, ComponentSettings, EngineSettings, RestartMode, RestartPolicy, RetryPolicy, Size,
    TopologySettings,
};
pub use validate::{Fault, Invalid};
