//! A topology as data.
//!
//! [`TopologyBuilder`] wires typed components; [`Plan`] is what comes out, checked ([`Invalid`] lists every
//! [`Fault`]); [`settings`] are the numbers that a configuration file may change, [`config`] reads that
//! file; `picture.rs` draws.

mod builder;
pub mod config;
mod picture;
mod plan;
pub mod settings;
mod validate;

pub use builder::{BoltDeclarer, SpoutDeclarer, TopologyBuilder};
pub use config::{Config, ConfigError, Part, Secret};
pub use plan::{ComponentPlan, Plan};
pub use settings::{
    AdminSettings, ComponentSettings, EngineSettings, RestartMode, RestartPolicy, RetryPolicy, Size,
    TopologySettings,
};
pub use validate::{Fault, Invalid};
