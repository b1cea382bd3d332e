//! A topology that is ready to start.

use std::fmt;
use std::sync::Arc;

use actix_web::web::ServiceConfig;
use prometheus::core::Collector;
use squall_runtime::Report;
use squall_topology::Plan;

use super::{Card, Page};
use crate::Check;
use crate::openapi::Operations;

/// Adds an app's HTTP routes; called once per server thread.
pub type Routes = Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>;

/// Says what a finished run did, in one line or a few.
pub type Summary = Box<dyn FnOnce(&Report) -> String + Send>;

/// Something that the overview links to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it leads: a path on this server, such as `/inbox`.
    pub path: String,
    /// What is to be seen there, in a few words.
    pub title: String,
}

/// A topology that is ready to start, with what it shows to the world.
///
/// ```
/// use actix_web::{HttpResponse, web};
/// use squall_ops::Prepared;
/// use squall_topology::Plan;
///
/// fn prepared(plan: Plan) -> Prepared {
///     Prepared::new(plan)
///         .routes(|site| {
///             let inbox = web::get().to(async || HttpResponse::Ok().body("Nothing arrived yet."));
///             site.service(web::resource("/inbox").route(inbox));
///         })
///         .link("/inbox", "What arrived")
///         .banner("inbox: http://127.0.0.1:8090/inbox")
///         .summary(|_report| "all delivered".to_owned())
/// }
/// ```
pub struct Prepared {
    pub(crate) plan: Plan,
    pub(crate) routes: Option<Routes>,
    pub(crate) operations: Operations,
    pub(crate) links: Vec<Link>,
    pub(crate) pages: Vec<Page>,
    pub(crate) cards: Vec<Card>,
    pub(crate) collectors: Vec<Arc<dyn Collector>>,
    pub(crate) checks: Vec<Check>,
    pub(crate) banner: Vec<String>,
    pub(crate) summary: Option<Summary>,
}

impl Prepared {
    /// A topology without pages and words.
    pub fn new(plan: Plan) -> Self {
        Self {
            plan,
            routes: None,
            operations: Operations::default(),
            links: Vec::new(),
            pages: Vec::new(),
            cards: Vec::new(),
            collectors: Vec::new(),
            checks: Vec::new(),
            banner: Vec::new(),
            summary: None,
        }
    }

    /// Adds the routes that this topology answers. Paths should start with its own words or `/api/v1/`.
    ///
    /// Errors are best returned as [`Problem`](crate::Problem). A `web::resource` answers other methods with 405, a bare
    /// `route` with 404.
    #[must_use]
    pub fn routes(mut self, routes: impl Fn(&mut ServiceConfig) + Send + Sync + 'static) -> Self {
        self.routes = Some(Arc::new(routes));
        self
    }

    /// Adds what this topology does for programs, below `/api/v1`: routes, described in the document of the process.
    ///
    /// ```
    /// use actix_web::http::Method;
    /// use actix_web::{HttpResponse, web};
    /// use squall_ops::Prepared;
    /// use squall_ops::openapi::{Operation, Operations};
    /// # use squall_topology::Plan;
    ///
    /// async fn greet(word: web::Data<String>) -> HttpResponse {
    ///     HttpResponse::Ok().json(word.as_str())
    /// }
    ///
    /// fn prepared(plan: Plan) -> Prepared {
    ///     let greet = Operation::new(Method::GET, "/api/v1/greeting", "greet", "Greets.", |route| route.to(greet))
    ///         .answers::<String>(200, "A word.");
    ///     Prepared::new(plan).operations(Operations::new([greet]).share("Hello".to_owned()))
    /// }
    /// # let plan = squall_topology::TopologyBuilder::new("t").build();
    /// # if let Ok(plan) = plan { assert!(prepared(plan).links().is_empty()); }
    /// ```
    #[must_use]
    pub fn operations(mut self, operations: impl Into<Operations>) -> Self {
        self.operations = operations.into();
        self
    }

    /// Adds a link to the overview, to something that has no page within the frame.
    #[must_use]
    pub fn link(mut self, path: impl Into<String>, title: impl Into<String>) -> Self {
        self.links.push(Link { path: path.into(), title: title.into() });
        self
    }

    /// Adds a page within the frame and the navigation that all pages have.
    #[must_use]
    pub fn page(mut self, page: Page) -> Self {
        self.pages.push(page);
        self
    }

    /// Adds a card to the overview.
    #[must_use]
    pub fn card(mut self, card: Card) -> Self {
        self.cards.push(card);
        self
    }

    /// Adds metrics to `/metrics`, beside what the engine tells of every topology.
    ///
    /// A metric, or a vector of them, is its own collector: one clone is handed over here, others go where something is
    /// counted. What is known elsewhere, such as rows in a database, is asked for by a collector of one's own: it is
    /// called at each scrape, on a thread that may block for a moment, within a tokio runtime.
    ///
    /// When the topology is prepared anew, its new collectors take the place of these. Counters that shall go on are
    /// kept with [`Launch::keep`](crate::Launch::keep). Names start with `squall_` and the name of the topology, for a
    /// metric whose name is taken already is left out, and the log says so.
    ///
    /// ```
    /// use squall_ops::{Launch, Prepared, StartError};
    /// use squall_ops::prometheus::{IntCounter, core::Collector};
    /// # use squall_topology::Plan;
    ///
    /// fn prepared(launch: &mut Launch<'_>, plan: Plan) -> Result<Prepared, StartError> {
    ///     let letters = launch.keep("letters", |_| {
    ///         IntCounter::new("squall_post_letters_total", "Letters that were posted").map_err(StartError::failed)
    ///     })?;
    ///     Ok(Prepared::new(plan).collector(letters))
    /// }
    /// #
    /// # let letters = IntCounter::new("squall_post_letters_total", "Letters that were posted").unwrap();
    /// # letters.clone().inc();
    /// # assert_eq!(letters.collect()[0].get_metric()[0].get_counter().get_value(), 1.0);
    /// ```
    #[must_use]
    pub fn collector(mut self, collector: impl Collector + 'static) -> Self {
        self.collectors.push(Arc::new(collector));
        self
    }

    /// Adds a check of this topology, beside those that every topology has.
    #[must_use]
    pub fn check(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }

    /// Adds a line that is printed to standard error once everything runs.
    #[must_use]
    pub fn banner(mut self, line: impl Into<String>) -> Self {
        self.banner.push(line.into());
        self
    }

    /// Says at the end, on standard error, what was done.
    #[must_use]
    pub fn summary(mut self, summary: impl FnOnce(&Report) -> String + Send + 'static) -> Self {
        self.summary = Some(Box::new(summary));
        self
    }

    /// The plan that will run.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The links for the overview.
    pub fn links(&self) -> &[Link] {
        &self.links
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared")
            .field("links", &self.links)
            .field("banner", &self.banner)
            .finish_non_exhaustive()
    }
}
