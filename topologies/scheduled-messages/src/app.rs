//! The topology as the `squall` binary runs it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use squall::Plan;
use squall_ops::{App, Command, Launch, Prepared, Section, StartError};
use squall_topology::{Config, schema};
use tokio::runtime::Handle;

use crate::checks::checks;
use crate::commands::Messages;
use crate::destination::{Destination, Destinations, INBOX, KINDS};
use crate::flow::{self, Flow, LimitSettings, Tally};
use crate::inbox::Deliveries;
use crate::metrics::Metrics;
use crate::pulse::Pulse;
use crate::settings::{self, Settings};
use crate::site::office;
use crate::store::Store;
use crate::topology::{NAME, Parts, plan};
use crate::{api, inbox, pages};

/// The file in the data directory.
const FILE: &str = "messages.sqlite3";

/// The file with what arrived in the inbox.
const INBOX_FILE: &str = "inbox.sqlite3";

/// The section of the configuration with the places that messages can go to.
const SECTION: &str = "destinations";

const TAKEN: &str =
    "the destination `inbox` is built in and cannot be configured; give this one another name";

/// Stores messages and sends each at its instant.
///
/// `[destinations.NAME]` of the configuration are the places that messages can go to, besides `inbox`;
/// `[limits.NAME]` says how much each of them gets at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct ScheduledMessages;

impl App for ScheduledMessages {
    fn name(&self) -> &'static str {
        NAME
    }

    fn about(&self) -> &'static str {
        "Stores messages and sends each at its instant"
    }

    fn sections(&self) -> Vec<Section> {
        vec![
            Section::of::<Settings>(settings::SECTION),
            Section::described(SECTION, |generator| schema::parts(generator, KINDS)),
            Section::of::<BTreeMap<String, LimitSettings>>(flow::SECTION),
        ]
    }

    fn commands(&self) -> Vec<Box<dyn Command>> {
        vec![Box::new(Messages)]
    }

    fn prepare(&self, launch: &mut Launch<'_>) -> Result<Prepared, StartError> {
        let configured = configured(launch.config());
        let settings: Settings = launch.config().section_or_default(settings::SECTION);
        let limits = LimitSettings::read(launch.config(), SECTION);
        if launch.is_dry() {
            return Ok(Prepared::new(checked(None)?));
        }
        let base_url = launch.base_url().ok_or_else(|| {
            StartError::usage(format!(
                "{NAME} needs the HTTP server, which takes messages and receives the inbox: give --listen"
            ))
        })?;
        let destinations = Destinations::authorized(configured, &base_url, launch.own_token())
            .map_err(|_| StartError::config(TAKEN))?;
        // One store as long as the process lives: what is posted while the topology starts anew rings its spout.
        let store = launch.keep(FILE, |launch| open(launch, &settings))?;
        let deliveries = launch.keep(INBOX_FILE, |launch| {
            let file = launch.data_dir()?.join(INBOX_FILE);
            launch.block_on(Deliveries::open(file)).map_err(StartError::unavailable)
        })?;
        let tally = launch.keep("flow", |_| Tally::new().map_err(StartError::failed))?;
        let allowances = destinations.limits().map(|(name, kind)| {
            let said = limits.get(name).copied().unwrap_or_default();
            (name.to_owned(), said.over(kind))
        });
        let flow = Flow::new(allowances, &tally);
        let parts = Parts {
            store: store.clone(),
            destinations: destinations.clone(),
            retry: settings.retry(),
            flow: flow.clone(),
        };
        let metrics = Metrics::new(&store).map_err(StartError::failed)?;
        let office = office(&store, &destinations, &deliveries, &flow);
        let mut prepared = Prepared::new(checked(Some(parts))?);
        for page in pages::pages(&office) {
            prepared = prepared.page(page);
        }
        let runtime = launch.block_on(async { Handle::current() });
        for check in checks(&Pulse::new(&store, runtime), &store, &flow) {
            prepared = prepared.check(check);
        }
        Ok(prepared
            .card(pages::card(&office))
            .collector(tally.collector(&flow))
            .collector(metrics)
            .operations(api::operations(&store, &destinations, &flow))
            .routes(move |site| {
                inbox::routes(site, &deliveries);
                pages::assets(site);
            })
            .banner(format!("inbox: {base_url}{}", inbox::PAGE))
            .banner(format!("try:   {}", example(&base_url))))
    }
}

fn open(launch: &mut Launch<'_>, settings: &Settings) -> Result<Store, StartError> {
    let file = if settings.has_server() { PathBuf::new() } else { launch.data_dir()?.join(FILE) };
    let options = settings.database(file).map_err(StartError::config)?;
    let store =
        launch.block_on(Store::open_with(options, settings.lease())).map_err(StartError::unavailable)?;
    store.keep_alive().map_err(StartError::failed)?;
    Ok(store)
}

fn configured(config: &mut Config) -> BTreeMap<String, Box<dyn Destination>> {
    if config.contains(&[SECTION, INBOX]) {
        config.refuse(&[SECTION, INBOX], TAKEN);
    }
    config.parts_or_default(SECTION)
}

fn checked(parts: Option<Parts>) -> Result<Plan, StartError> {
    plan(parts).map_err(StartError::failed)
}

/// A command that works as it stands.
fn example(base_url: &str) -> String {
    format!(
        "curl -s -X POST {base_url}{} -H 'content-type: application/json' \
         -d '{{\"account\":\"me\",\"destination\":\"{INBOX}\",\"text\":\"Hello\",\"in\":\"5s\"}}'",
        api::PATH,
    )
}
