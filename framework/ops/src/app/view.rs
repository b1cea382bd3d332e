//! [`View`]: who looks at a page, and at which one.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

use crate::Actor;
use crate::http::Guard;
use crate::site::Site;

/// Who looks at a page, and at which one.
///
/// It is also an extractor, for handlers of an app's own [`Routes`](crate::Routes).
///
/// ```
/// use squall_ops::View;
///
/// let view = View::of("/messages?state=dead&page=2");
///
/// assert_eq!(view.path, "/messages");
/// assert_eq!(view.query("state"), Some("dead"));
/// assert_eq!(view.query("account"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct View {
    /// The path that was asked for, without the query: `/messages`.
    pub path: String,
    /// The pairs of the query, decoded, in their order.
    pub query: Vec<(String, String)>,
    /// What stands in the place of `{name}` in the path of the page, decoded.
    pub params: Vec<(String, String)>,
    /// Whether actions are allowed. Where they are not a page shows none, and the server refuses them anyway.
    pub may_act: bool,
    /// Who looks, for the record of what was done: a user, what a program says of itself, or `anonymous`.
    pub actor: String,
    /// The name of the binary, as it stands in commands that pages show: `squall`.
    pub product: String,
}

impl View {
    /// Somebody who may act and looks at this path, which can have a query. For tests of pages.
    pub fn of(path_and_query: &str) -> Self {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        Self {
            path: path.to_owned(),
            query: pairs(query),
            params: Vec::new(),
            may_act: true,
            actor: "anonymous".to_owned(),
            product: "squall".to_owned(),
        }
    }

    /// The first value of the query with this name; `None` also if it is empty, as an unused field of a form is.
    pub fn query(&self, name: &str) -> Option<&str> {
        first(&self.query, name).filter(|value| !value.is_empty())
    }

    /// What stands in the place of `{name}` in the path.
    pub fn param(&self, name: &str) -> Option<&str> {
        first(&self.params, name)
    }

    fn of_request(request: &HttpRequest) -> Self {
        let named = request.match_info().iter();
        Self {
            params: named.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            path: request.path().to_owned(),
            query: pairs(request.query_string()),
            may_act: request.app_data::<web::Data<Guard>>().is_none_or(|guard| guard.may_act()),
            actor: Actor::of(request).name,
            product: request
                .app_data::<web::Data<Site>>()
                .map_or_else(|| "squall".to_owned(), |site| site.name.clone()),
        }
    }
}

fn first<'a>(pairs: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
}

/// What cannot be read is as good as not there: a page is shown without a filter that makes no sense.
pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    web::Query::from_query(query).map(web::Query::into_inner).unwrap_or_default()
}

impl FromRequest for View {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of_request(request)))
    }
}
