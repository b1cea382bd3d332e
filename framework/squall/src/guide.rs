//! The guide. Every example in it is compiled, run and held to what it asserts.
//!
//! | chapter | the question |
//! |---|---|
//! | [`first_topology`] | What do I write? |
//! | [`delivery`] | What becomes of a tuple, and who is told? |
//! | [`replay`] | Who tries again, and what becomes of what never works? |
//! | [`state`] | Which task gets a tuple, and what may it remember? |
//! | [`async_calls`] | How do I ask somebody else, many at once? |
//! | [`windows`] | How do I sum up, join and wait? |
//! | [`errors`] | What happens when something goes wrong? |
//! | [`configuration`] | What can be changed without a compiler? |
//! | [`running`] | How does it start, pause and end? |
//! | [`changing`] | How do I change it while it runs, and what if something hangs? |
//! | [`measuring`] | How is it doing? |
//! | [`metrics`] | What does `/metrics` tell? |
//! | [`command_line`] | What can I type, and what is answered? |
//! | [`operating`] | How do programs see and change what runs? |
//! | [`runbook`] | What does a check mean, and what do I do? |
//! | [`testing`] | How do I know that it works? |
//!
//! How it works inside is told by `ARCHITECTURE.md` in the repository; whole programs stand in `examples/`.

#[doc = include_str!("guide/first_topology.md")]
pub mod first_topology {}

#[doc = include_str!("guide/delivery.md")]
pub mod delivery {}

#[doc = include_str!("guide/replay.md")]
pub mod replay {}

#[doc = include_str!("guide/state.md")]
pub mod state {}

#[doc = include_str!("guide/async_calls.md")]
pub mod async_calls {}

#[doc = include_str!("guide/windows.md")]
pub mod windows {}

#[doc = include_str!("guide/errors.md")]
pub mod errors {}

#[doc = include_str!("guide/configuration.md")]
pub mod configuration {}

#[doc = include_str!("guide/running.md")]
pub mod running {}

#[doc = include_str!("guide/changing.md")]
pub mod changing {}

#[doc = include_str!("guide/measuring.md")]
pub mod measuring {}

#[doc = include_str!("guide/command_line.md")]
pub mod command_line {}

#[doc = include_str!("guide/operating.md")]
pub mod operating {}

#[doc = include_str!("guide/runbook.md")]
pub mod runbook {}

#[doc = include_str!("guide/metrics.md")]
pub mod metrics {}

#[doc = include_str!("guide/testing.md")]
pub mod testing {}
