//! The HTTP interface: `/api/v1/messages`.

mod draft;
mod series;

pub use draft::{Draft, TEXT_LIMIT};
pub use series::{ScheduleDraft, SeriesDraft, SeriesEdit};

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use squall_connect::sql;
use squall_ops::Problem;
use squall_ops::problem::JsonBody;

use crate::destination::Destinations;
use crate::message::{Message, MessageId};
use crate::store::{Inserted, Request, Store};

/// Where messages are.
pub(crate) const PATH: &str = "/api/v1/messages";

/// The header by which a repeated request is known.
const KEY: &str = "Idempotency-Key";

/// The longest key, in characters.
const KEY_LIMIT: usize = 255;

/// Adds the routes of the interface to a server.
pub(crate) fn routes(site: &mut web::ServiceConfig, store: &Store, destinations: &Destinations) {
    site.app_data(web::Data::new(store.clone()))
        .app_data(web::Data::new(destinations.clone()))
        .service(web::resource(PATH).route(web::post().to(create)))
        .service(web::resource(format!("{PATH}/{{id}}")).route(web::get().to(show)))
        .configure(series::routes);
}

async fn create(
    request: HttpRequest,
    store: web::Data<Store>,
    destinations: web::Data<Destinations>,
    JsonBody(draft): JsonBody<Draft>,
) -> Result<HttpResponse, Problem> {
    let inserted = match key(&request)? {
        Some(key) => create_once(&store, &destinations, draft, key).await?,
        None => {
            let message = draft.check(Timestamp::now(), &destinations)?;
            Inserted::New(store.insert(message, "api").await.map_err(|error| unavailable(&error))?)
        }
    };
    let (mut answer, message) = match inserted {
        Inserted::New(message) => (HttpResponse::Created(), message),
        Inserted::Known(message) => (HttpResponse::Ok(), message),
        Inserted::Taken => {
            return Err(Problem::conflict(format!(
                "Another message was asked for with this {KEY}; nothing was stored. Use a new key for each message."
            )));
        }
    };
    Ok(answer.insert_header((LOCATION, format!("{PATH}/{}", message.id))).json(message))
}

/// Takes a request that says which one it is: a repetition of it gets the message that the first one stored.
async fn create_once(
    store: &Store,
    destinations: &Destinations,
    draft: Draft,
    key: String,
) -> Result<Inserted, Problem> {
    let content = serde_json::to_string(&draft).map_err(|error| Problem::internal(error.to_string()))?;
    let request = Request { key, content };
    // Before it is checked: a repetition may come when the instant has passed.
    if let Some(known) = store.known(request.clone()).await.map_err(|error| unavailable(&error))? {
        return Ok(known);
    }
    let message = draft.check(Timestamp::now(), destinations)?;
    store.insert_once(message, Some(request), "api").await.map_err(|error| unavailable(&error))
}

/// The key of the request, if its sender gave one.
fn key(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let mut keys = request.headers().get_all(KEY);
    let Some(key) = keys.next() else { return Ok(None) };
    match key.to_str() {
        Ok(key) if (1..=KEY_LIMIT).contains(&key.len()) && keys.next().is_none() => Ok(Some(key.to_owned())),
        _ => Err(Problem::bad_request(format!(
            "The header {KEY} must be given once, with 1 to {KEY_LIMIT} visible ASCII characters."
        ))),
    }
}

async fn show(store: web::Data<Store>, id: web::Path<String>) -> Result<web::Json<Message>, Problem> {
    let Some(id) = MessageId::parse(&id) else {
        return Err(Problem::not_found(format!(
            "`{id}` is not the id of a message, which looks like 01890a5d-ac96-774b-bcce-b302099a8057."
        )));
    };
    match store.get(id).await.map_err(|error| unavailable(&error))? {
        Some(message) => Ok(web::Json(message)),
        None => Err(Problem::not_found(format!("There is no message {id}."))),
    }
}

/// Tells the caller to come back, and the operator why.
pub(crate) fn unavailable(error: &sql::Error) -> Problem {
    tracing::error!(%error, "A request could not be served.");
    Problem::unavailable("The messages cannot be reached just now; nothing was changed. Try again.")
}
