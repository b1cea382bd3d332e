//! [`Submitted`]: what came of a form.

use actix_web::http::StatusCode;

use super::Html;

/// What came of a form of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submitted {
    /// It is done: 303, and the browser asks for this path.
    SeeOther(String),
    /// This page, with this status: what is wrong with the form, mostly, and the form as it was filled in.
    Page(StatusCode, Html),
}
