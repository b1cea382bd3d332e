//! Scheduled messages: stored in one row, sent at their instant.
//!
//! ```text
//!  POST /api/v1/messages ──► row ──► due (spout) ──► send (bolt) ──► destination
//!                             ▲                         │
//!                             └──── state, outcome ◄────┘
//! ```
//!
//! One row is the truth about a message, and is also the queue: there is no second copy that could say something
//! else. The spout claims what is due soon and releases each message at its instant; the bolt marks the row `sending`,
//! makes one request, and writes what came of it. An edit or a cancel counts until that mark, and is always
//! answered by what is so.
//!
//! Any number of processes may share the rows of a PostgreSQL, MariaDB or MySQL server; a SQLite file belongs to one.
//! A 201 means that the message is on disk. A crash at any moment loses nothing. Whether it can double something is
//! for the destination to say, by its [`Capability`]:
//!
//! | capability | after an attempt whose end nobody knows |
//! |---|---|
//! | [`Exact`](Capability::Exact) | it is sent again: the destination makes no copy |
//! | [`Keyed`](Capability::Keyed) | it is sent again with the same key, by which the receiver knows a copy |
//! | [`KeyedWindow`](Capability::KeyedWindow) | the same for as long as the key is remembered; then it is looked for first |
//! | [`AtMostOnce`](Capability::AtMostOnce) | it is not sent again: `unconfirmed`, until a person decides |
//!
//! | to see | file |
//! |---|---|
//! | the life of a message | `state.rs` |
//! | the rows, and who may send them | `store.rs` and below |
//! | when a message is sent | `when.rs` and below |
//! | messages that recur | `recurrence.rs`, `series.rs` and below |
//! | what is due soon | `horizon.rs`, `due.rs` |
//! | how many leave, and how fast | `flow.rs` and below |
//! | what a destination is | `destination.rs` and below |
//! | the interface | [`api`], `inbox.rs` |
//! | the pages | `pages.rs` and below |
//! | what is checked | `checks.rs`, `pulse.rs` |
//! | the commands | `commands.rs` and below |
//! | how the binary runs it | `app.rs`, `topology.rs` |
//! | where tests have it killed | `crash.rs` |

pub mod api;
mod app;
mod checks;
mod clock;
mod commands;
mod crash;
mod desk;
mod destination;
mod due;
mod flow;
mod horizon;
mod in_flight;
mod inbox;
mod message;
mod metrics;
mod owner;
mod pages;
mod pulse;
pub mod recurrence;
mod send;
pub mod series;
mod settings;
mod site;
mod state;
mod store;
mod tids;
mod topology;
mod wake;
pub mod when;

pub use api::{Draft, ScheduleDraft, SeriesDraft, SeriesEdit, TEXT_LIMIT};
pub use app::ScheduledMessages;
pub use destination::{
    Attempt, Bluesky, Capability, Clients, Destination, Destinations, Discard, INBOX, Limits, Mastodon,
    Objection, Outcome, Quota, RateHints, Reconciled, Reply, Scope, Webhook, tid,
};
pub use due::{Due, DueMessages};
pub use flow::{
    Admission, Allowance, Attempts, BreakerState, DestinationFlow, Flow, Lane, Lateness, Permit, Tally,
};
pub use in_flight::{Flight, InFlight};
pub use inbox::{Deliveries, Delivery, KEPT_DELIVERIES, NewDelivery};
pub use message::{Message, MessageId, NewMessage, WallTime};
pub use send::Send;
pub use site::{pages, routes};
pub use state::{State, Step};
pub use store::{AHEAD as SERIES_AHEAD, Making, SeriesChange, SeriesChanged, SeriesFilter, SeriesInserted};
pub use store::{
    ALL, Account, AtHand, Begin, Begun, Catch, CatchUp, Change, Changed, Claimed, Counts, Cursor,
    DueAccounts, Edit, Filter, ForPeople, Forecast, Found, Happening, Inserted, LEASE, Matches, Minute,
    Overdue, Overview, Place, Process, Request, Search, Settle, Settlement, Sight, Store, Suspended,
    Suspension, Which,
};
pub use topology::{NAME, Parts, plan};
