//! Windows and joins: bolts that hold tuples until a window over them is due.
//!
//! | what | file |
//! |---|---|
//! | how long, how often: [`Window`], [`Span`], [`InvalidWindow`] | `window.rs`, `invalid.rs` |
//! | whose time: [`EventTime`], the [`Watermark`] | `event_time.rs`, `watermark.rs`, `order.rs` |
//! | what is in a window: [`Pane`] | `pane.rs` |
//! | what is made of it: [`WindowFunction`], [`from_fn`], [`Join`] | `function.rs`, `join.rs` |
//! | the bolts: [`WindowBolt`], [`EventWindowBolt`] | `bolt.rs`, `event_bolt.rs` |
//! | which tuple is in which pane | `timeline.rs` |
//!
//! They are written against the public interface of `squall-core`: [`Output::hold`](squall_core::Output::hold) and
//! [`Emit::emit_anchored`](squall_core::Emit::emit_anchored) are all they need, and all that another bolt of the kind
//! needs.
//!
//! # Delivery
//!
//! At least once. A tuple's root stays pending until the tuple is in no window to come, and what was made of the
//! windows with it is done. If the window's function fails, the roots of all tuples of that window fail, and these
//! tuples leave the window; their sources send them again. So the message timeout must be longer than a tuple may be
//! held: a bolt whose window is longer refuses to start.

mod bolt;
mod event_bolt;
mod event_time;
mod fire;
mod function;
mod invalid;
mod join;
mod order;
mod pane;
mod timeline;
mod watermark;
mod window;

pub use bolt::WindowBolt;
pub use event_bolt::{EventWindowBolt, WindowOut, WindowStreams};
pub use event_time::EventTime;
pub use function::{FromFn, Results, WindowFunction, from_fn};
pub use invalid::InvalidWindow;
pub use join::{Join, JoinIn};
pub use pane::Pane;
pub use watermark::Watermark;
pub use window::{Span, Window};
