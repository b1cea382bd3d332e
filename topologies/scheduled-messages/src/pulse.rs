//! [`Pulse`]: what the database last said, for those who cannot wait for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use squall_connect::sql::Error;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout};

use crate::store::{AtHand, ForPeople, Store};

/// How long the database may take to answer before it counts as away.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the database last said, for those who cannot wait for it. A clone is a handle to the same.
#[derive(Clone, Debug)]
pub(crate) struct Pulse {
    store: Store,
    runtime: Handle,
    told: Arc<Mutex<Told>>,
    is_asked: Arc<AtomicBool>,
}

/// What the database last said.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// When it last answered; at first, when it was first asked.
    pub(crate) answered: Instant,
    /// Whether the last question was answered.
    pub(crate) is_there: bool,
    pub(crate) at_hand: Option<AtHand>,
    pub(crate) people: Option<ForPeople>,
}

impl Pulse {
    /// Asks this store, on a runtime that runs as long as it is looked at.
    pub(crate) fn new(store: &Store, runtime: Handle) -> Self {
        let told = Told { answered: Instant::now(), is_there: true, at_hand: None, people: None };
        Self { store: store.clone(), runtime, told: Arc::new(Mutex::new(told)), is_asked: Arc::default() }
    }

    /// What the database last said; it is asked again for the next look, unless it still owes an answer.
    pub(crate) fn look(&self) -> Told {
        if !self.is_asked.swap(true, Ordering::AcqRel) {
            let pulse = self.clone();
            self.runtime.spawn(async move {
                pulse.ask().await;
                pulse.is_asked.store(false, Ordering::Release);
            });
        }
        self.lock().clone()
    }

    async fn ask(&self) {
        let both = async { Ok::<_, Error>((self.store.at_hand().await?, self.store.for_people().await?)) };
        let answer = timeout(PATIENCE, both).await;
        let mut told = self.lock();
        match answer {
            Ok(Ok((at_hand, people))) => {
                *told = Told {
                    answered: Instant::now(),
                    is_there: true,
                    at_hand: Some(at_hand),
                    people: Some(people),
                };
            }
            // What it said before may be anything but so by now.
            Ok(Err(_)) | Err(_) => (told.is_there, told.at_hand, told.people) = (false, None, None),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
impl Pulse {
    /// Asks, and waits for the answer.
    pub(crate) async fn settled(&self) -> Told {
        self.ask().await;
        self.lock().clone()
    }
}
