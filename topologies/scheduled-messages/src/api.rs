//! The HTTP interface, `/api/v1`, and what it answers.
//!
//! [`/api/v1/openapi.json`](#the-document) describes all of it to programs. It listens where the server listens, on
//! loopback by default, and knows no passwords: whoever reaches it may do everything. Who somebody is, they say
//! themselves, in the header `Squall-Actor`; the trail of a message repeats it.
//!
//! # Messages
//!
//! | to | ask | answer |
//! |---|---|---|
//! | schedule one | `POST /messages` | 201, or 200 for a repetition |
//! | schedule many | `POST /messages/bulk`, a draft a line | an answer a line |
//! | see one, or what happened to it | `GET /messages/{id}`, `GET /messages/{id}/trail` | 200 |
//! | find some | `GET /messages?account=…&state=dead,unconfirmed` | 200, and where to go on |
//! | say it otherwise, or at another time | `PATCH /messages/{id}` | 200, or why not |
//! | take it back | `POST /messages/{id}/cancel` | 200, or why not |
//! | send it at once | `POST /messages/{id}/send-now` | 200, or why not |
//! | send it once more | `POST /messages/{id}/retry` | 200, or why not |
//! | say what became of it | `POST /messages/{id}/resolve` | 200, or why not |
//! | do one of these to many | `POST /messages/actions` | 200: how many, and why the rest was not |
//! | have messages recur | `POST /series`, and what is below it | 201 |
//! | hold an account, or all | `POST /suspensions`, `DELETE /suspensions/{account}` | 200 |
//! | say what is done with what is late | `PUT /accounts/{account}/catch-up` | 200 |
//! | see how things stand | `GET /overview` | 200 |
//!
//! ## Why not
//!
//! The row of a message is the only place where its state is kept, and a change looks at the row and writes it in one
//! transaction. So an answer is true at the instant of that transaction:
//!
//! | answer | means |
//! |---|---|
//! | 200, `"result":"updated"` | done: no attempt that begins from now on knows the old words or the old time |
//! | 200, `"result":"stopped"` | no further attempt is made, but one was, and nobody knows whether it arrived |
//! | 409, `/problems/too-late` | an attempt is under way, `by` whom and `since` when; nothing was changed |
//! | 409, `/problems/already-sent` | it was sent at `sent_at`, and is at `receipt`; nothing was changed |
//! | 409, `/problems/not-possible` | its `state` does not go with that; the detail says what does |
//! | 412, `/problems/outdated` | somebody changed it since you looked; the answer has the `ETag` it has now |
//!
//! `ETag` is the version of a message, which grows with every change that people make, and not with what is done to
//! send it. A change with `If-Match` is made to that version or not at all; without it the last one wins.
//!
//! What may have arrived is never said to be cancelled. Such a message ends as `unconfirmed`, and somebody who has
//! looked at the destination says `POST /messages/{id}/resolve` with `{"as": "sent"}`, `"not_sent"`, by which it is
//! sent again, or `"give_up"`. Nor can its words be changed: the old ones may be out there.
//!
//! ## Repetitions
//!
//! A `POST /messages` with an `Idempotency-Key` can be repeated when its answer was lost: the same request has the
//! message that the first one stored (200), another one with that key is refused (409). In a bulk request each line can
//! have a key of its own, `"idempotency_key"`. Changes can be repeated too: the second time they meet their own result.
//!
//! ## Many at once
//!
//! `POST /messages/bulk` takes up to 100,000 lines of `application/x-ndjson` and answers each with a line, in their
//! order, while they come in: `{"line":1,"status":201,"id":"…"}`, or a problem with its `line`. A line that is refused
//! does not stop the others, and an empty one is passed over. Lines are stored in chunks of up to a thousand. When the
//! client goes away in the middle, whole chunks are stored: with keys it can begin again from the start.
//!
//! # What is late
//!
//! A suspension has a cut-off, which the answer names: attempts that began before it may still arrive (`still_sending`
//! counts them), and none begins behind it. What comes due meanwhile waits until the suspension is lifted. What is then
//! late, or late because nothing could be sent, is treated as the account wants it: `all` sends at once, `spread` one by
//! one, `skip` not at all.
//!
//! # The document
//!
//! The routes of the server and the OpenAPI document come from one list ([`squall_ops::openapi`]), so neither has what
//! the other has not. The document of the `squall` binary describes these operations beside its own.

mod account;
pub(crate) mod action;
pub(crate) mod actions;
mod actor;
mod bulk;
mod catch_up;
pub(crate) mod change;
mod cursor;
mod draft;
pub(crate) mod edit;
mod key;
mod list;
pub(crate) mod message;
mod overview;
pub(crate) mod resolve;
pub(crate) mod series;
pub(crate) mod suspension;
pub(crate) mod trail;
mod trouble;
mod version;

pub use draft::{Checked, Draft, TEXT_LIMIT};
pub use series::{ScheduleDraft, SeriesDraft, SeriesEdit};
pub(crate) use trouble::unavailable;

use squall_ops::openapi::{Operation, Operations};

use crate::destination::Destinations;
use crate::flow::Flow;
use crate::store::Store;

/// Where messages are.
pub(crate) const PATH: &str = "/api/v1/messages";

/// Everything that the interface does.
fn list() -> Vec<Operation> {
    let all = [
        message::operations(),
        list::operations(),
        bulk::operations(),
        actions::operations(),
        edit::operations(),
        change::operations(),
        resolve::operations(),
        trail::operations(),
        series::operations(),
        suspension::operations(),
        catch_up::operations(),
        overview::operations(),
    ];
    all.into_iter().flatten().map(with_path).collect()
}

/// Says what the parameters of its path are.
fn with_path(operation: Operation) -> Operation {
    let id = if operation.path().starts_with(series::PATH) {
        "The id of a series."
    } else {
        "The id of a message."
    };
    operation
        .in_path("id", id)
        .in_path("account", "The name of an account, percent-encoded; `*` is all of them.")
}

/// Everything that the interface does, and where it finds what it needs.
pub(crate) fn operations(store: &Store, destinations: &Destinations, flow: &Flow) -> Operations {
    Operations::new(list()).share(store.clone()).share(destinations.clone()).share(flow.clone())
}
