//! [`Edge`]: one subscription, with the types that only its declaration knew.

use std::{fmt, sync::Arc};

use crate::{
    CustomGrouping, Key, Tuple,
    custom::Direct,
    inbox::Sender,
    link::{Lay, Link, Switched},
    orders::Life,
    outputs::AnyRoute,
    route::{
        Broadcast, Convert, Custom, HashOf, Keyed, LeastLoaded, MakeGrouping, PartialKey, Route, Single,
        hash_key,
    },
    stream::{Origin, Subscribe},
    task::AnyInbox,
};

/// Which tasks of a subscriber get a tuple.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grouping {
    /// Any one task; tasks take as fast as they can.
    Shuffle,
    /// A task of the same process if there is one, else any. One process holds all tasks of a topology
    /// that no broker cuts, so this is `Shuffle`.
    LocalOrShuffle,
    /// The task that the key belongs to.
    Fields,
    /// One of two tasks that the key belongs to, the one that the emitting task has sent less to.
    PartialKey,
    /// The task that the tuple names.
    Direct,
    /// The tasks that a [`CustomGrouping`] names.
    Custom,
    /// Every task.
    All,
    /// The first task.
    Global,
}

impl Grouping {
    /// The name as it stands in pictures and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shuffle => "shuffle",
            Self::LocalOrShuffle => "local_or_shuffle",
            Self::Fields => "fields",
            Self::PartialKey => "partial_key",
            Self::Direct => "direct",
            Self::Custom => "custom",
            Self::All => "all",
            Self::Global => "global",
        }
    }

    /// Whether any task may take any tuple, so that the tasks can share one inbox.
    pub fn is_shuffle(self) -> bool {
        matches!(self, Self::Shuffle | Self::LocalOrShuffle)
    }
}

/// Makes the route of one emitting task.
type Connect = Arc<dyn Fn(&Arc<Link>, Life) -> AnyRoute + Send + Sync>;

/// A subscription to a stream.
#[derive(Clone)]
pub struct Edge {
    /// The stream.
    pub origin: Origin,
    /// How its tuples are shared out.
    pub grouping: Grouping,
    connect: Connect,
}

impl Edge {
    /// An edge without a key.
    pub fn plain<In, S>(stream: S, grouping: Grouping) -> Self
    where
        In: Send + 'static,
        S: Subscribe<In>,
    {
        let convert = conversion::<In, S>(&stream);
        let lay = move |inboxes: &[AnyInbox], life: Life| -> Box<dyn Route<S::Tuple>> {
            let mut senders = senders::<In>(inboxes, life);
            if grouping == Grouping::Global {
                senders.truncate(1);
            }
            match (grouping, senders.len(), senders.pop()) {
                (Grouping::All, _, last) => {
                    senders.extend(last);
                    Box::new(Broadcast::new(senders, convert))
                }
                (_, 1, Some(only)) => Box::new(Single::new(only, convert)),
                (_, _, last) => {
                    senders.extend(last);
                    Box::new(LeastLoaded::new(senders, convert))
                }
            }
        };
        Self::new(stream.origin(), grouping, Arc::new(lay))
    }

