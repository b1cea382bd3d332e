//! An HTTP server that takes whatever is posted, and notes when.

use std::{io, net::TcpListener, thread};

use actix_web::{App, HttpResponse, HttpServer, dev::ServerHandle, rt::System, web};
use jiff::Timestamp;
use serde::Deserialize;

use super::sink::Notes;

/// The body of a webhook, as far as it matters here.
#[derive(Deserialize)]
struct Body {
    due_at: Timestamp,
}

/// A receiver on a thread of its own.
pub(super) struct Receiver {
    pub(super) url: String,
    server: ServerHandle,
}

impl Receiver {
    pub(super) fn start(notes: Notes) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}/", listener.local_addr()?);
        let (ready, started) = std::sync::mpsc::channel();
        thread::Builder::new().name("receiver".to_owned()).spawn(move || {
            System::new().block_on(async move {
                let notes = web::Data::new(notes);
                let server = HttpServer::new(move || {
                    App::new().app_data(web::Data::clone(&notes)).route("/", web::post().to(take))
                });
                let server = server.workers(1).disable_signals().listen(listener)?.run();
                drop(ready.send(server.handle()));
                server.await
            })
        })?;
        let server =
            started.recv().map_err(|_| io::Error::other("the receiver of the benchmark did not start"))?;
        Ok(Self { url, server })
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // Not awaited: nobody posts any more.
        drop(self.server.stop(false));
    }
}

async fn take(notes: web::Data<Notes>, body: web::Json<Body>) -> HttpResponse {
    notes.note(body.due_at);
    HttpResponse::NoContent().finish()
}
