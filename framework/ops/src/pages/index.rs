//! The first page: what runs here, and where to look further.

use std::fmt::{self, Write as _};

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, web};

use super::html::Text;
use crate::site::{Site, Topology};

pub(super) async fn index(site: web::Data<Site>) -> HttpResponse {
    let mut page = String::new();
    match write_page(&mut page, &site) {
        Ok(()) => HttpResponse::Ok().insert_header(ContentType::html()).body(page),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

fn write_page(page: &mut String, site: &Site) -> fmt::Result {
    let (name, version) = (Text(&site.name), Text(&site.version));
    let state = if site.is_draining() { "draining" } else { "running" };
    write!(
        page,
        "<!doctype html>\n\
         <html lang=\"en\">\n\
         <head>\n\
         <meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{name}: {state}</title>\n\
         <link rel=\"stylesheet\" href=\"/assets/squall.css\">\n\
         </head>\n\
         <body>\n\
         <header><h1>{name}</h1><p class=\"soft\">version {version}, {state}</p></header>\n\
         <main>\n"
    )?;
    for topology in &site.topologies {
        write_topology(page, topology)?;
    }
    page.push_str(
        "</main>\n\
         <footer class=\"soft\"><p>For programs: <a href=\"/api/v1/topologies\">/api/v1/topologies</a>, \
         <a href=\"/livez\">/livez</a>, <a href=\"/readyz\">/readyz</a></p></footer>\n\
         </body>\n</html>\n",
    );
    Ok(())
}

fn write_topology(page: &mut String, topology: &Topology) -> fmt::Result {
    let (name, about) = (Text(topology.name), Text(topology.about));
    let state = if topology.is_running() { "running" } else { "ended" };
    writeln!(page, "<section>\n<h2>{name} <span class=\"soft\">({state})</span></h2>\n<p>{about}.</p>")?;
    if !topology.links.is_empty() {
        page.push_str("<ul>\n");
        for link in &topology.links {
            writeln!(page, "<li><a href=\"{}\">{}</a></li>", Text(&link.path), Text(&link.title))?;
        }
        page.push_str("</ul>\n");
    }
    page.push_str("</section>\n");
    Ok(())
}
