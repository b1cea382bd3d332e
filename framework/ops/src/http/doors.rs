//! [`Doors`]: what the server serves, which may become something else while it runs.

use std::cell::RefCell;
use std::fmt;
use std::future::{Future, Ready, poll_fn, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use actix_http::{ConnectionType, Request};
use actix_service::boxed::{RcService, rc_service};
use actix_service::{IntoServiceFactory as _, Service, ServiceFactory};
use actix_web::body::BoxBody;
use actix_web::dev::{AppConfig, ServiceResponse};
use actix_web::error::ErrorInternalServerError;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::middleware::from_fn;
use actix_web::{App, Error, web};

use super::{Brought, Guard, Streams, guard};
use crate::admin::Ticks;
use crate::openapi::Api;
use crate::site::Site;
use crate::{admin, pages, problem};

/// What the server serves. A clone is a handle to the same doors.
///
/// A framework's application is made once and for all; here every thread makes a new one when it sees that a topology
/// was prepared anew. A request is served to its end by what it began with; the one that comes next sees the new.
#[derive(Clone, Debug)]
pub(crate) struct Doors {
    open: Arc<Mutex<Arc<Open>>>,
    guard: web::Data<Guard>,
    streams: Streams,
    ticks: web::Data<Ticks>,
}

/// What is served at one moment.
struct Open {
    site: web::Data<Site>,
    brought: Vec<Brought>,
    api: Api,
}

impl Doors {
    /// Serves the site, and what topologies bring, to those whom the guard lets in.
    pub(crate) fn new(guard: Guard, site: Arc<Site>, brought: Vec<Brought>) -> Self {
        let open = Open::new(site, brought);
        Self {
            open: Arc::new(Mutex::new(Arc::new(open))),
            guard: web::Data::new(guard),
            streams: Streams::default(),
            ticks: web::Data::default(),
        }
    }

    /// The streams that are open, whatever is served.
    pub(super) fn streams(&self) -> &Streams {
        &self.streams
    }

    /// Serves these from the next request on.
    pub(crate) fn change(&self, site: Arc<Site>, brought: Vec<Brought>) {
        *self.lock() = Arc::new(Open::new(site, brought));
    }

    fn now(&self) -> Arc<Open> {
        Arc::clone(&self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Open").field("site", &self.site).finish_non_exhaustive()
    }
}

/// The framework's application over what is open.
type Application = RcService<Request, ServiceResponse<BoxBody>, Error>;

impl Open {
    fn new(site: Arc<Site>, brought: Vec<Brought>) -> Self {
        let api = brought.iter().fold(admin::api(&site), |api, one| {
            api.add(one.name, format!("{}.", one.about), one.operations.clone())
        });
        Self { site: site.into(), brought, api }
    }

    async fn application(&self, doors: &Doors, config: AppConfig) -> Result<Application, Error> {
        let application = App::new()
            .app_data(web::Data::clone(&self.site))
            .app_data(web::Data::clone(&doors.guard))
            .app_data(web::Data::new(doors.streams.clone()))
            .app_data(web::Data::clone(&doors.ticks))
            .configure(problem::extractors)
            .configure(|service| {
                self.brought.iter().filter_map(|one| one.routes.as_ref()).for_each(|routes| routes(service));
            })
            .configure(|service| self.api.routes(service))
            .configure(|service| pages::routes(service, &self.site))
            .wrap(from_fn(problem::answer_as_problems))
            .wrap(from_fn(guard::guard))
            .wrap(from_fn(guard::add_headers));
        let application = application.into_factory().new_service(config).await;
        application.map(rc_service).map_err(|()| ErrorInternalServerError("the routes cannot be served"))
    }
}

impl ServiceFactory<Request> for Doors {
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Config = AppConfig;
    type Service = Doorkeeper;
    type InitError = ();
    type Future = Ready<Result<Doorkeeper, ()>>;

    fn new_service(&self, config: AppConfig) -> Self::Future {
        ready(Ok(Doorkeeper(Rc::new(Post { doors: self.clone(), config, seen: RefCell::new(None) }))))
    }
}

/// Lets requests in, on one thread of the server.
#[derive(Clone, Debug)]
pub(crate) struct Doorkeeper(Rc<Post>);

struct Post {
    doors: Doors,
    config: AppConfig,
    /// What was open at the last request.
    seen: RefCell<Option<(Arc<Open>, Application)>>,
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Post").field("doors", &self.doors).finish_non_exhaustive()
    }
}

impl Post {
    async fn application(&self) -> Result<Application, Error> {
        let open = self.doors.now();
        if let Some((seen, application)) = &*self.seen.borrow()
            && Arc::ptr_eq(seen, &open)
        {
            return Ok(Rc::clone(application));
        }
        let application = open.application(&self.doors, self.config.clone()).await?;
        self.seen.replace(Some((open, Rc::clone(&application))));
        Ok(application)
    }
}

fn is_stream(response: &ServiceResponse<BoxBody>) -> bool {
    let media_type = response.headers().get(CONTENT_TYPE);
    media_type.is_some_and(|media_type| media_type.as_bytes().starts_with(b"text/event-stream"))
}

impl Service<Request> for Doorkeeper {
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&self, request: Request) -> Self::Future {
        let post = Rc::clone(&self.0);
        Box::pin(async move {
            let application = post.application().await?;
            poll_fn(|context| application.poll_ready(context)).await?;
            let mut response = application.call(request).await?;
            if post.doors.now().site.is_draining() || is_stream(&response) {
                // The next request shall find whoever listens then; a connection that is cut off would lose it. When a
                // stream ends, that is mostly why.
                response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
            }
            Ok(response)
        })
    }
}
