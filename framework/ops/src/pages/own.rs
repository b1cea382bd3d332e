//! The pages that topologies bring.

use actix_web::http::header;
use actix_web::{HttpResponse, web};

use super::Frame;
use crate::site::Site;
use crate::{Form, Page, Submitted};

pub(super) fn routes(service: &mut web::ServiceConfig, site: &Site) {
    for page in site.topologies.iter().flat_map(|topology| &topology.pages) {
        let path = page.path().to_owned();
        let handler = {
            let page = page.clone();
            move |frame: Frame| show(frame, page.clone())
        };
        let submit = {
            let page = page.clone();
            move |frame: Frame, form: web::Form<Vec<(String, String)>>| take(frame, page.clone(), form)
        };
        let mut resource = web::resource(path).route(web::get().to(handler));
        if page.takes_forms() {
            resource = resource.route(web::post().to(submit));
        }
        service.service(resource);
    }
}

async fn show(frame: Frame, page: Page) -> HttpResponse {
    let body = page.render(frame.view.clone()).await;
    frame.answer(page.title(), body)
}

async fn take(frame: Frame, page: Page, form: web::Form<Vec<(String, String)>>) -> HttpResponse {
    let Some(submitted) = page.submit(frame.view.clone(), Form { fields: form.into_inner() }) else {
        return HttpResponse::MethodNotAllowed().finish();
    };
    match submitted.await {
        Ok(Submitted::SeeOther(path)) => {
            HttpResponse::SeeOther().insert_header((header::LOCATION, path)).finish()
        }
        Ok(Submitted::Page(status, body)) => frame.answer_as(status, page.title(), body),
        Err(problem) => frame.answer(page.title(), Err(problem)),
    }
}
