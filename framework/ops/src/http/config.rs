//! The configuration over HTTP: what holds, what a reload would change, and the reload.

use actix_web::{HttpResponse, web};
use serde_json::json;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::oneshot;

use crate::Problem;
use crate::reload::{Answer, Changes, Order};
use crate::site::Site;

/// Adds `/api/v1/config` and what is below it.
pub(super) fn routes(service: &mut web::ServiceConfig) {
    service.service(web::resource("/api/v1/config").route(web::get().to(config)));
    service.service(web::resource("/api/v1/config/plan").route(web::get().to(plan)));
    service.service(web::resource("/api/v1/config/reload").route(web::post().to(reload)));
}

async fn config(site: web::Data<Site>) -> HttpResponse {
    HttpResponse::Ok().json(site.config.shown())
}

async fn plan(site: web::Data<Site>) -> Result<HttpResponse, Problem> {
    let changes = ask(&site, Order::Plan).await?;
    Ok(HttpResponse::Ok().json(changes))
}

async fn reload(site: web::Data<Site>) -> Result<HttpResponse, Problem> {
    let changes = ask(&site, Order::Reload).await?;
    Ok(HttpResponse::Ok().json(json!({ "message": changes.in_words(), "changes": changes })))
}

/// Gives the process an order, and waits for what becomes of it.
async fn ask(site: &Site, order: fn(oneshot::Sender<Answer>) -> Order) -> Result<Changes, Problem> {
    let ended = || Problem::unavailable("The process ends.");
    let (sender, answer) = oneshot::channel();
    site.orders.try_send(order(sender)).map_err(|error| match error {
        TrySendError::Full(_) => Problem::unavailable("Too many reloads wait already; try again later."),
        TrySendError::Closed(_) => ended(),
    })?;
    Ok(answer.await.map_err(|_| ended())??)
}
