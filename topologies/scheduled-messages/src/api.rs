//! The HTTP interface: `/api/v1/messages`.

mod draft;

pub use draft::{Draft, TEXT_LIMIT};

use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, web};
use jiff::Timestamp;
use squall_connect::sqlite;
use squall_ops::Problem;
use squall_ops::problem::JsonBody;

use crate::destination::Destinations;
use crate::message::{Message, MessageId};
use crate::store::Store;

/// Where messages are.
pub(crate) const PATH: &str = "/api/v1/messages";

/// Adds the routes of the interface to a server.
pub(crate) fn routes(site: &mut web::ServiceConfig, store: &Store, destinations: &Destinations) {
    site.app_data(web::Data::new(store.clone()))
        .app_data(web::Data::new(destinations.clone()))
        .service(web::resource(PATH).route(web::post().to(create)))
        .service(web::resource(format!("{PATH}/{{id}}")).route(web::get().to(show)));
}

async fn create(
    store: web::Data<Store>,
    destinations: web::Data<Destinations>,
    JsonBody(draft): JsonBody<Draft>,
) -> Result<HttpResponse, Problem> {
    let message = draft.check(Timestamp::now(), &destinations)?;
    let message = store.insert(message).await.map_err(|error| unavailable(&error))?;
    let location = format!("{PATH}/{}", message.id);
    Ok(HttpResponse::Created().insert_header((LOCATION, location)).json(message))
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
pub(crate) fn unavailable(error: &sqlite::Error) -> Problem {
    tracing::error!(%error, "A request could not be served.");
    Problem::unavailable("The messages cannot be reached just now; nothing was changed. Try again.")
}
