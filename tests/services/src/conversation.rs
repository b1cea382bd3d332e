//! What a proxy does between one client and its server.

use crate::{
    http::{Head, Reader},
    lossy_proxy::{Loss, Shared},
    upstream::{Reading, Writing},
};
use std::io::{Error, ErrorKind, Result};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// What is spoken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Protocol {
    Http,
    Any,
}

/// Passes on what both sides say until one of them closes, or something is lost.
pub(crate) async fn hold(client: TcpStream, shared: &Shared) -> Result<()> {
    client.set_nodelay(true)?;
    shared.let_through().await;
    let (reading, writing) = shared.upstream.connect().await?;
    let client = client.into_split();
    match shared.protocol {
        Protocol::Http => hold_http(client, reading, writing, shared).await,
        Protocol::Any => hold_any(client, reading, writing, shared).await,
    }
}

async fn hold_http(
    (from_client, mut to_client): (OwnedReadHalf, OwnedWriteHalf),
    from_server: Reading,
    mut to_server: Writing,
    shared: &Shared,
) -> Result<()> {
    let (mut client, mut server) = (Reader::new(from_client), Reader::new(from_server));
    loop {
        let head = tokio::select! {
            head = client.head() => head?,
            // A server that closes while it is asked nothing is passed on, too.
            _ = server.fill() => return Ok(()),
        };
        let Some(head) = head else { return Ok(()) };
        if head.header("expect").is_some() {
            to_client.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let body = client.body(head.of_request()?).await?;
        shared.let_through().await;
        let loss = shared.decide(&head.line);
        if loss == Some(Loss::Request) {
            shared.count(|exchanges| exchanges.requests_lost += 1);
            return Ok(());
        }
        to_server.write_all(&head.raw).await?;
        to_server.write_all(&body.raw).await?;
        to_server.flush().await?;

        let (answer, is_last) = answer(&mut server, &head).await?;
        shared.let_through().await;
        if let Some(loss) = loss {
            return lose(loss, &mut client, shared).await;
        }
        // Before the client can know.
        shared.count(|exchanges| exchanges.answered += 1);
        to_client.write_all(&answer).await?;
        if is_last {
            return Ok(());
        }
    }
}

/// The whole answer to a request, and whether the server says no more after it.
async fn answer(server: &mut Reader<Reading>, request: &Head) -> Result<(Vec<u8>, bool)> {
    loop {
        let head = server.head().await?.ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
        let framing = head.of_answer(request.word(0))?;
        let body = server.body(framing).await?;
        // What comes in between tells of the answer to come.
        if head.status() >= 200 {
            let closes = |head: &Head| {
                head.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
            };
            let mut whole = head.raw.clone();
            whole.extend(body.raw);
            return Ok((
                whole,
                closes(&head) || closes(request) || framing == crate::http::Framing::UntilClosed,
            ));
        }
    }
}

/// The server has answered; the client gets nothing.
async fn lose(loss: Loss, client: &mut Reader<OwnedReadHalf>, shared: &Shared) -> Result<()> {
    shared.count(|exchanges| exchanges.answers_lost += 1);
    if loss == Loss::AnswerInSilence {
        while client.fill().await? {
            drop(client.take_all());
        }
    }
    Ok(())
}

async fn hold_any(
    (mut from_client, mut to_client): (OwnedReadHalf, OwnedWriteHalf),
    mut from_server: Reading,
    mut to_server: Writing,
    shared: &Shared,
) -> Result<()> {
    let (mut asked, mut said) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    // Of the request that the server has not answered yet: what is to be lost.
    let mut request: Option<Option<Loss>> = None;
    loop {
        tokio::select! {
            count = from_client.read(&mut asked) => {
                let count = count?;
                shared.let_through().await;
                if count == 0 {
                    return Ok(());
                }
                let bytes = asked.get(..count).unwrap_or_default();
                let loss = *request.get_or_insert_with(|| shared.decide(&String::from_utf8_lossy(bytes)));
                if loss == Some(Loss::Request) {
                    shared.count(|exchanges| exchanges.requests_lost += 1);
                    return Ok(());
                }
                to_server.write_all(bytes).await?;
            }
            count = from_server.read(&mut said) => {
                let count = count?;
                shared.let_through().await;
                if count == 0 {
                    return Ok(());
                }
                match request.take() {
                    Some(Some(loss)) => return lose(loss, &mut Reader::new(from_client), shared).await,
                    Some(None) => shared.count(|exchanges| exchanges.answered += 1),
                    None => {}
                }
                to_client.write_all(said.get(..count).unwrap_or_default()).await?;
            }
        }
    }
}
