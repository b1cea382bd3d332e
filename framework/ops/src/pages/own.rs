//! The pages that topologies bring.

use actix_web::web;

use super::Frame;
use crate::Page;
use crate::site::Site;

pub(super) fn routes(service: &mut web::ServiceConfig, site: &Site) {
    for page in site.topologies.iter().flat_map(|topology| &topology.pages) {
        let path = page.path().to_owned();
        let page = page.clone();
        let handler = move |frame: Frame| show(frame, page.clone());
        service.service(web::resource(path).route(web::get().to(handler)));
    }
}

async fn show(frame: Frame, page: Page) -> actix_web::HttpResponse {
    let body = page.render(frame.view.clone()).await;
    frame.answer(page.title(), body)
}
