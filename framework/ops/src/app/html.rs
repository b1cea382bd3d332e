//! [`Html`]: markup that can be trusted.

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;

use crate::Problem;

/// Markup that a template made, so that what it shows of the world is escaped.
///
/// There is no way to make one from a string. Within another template it stands as it is: `{{ body }}`.
///
/// ```
/// use squall_ops::Html;
///
/// #[derive(askama::Template)]
/// #[template(source = "<p>Hello {{ name }}</p>", ext = "html")]
/// struct Greeting<'a> {
///     name: &'a str,
/// }
///
/// let html = Html::of(&Greeting { name: "<script>" }).unwrap();
///
/// assert_eq!(html.to_string(), "<p>Hello &#60;script&#62;</p>");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Renders a template.
    ///
    /// # Errors
    ///
    /// 500, if something that the template shows cannot be shown.
    pub fn of(template: &impl Template) -> Result<Self, Problem> {
        template.render().map(Self).map_err(|error| {
            tracing::error!(%error, "A page cannot be rendered.");
            Problem::internal("The page cannot be rendered; the log says why.")
        })
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Html {}
