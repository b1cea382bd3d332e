//! The pages of this topology and its card: what people see of messages, and what they do to them.
//!
//! Nothing is decided here. What a page shows comes from the views of the store, and what a form asks for is done by the
//! functions of the [interface](crate::api), so that a page says what a program would be told, and the trail of a
//! message does not differ.
//!
//! | page | file |
//! |---|---|
//! | `/messages`: what comes, and a table of messages | `pages/list.rs`, with `query.rs`, `tab.rs` and `bars.rs` |
//! | `/messages/new`: the composer | `pages/compose.rs` and below |
//! | `/messages/do`: an action, told before it is done | `pages/action.rs` and below |
//! | `/messages/suspensions` | `pages/suspensions.rs` |
//! | `/messages/{id}` | `pages/one.rs` and below |
//! | `/series`, `/series/{id}` | `pages/series.rs` |
//! | `/inbox` | `inbox/page.rs` |
//! | the card on the overview | `pages/card.rs` |

mod action;
mod assets;
mod bars;
mod card;
mod compose;
mod faults;
mod list;
mod look;
mod moment;
mod office;
mod one;
mod query;
mod series;
mod suspensions;
mod tab;

pub(crate) use assets::routes as assets;
pub(crate) use card::card;
pub(crate) use moment::Moment;
pub(crate) use office::Office;

use actix_web::http::StatusCode;
use squall_ops::{Page, Problem, View};

use crate::inbox;

/// Where messages are looked at.
pub(crate) const MESSAGES: &str = "/messages";

/// Where series are looked at.
pub(crate) const SERIES: &str = "/series";

/// All pages. A word comes before a parameter: `new` is not an id.
pub(crate) fn pages(office: &Office) -> Vec<Page> {
    vec![
        list::page(office),
        compose::page(office),
        action::page(office),
        suspensions::page(office),
        one::page(office),
        series::page(office),
        series::action_page(office),
        series::one_page(office),
        inbox::page(&office.deliveries),
    ]
}

/// Refuses to ask for what would be refused.
fn allowed(view: &View) -> Result<(), Problem> {
    if view.may_act {
        return Ok(());
    }
    let detail = "Actions are off (`[admin] actions = false`): nothing can be changed from here.";
    Err(Problem::new(StatusCode::FORBIDDEN, detail))
}

/// What a page can do nothing about: the database is away.
fn away(error: &squall_connect::sql::Error) -> Problem {
    crate::api::unavailable(error)
}
