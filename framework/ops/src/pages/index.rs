//! The first page: what runs here, and where to look further.

use std::fmt::{self, Write as _};

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, web};
use squall_runtime::{ComponentStatus, Roots, TopologyState};

use super::html::Text;
use super::number::Count;
use crate::Link;
use crate::reload::Shown;
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
    write_reload(page, &site.config.shown())?;
    for topology in &site.topologies {
        write_topology(page, topology)?;
    }
    page.push_str(
        "</main>\n\
         <footer class=\"soft\"><p>For programs: <a href=\"/api/v1/topologies\">/api/v1/topologies</a>, \
         <a href=\"/api/v1/config\">/api/v1/config</a>, \
         <a href=\"/metrics\">/metrics</a>, \
         <a href=\"/livez\">/livez</a>, <a href=\"/readyz\">/readyz</a></p></footer>\n\
         </body>\n</html>\n",
    );
    Ok(())
}

/// What became of the last reload; one that failed cannot be overlooked.
fn write_reload(page: &mut String, config: &Shown) -> fmt::Result {
    let Some(reload) = &config.last_reload else { return Ok(()) };
    let at = humantime::format_rfc3339_seconds(reload.at);
    let message = Text(&reload.message);
    if reload.ok {
        return writeln!(page, "<p class=\"soft\">Configuration reloaded at {at}: {message}.</p>");
    }
    writeln!(
        page,
        "<section role=\"alert\">\n<h2>The configuration was not reloaded at {at}</h2>\n\
         <p>The one before holds, since {}.</p>\n\
         <div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Why\"><pre>{message}</pre></div>\n</section>",
        humantime::format_rfc3339_seconds(config.since),
    )
}

fn write_topology(page: &mut String, topology: &Topology) -> fmt::Result {
    let status = topology.running.status();
    let (name, about) = (Text(topology.name), Text(topology.about));
    writeln!(
        page,
        "<section>\n<h2>{name} <span class=\"soft\">({})</span></h2>\n<p>{about}.</p>",
        state(status.state)
    )?;
    write_links(page, &topology.links)?;
    let Roots { emitted, acked, failed, pending, .. } = status.roots;
    writeln!(
        page,
        "<p>{} roots emitted = {} acked + {} failed + {} pending</p>",
        Count(emitted),
        Count(acked),
        Count(failed),
        Count(pending),
    )?;
    page.push_str(
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Components\"><table>\n<thead><tr>\
         <th scope=\"col\">Component</th><th scope=\"col\">Kind</th><th scope=\"col\">Tasks</th>\
         <th scope=\"col\">Executed</th><th scope=\"col\">Emitted</th><th scope=\"col\">Waiting</th>\
         <th scope=\"col\">Restarts</th><th scope=\"col\">Errors</th></tr></thead>\n<tbody>\n",
    );
    for component in &status.components {
        write_component(page, component)?;
    }
    page.push_str("</tbody>\n</table></div>\n</section>\n");
    Ok(())
}

fn write_links(page: &mut String, links: &[Link]) -> fmt::Result {
    if links.is_empty() {
        return Ok(());
    }
    page.push_str("<ul>\n");
    for link in links {
        writeln!(page, "<li><a href=\"{}\">{}</a></li>", Text(&link.path), Text(&link.title))?;
    }
    page.push_str("</ul>\n");
    Ok(())
}

fn write_component(page: &mut String, component: &ComponentStatus) -> fmt::Result {
    let waiting: usize = component.inboxes.iter().map(|inbox| inbox.depth).sum();
    let errors: u64 = component.errors.iter().map(|error| error.count).sum();
    let counts = [
        component.tasks as u64,
        component.executed,
        component.emitted,
        waiting as u64,
        component.restarts,
        errors,
    ];
    let (name, kind) = (Text(&component.name), component.kind.replace('_', " "));
    write!(page, "<tr><th scope=\"row\">{name}</th><td>{kind}</td>")?;
    for count in counts {
        write!(page, "<td>{}</td>", Count(count))?;
    }
    page.push_str("</tr>\n");
    Ok(())
}

fn state(state: TopologyState) -> &'static str {
    match state {
        TopologyState::Running => "running",
        TopologyState::Paused => "paused",
        TopologyState::Draining => "draining",
        TopologyState::Stopping => "stopping",
        TopologyState::Failed => "failed",
        _ => "ended",
    }
}
