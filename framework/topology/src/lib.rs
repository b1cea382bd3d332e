//! A topology as data: builder, plan, validation, settings.

pub mod config;
pub mod settings;

pub use config::{Config, ConfigError, Part, Secret};
pub use settings::{
    AdminSettings, ComponentSettings, EngineSettings, RestartMode, RestartPolicy, Size, TopologySettings,
};
