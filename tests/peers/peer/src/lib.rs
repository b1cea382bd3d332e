//! What the race and those who run in it say to each other.
//!
//! A peer says that it is [ready](Ready) and then answers each command, a line of text, with a line of JSON. The
//! peer that runs Storm is written in Java and speaks the same.

mod answer;
mod command;
mod pace;
mod talk;

pub use answer::{Flow, Rate, Ready};
pub use command::{Command, Unknown};
pub use pace::Pace;
pub use talk::{Peer, talk};
