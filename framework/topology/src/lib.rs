//! A topology as data: builder, plan, validation, settings.

pub mod config;
pub mod settings;
