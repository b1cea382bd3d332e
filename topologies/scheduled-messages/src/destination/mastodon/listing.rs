//! A look at what an account posted.

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use squall_connect::http::Client;

use super::plain::{self, Likeness};
use super::verdict::{self, Status};
use super::{Account, Mastodon};
use crate::destination::{Attempt, Reconciled, answer};

/// Statuses on a page: as many as a server gives.
const PAGE: usize = 40;

/// How many pages are read before the look is given up.
const PAGES: usize = 10;

/// The longest page, in bytes.
const PAGE_LIMIT: usize = 4 * 1024 * 1024;

/// How far the clock of the server may be behind ours.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

#[derive(Deserialize)]
struct Me {
    id: String,
}

/// Looks for the message among what the account posted since its first attempt began, the newest first.
pub(super) async fn look(
    mastodon: &Mastodon,
    account: &Account,
    attempt: Attempt<'_>,
    client: &Client,
) -> Reconciled {
    let server = Server { mastodon, account, client };
    match server.find(attempt).await {
        Ok(reconciled) => reconciled,
        Err(error) => Reconciled::Unable { error },
    }
}

struct Server<'a> {
    mastodon: &'a Mastodon,
    account: &'a Account,
    client: &'a Client,
}

impl Server<'_> {
    async fn find(&self, attempt: Attempt<'_>) -> Result<Reconciled, String> {
        let since = attempt.first_began_at.checked_sub(SKEW).unwrap_or(Timestamp::MIN);
        let mut close = None;
        let mut page = self.page(None).await?;
        for _ in 0..PAGES {
            let Some(last) = page.last().map(|last| (last.id.clone(), last.created_at)) else {
                return Ok(unless(close));
            };
            for status in page.into_iter().filter(|status| status.created_at >= since) {
                match plain::likeness(&status.content, attempt.text) {
                    Likeness::Same => return Ok(Reconciled::Found { receipt: status.receipt() }),
                    Likeness::Close => close = Some(status),
                    Likeness::None => {}
                }
            }
            if last.1 < since {
                return Ok(unless(close));
            }
            page = self.page(Some(&last.0)).await?;
        }
        Err(format!(
            "the account posted more than {} statuses meanwhile: too many to look through",
            PAGE * PAGES
        ))
    }

    /// The statuses before one of them, or the newest.
    async fn page(&self, before: Option<&str>) -> Result<Vec<Status>, String> {
        let me = self.account.id.get_or_try_init(|| self.me()).await?;
        let max = before.map(|id| format!("&max_id={id}")).unwrap_or_default();
        self.ask(&format!("api/v1/accounts/{me}/statuses?limit={PAGE}&exclude_reblogs=true{max}")).await
    }

    async fn me(&self) -> Result<String, String> {
        self.ask("api/v1/accounts/verify_credentials").await.map(|Me { id }| id)
    }

    async fn ask<T: DeserializeOwned>(&self, path: &str) -> Result<T, String> {
        let request = self.mastodon.request(self.client, Method::GET, path, self.account);
        let answer = self.client.send_for(request, PAGE_LIMIT).await.map_err(|error| error.to_string())?;
        if !answer.status.is_success() {
            return Err(format!("cannot look at what the account posted: {}", verdict::words(&answer)));
        }
        serde_json::from_slice(&answer.body)
            .map_err(|error| format!("cannot read what the account posted: {error}"))
    }
}

/// The message is not there, unless something is so close to it that a person should look.
fn unless(close: Option<Status>) -> Reconciled {
    match close {
        Some(status) => {
            let place = status.receipt().unwrap_or_default();
            let place = answer::excerpt(&place);
            Reconciled::Unable {
                error: format!("a status differs from the message in its punctuation alone: {place}"),
            }
        }
        None => Reconciled::Absent,
    }
}
