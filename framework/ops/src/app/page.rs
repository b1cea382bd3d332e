//! [`Page`]: a page that a topology brings.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{Html, View};
use crate::Problem;

/// What becomes of a page; it stays on the thread that was asked.
pub(crate) type Rendering = Pin<Box<dyn Future<Output = Result<Html, Problem>>>>;

/// A page that a topology brings: it stands at its own path, within the frame that all pages have.
///
/// The markup is that of a template, which says only what is between `<main>` and `</main>`, from the `<h1>` on. Styles
/// and behaviour are those of `/assets/squall.css` and `/assets/squall.js`. The parts that the built-in pages are made
/// of are macros in `framework/ops/templates/parts.html`; a crate of this workspace reaches them by an `askama.toml`
/// with `dirs = ["templates", "../../framework/ops/templates"]`:
///
/// ```html
/// {% import "parts.html" as ui %}
/// <header class="head"><h1>Letters</h1></header>
/// <section class="tiles">
///   {% call ui::tile("Waiting", waiting, "letters", "") %}{% endcall %}
/// </section>
/// <p>{% call ui::pill("ok", "open") %}{% endcall %}</p>
/// ```
///
/// Forms post to routes of the topology ([`Prepared::routes`](crate::Prepared::routes)), which do what is asked for and
/// answer 303 with the path of a page. Where [`View::may_act`] is false they are left out.
///
/// ```
/// use squall_ops::{Html, Page, Prepared, Problem, View};
/// # use squall_topology::Plan;
///
/// #[derive(askama::Template)]
/// #[template(source = "<h1>Letters</h1><p>{{ count }} {{ state }}</p>", ext = "html")]
/// struct Letters<'a> {
///     count: u64,
///     state: &'a str,
/// }
///
/// async fn letters(view: View) -> Result<Html, Problem> {
///     let state = view.query("state").unwrap_or("waiting");
///     Html::of(&Letters { count: 3, state })
/// }
///
/// fn prepared(plan: Plan) -> Prepared {
///     Prepared::new(plan).page(Page::new("/letters", "Letters", letters).key('l'))
/// }
/// # assert_eq!(Page::new("/letters", "Letters", letters).path(), "/letters");
/// ```
#[derive(Clone)]
pub struct Page {
    pub(crate) path: String,
    pub(crate) title: String,
    pub(crate) key: Option<char>,
    pub(crate) is_listed: bool,
    render: Arc<dyn Fn(View) -> Rendering + Send + Sync>,
}

impl Page {
    /// A page at this path, under this title in the navigation. `{name}` in the path stands for one part of it, see
    /// [`View::param`].
    pub fn new<F, R>(path: impl Into<String>, title: impl Into<String>, render: F) -> Self
    where
        F: Fn(View) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Html, Problem>> + 'static,
    {
        Self {
            path: path.into(),
            title: title.into(),
            key: None,
            is_listed: true,
            render: Arc::new(move |view| Box::pin(render(view))),
        }
    }

    /// The key that leads there. Taken already: `o g c f e p t j k r ? /`.
    #[must_use]
    pub fn key(mut self, key: char) -> Self {
        self.key = Some(key);
        self
    }

    /// Leaves it out of the navigation: a page that others lead to, such as one with the details of a thing.
    #[must_use]
    pub fn unlisted(mut self) -> Self {
        self.is_listed = false;
        self
    }

    /// Where it stands.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What stands in the navigation, and in the title of the window.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Renders what is within the frame.
    ///
    /// # Errors
    ///
    /// Those of the page.
    pub async fn render(&self, view: View) -> Result<Html, Problem> {
        (self.render)(view).await
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").field("path", &self.path).field("title", &self.title).finish_non_exhaustive()
    }
}
