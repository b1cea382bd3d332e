//! [`Page`]: a page that a topology brings.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{Form, Html, Submitted, View};
use crate::Problem;

/// What becomes of a page; it stays on the thread that was asked.
pub(crate) type Rendering = Pin<Box<dyn Future<Output = Result<Html, Problem>>>>;

type Submitting = Pin<Box<dyn Future<Output = Result<Submitted, Problem>>>>;

type OnSubmit = Arc<dyn Fn(View, Form) -> Submitting + Send + Sync>;

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
/// Forms post to the path of a page ([`on_submit`](Self::on_submit)), which does what is asked for and answers 303 with
/// the path of a page. Where [`View::may_act`] is false they are left out.
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
    submit: Option<OnSubmit>,
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
            submit: None,
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

    /// Takes what a form sends to the path of this page (`method="post"`, of up to 256 KiB).
    ///
    /// It answers with the path of a page when it is done, and with the form as it was filled in when something is wrong
    /// with it. What the server refuses everywhere, such as a form of another site, does not come here.
    ///
    /// ```
    /// use actix_web::http::StatusCode;
    /// use squall_ops::{Form, Html, Page, Problem, Submitted, View};
    ///
    /// #[derive(askama::Template)]
    /// #[template(source = r#"<form method="post"><input name="to" value="{{ to }}">{{ fault }}</form>"#, ext = "html")]
    /// struct Letter<'a> {
    ///     to: &'a str,
    ///     fault: &'a str,
    /// }
    ///
    /// async fn show(_: View) -> Result<Html, Problem> {
    ///     Html::of(&Letter { to: "", fault: "" })
    /// }
    ///
    /// async fn send(_: View, form: Form) -> Result<Submitted, Problem> {
    ///     match form.get("to") {
    ///         Some(_) => Ok(Submitted::SeeOther("/letters".to_owned())),
    ///         None => {
    ///             let page = Html::of(&Letter { to: "", fault: "is missing" })?;
    ///             Ok(Submitted::Page(StatusCode::UNPROCESSABLE_ENTITY, page))
    ///         }
    ///     }
    /// }
    ///
    /// let page = Page::new("/letters/new", "New letter", show).on_submit(send);
    /// # let sent = page.submit(View::of("/letters/new"), Form::of("to=ada")).expect("it takes a form");
    /// # let sent = actix_web::rt::System::new().block_on(sent);
    /// # assert_eq!(sent, Ok(Submitted::SeeOther("/letters".to_owned())));
    /// ```
    #[must_use]
    pub fn on_submit<F, R>(mut self, submit: F) -> Self
    where
        F: Fn(View, Form) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Submitted, Problem>> + 'static,
    {
        self.submit = Some(Arc::new(move |view, form| Box::pin(submit(view, form))));
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

    pub(crate) fn takes_forms(&self) -> bool {
        self.submit.is_some()
    }

    /// Takes what a form sent; `None` if the page takes none.
    pub fn submit(
        &self,
        view: View,
        form: Form,
    ) -> Option<impl Future<Output = Result<Submitted, Problem>> + 'static + use<>> {
        self.submit.as_ref().map(|submit| submit(view, form))
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").field("path", &self.path).field("title", &self.title).finish_non_exhaustive()
    }
}
