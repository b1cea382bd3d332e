//! [`Card`]: what a topology shows on the overview.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use super::Html;
use super::page::Rendering;
use crate::Problem;

/// What a topology shows on the overview: a few numbers that matter to those who run it.
///
/// The markup is what stands below the title; it is asked for each time the overview is shown, so it should be at hand
/// within some milliseconds. A card that cannot be rendered says so, and the rest of the overview is shown.
///
/// ```
/// use squall_ops::{Card, Html, Prepared};
/// # use squall_topology::Plan;
///
/// #[derive(askama::Template)]
/// #[template(source = "<p>{{ waiting }} letters wait.</p>", ext = "html")]
/// struct Letters {
///     waiting: u64,
/// }
///
/// fn prepared(plan: Plan) -> Prepared {
///     Prepared::new(plan).card(Card::new("Letters", || async { Html::of(&Letters { waiting: 3 }) }).href("/letters"))
/// }
/// # assert_eq!(Card::new("Letters", || async { Html::of(&Letters { waiting: 3 }) }).title(), "Letters");
/// ```
#[derive(Clone)]
pub struct Card {
    pub(crate) title: String,
    pub(crate) href: Option<String>,
    render: Arc<dyn Fn() -> Rendering + Send + Sync>,
}

impl Card {
    /// A card with this title.
    pub fn new<F, R>(title: impl Into<String>, render: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<Html, Problem>> + 'static,
    {
        Self { title: title.into(), href: None, render: Arc::new(move || Box::pin(render())) }
    }

    /// The page that says more; the title leads there.
    #[must_use]
    pub fn href(mut self, path: impl Into<String>) -> Self {
        self.href = Some(path.into());
        self
    }

    /// What stands above it.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Renders what is below the title.
    ///
    /// # Errors
    ///
    /// Those of the card.
    pub async fn render(&self) -> Result<Html, Problem> {
        (self.render)().await
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card").field("title", &self.title).finish_non_exhaustive()
    }
}
