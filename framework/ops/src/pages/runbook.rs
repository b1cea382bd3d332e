//! The runbook: what each check means, and the way out. It is the chapter of the guide.

mod block;

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use askama::Template;

use super::Frame;
use crate::Html;
use block::{Block, anchor, blocks};

const TEXT: &str = include_str!("../../../squall/src/guide/runbook.md");

pub(super) fn routes(service: &mut web::ServiceConfig) {
    service.service(web::resource("/runbook").route(web::get().to(runbook)));
}

#[derive(Template)]
#[template(path = "runbook.html")]
struct Runbook {
    blocks: Vec<Block>,
}

async fn runbook(frame: Frame) -> HttpResponse {
    let mut blocks = blocks(TEXT);
    let has = |blocks: &[Block], id: &str| {
        blocks.iter().any(|block| matches!(block, Block::Heading { id: own, .. } if own == id))
    };
    // What others brought has no chapter; its link leads somewhere all the same.
    let brought: BTreeMap<String, String> =
        frame.site.lookout.checks().into_iter().map(|state| (state.runbook, state.check)).collect();
    for (link, check) in brought {
        let Some(id) = link.strip_prefix("/runbook#").filter(|id| !has(&blocks, id)) else { continue };
        blocks.push(Block::Heading { id: anchor(id), text: check });
        let text = "This check was brought by a topology, or by the configuration. What is wrong, and what to do about it, stands in its finding.";
        blocks.push(Block::Text(text.to_owned()));
    }
    frame.answer("Runbook", Html::of(&Runbook { blocks }))
}