    /// An edge whose key is borrowed from the tuple.
    pub fn fields<In, S, K>(
        stream: S,
        key: impl for<'t> Fn(&'t S::Tuple) -> &'t K + Send + Sync + 'static,
    ) -> Self
    where
        In: Send + 'static,
        S: Subscribe<In>,
        K: Key + ?Sized,
    {
        Self::keyed::<In, S>(stream, Arc::new(move |tuple: &S::Tuple| hash_key(key(tuple))))
    }

    /// An edge whose key is computed.
    pub fn fields_by<In, S, K>(stream: S, key: impl Fn(&S::Tuple) -> K + Send + Sync + 'static) -> Self
    where
        In: Send + 'static,
        S: Subscribe<In>,
        K: Key,
    {
        Self::keyed::<In, S>(stream, Arc::new(move |tuple: &S::Tuple| hash_key(&key(tuple))))
    }

    /// An edge on which two tasks share each key, which is borrowed from the tuple.
    pub fn partial_key<In, S, K>(
        stream: S,
        key: impl for<'t> Fn(&'t S::Tuple) -> &'t K + Send + Sync + 'static,
    ) -> Self
    where
        In: Send + 'static,
        S: Subscribe<In>,
        K: Key + ?Sized,
    {
        let convert = conversion::<In, S>(&stream);
        let key: HashOf<S::Tuple> = Arc::new(move |tuple| hash_key(key(tuple)));
        let lay = move |inboxes: &[AnyInbox], life: Life| -> Box<dyn Route<S::Tuple>> {
            Box::new(PartialKey::new(senders::<In>(inboxes, life), Arc::clone(&key), convert))
        };
        Self::new(stream.origin(), Grouping::PartialKey, Arc::new(lay))
    }

    /// An edge whose tuples name the task that gets them.
    pub fn direct<In, S>(stream: S, task: impl Fn(&S::Tuple) -> usize + Send + Sync + 'static) -> Self
    where
        In: Send + 'static,
        S: Subscribe<In>,
    {
        let task = Arc::new(task);
        let make: MakeGrouping<S::Tuple> = Arc::new(move || {
            let task = Arc::clone(&task);
            Box::new(Direct(move |tuple: &S::Tuple| task(tuple)))
        });
        Self::chosen::<In, S>(stream, Grouping::Direct, make)
    }

    /// An edge with a grouping of the user's own, made once for each emitting task.
    pub fn custom<In, S, G>(stream: S, make: impl Fn() -> G + Send + Sync + 'static) -> Self
    where
        In: Send + 'static,
        S: Subscribe<In>,
        G: CustomGrouping<S::Tuple>,
    {
        Self::chosen::<In, S>(stream, Grouping::Custom, Arc::new(move || Box::new(make())))
    }

    fn chosen<In, S>(stream: S, grouping: Grouping, make: MakeGrouping<S::Tuple>) -> Self
    where
        In: Send + 'static,
        S: Subscribe<In>,
    {
        let origin = stream.origin();
        let convert = conversion::<In, S>(&stream);
        let lay = move |inboxes: &[AnyInbox], life: Life| -> Box<dyn Route<S::Tuple>> {
            let what = format!("the {} grouping of stream `{}`", grouping.name(), origin.name);
            Box::new(Custom::new(senders::<In>(inboxes, life), Arc::clone(&make), what, convert))
        };
        Self::new(origin, grouping, Arc::new(lay))
    }

    fn keyed<In, S>(stream: S, key: HashOf<S::Tuple>) -> Self
    where
        In: Send + 'static,
        S: Subscribe<In>,
    {
        let convert = conversion::<In, S>(&stream);
        let lay = move |inboxes: &[AnyInbox], life: Life| -> Box<dyn Route<S::Tuple>> {
            Box::new(Keyed::new(senders::<In>(inboxes, life), Arc::clone(&key), convert))
        };
        Self::new(stream.origin(), Grouping::Fields, Arc::new(lay))
    }

    fn new<T: Tuple>(origin: Origin, grouping: Grouping, lay: Lay<T>) -> Self {
        let connect = move |link: &Arc<Link>, life: Life| {
            AnyRoute::new::<T>(Box::new(Switched::new(Arc::clone(link), life, Arc::clone(&lay))))
        };
        Self { origin, grouping, connect: Arc::new(connect) }
    }

    /// Makes the route of the emitting task with this life into the component behind `link`.
    pub fn connect(&self, link: &Arc<Link>, life: Life) -> AnyRoute {
        (self.connect)(link, life)
    }
}

fn senders<In: Send + 'static>(inboxes: &[AnyInbox], life: Life) -> Vec<Sender<In>> {
    inboxes.iter().map(|inbox| inbox.typed::<In>().sender(life)).collect()
}

fn conversion<In: 'static, S: Subscribe<In>>(stream: &S) -> Convert<S::Tuple, In> {
    Convert::by(stream.convert(), stream.is_plain())
}

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edge")
            .field("origin", &self.origin)
            .field("grouping", &self.grouping)
            .finish_non_exhaustive()
    }
}
