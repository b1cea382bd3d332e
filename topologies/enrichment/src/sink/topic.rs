//! [`TopicOutput`]: a topic that activities and dead letters are written to.

use squall::prelude::*;
use squall_connect::kafka::{KafkaOutput, Message, OutputSettings};

use crate::{Activity, Ids, Letter, Raw};

/// The headers by which a dead letter says what it is. Those that the record came with stay before them.
const REASON: &str = "squall.reason";
const TOPIC: &str = "squall.topic";
const PARTITION: &str = "squall.partition";
const OFFSET: &str = "squall.offset";
const LINE: &str = "squall.line";
/// How many bytes the value had, or the key and the headers, that the topic does not take.
const VALUE_LEFT_OUT: &str = "squall.value-bytes";
const REST_LEFT_OUT: &str = "squall.key-and-headers-bytes";

/// A topic that activities and dead letters are written to. Copies share it.
#[derive(Clone, Debug)]
pub struct TopicOutput {
    /// None where only the plan is wanted: nothing is written then.
    output: Option<KafkaOutput>,
}

impl TopicOutput {
    /// A topic to write to. The brokers are looked for in the background.
    ///
    /// # Errors
    ///
    /// Settings that contradict each other, or that the client library refuses. They are permanent.
    pub fn open(settings: OutputSettings) -> Result<Self> {
        KafkaOutput::new(settings).map(|output| Self { output: Some(output) })
    }

    /// The same; in a dry launch, one that only stands in the plan, with nothing connected.
    pub(crate) fn prepare(settings: &OutputSettings, is_dry: bool) -> Result<Self> {
        if is_dry {
            KafkaOutput::check(settings).map(|()| Self { output: None })
        } else {
            Self::open(settings.clone())
        }
    }

    /// What writes, and knows what became of what was written.
    pub fn kafka(&self) -> Option<&KafkaOutput> {
        self.output.as_ref()
    }

    /// Writes an activity: its id is the key, and what goes out the value.
    ///
    /// # Errors
    ///
    /// As [`KafkaOutput::write`].
    pub async fn write(&self, activity: &Activity, ids: &Ids) -> Result<()> {
        let message = Message::new(activity.to_json()?).key(ids.of(activity).to_string());
        self.open_output()?.write(&message).await
    }

    /// Writes a dead letter: key, value and headers as they came, with the reason and the place in further headers. What is
    /// too large for the topic is left out, and its length said: first the value, and then what else came with it.
    ///
    /// # Errors
    ///
    /// No broker took it in time.
    pub async fn write_letter(&self, letter: &Letter) -> Result<()> {
        let output = self.open_output()?;
        let mut message = message(letter);
        let whole = output.write(&message).await;
        if !is_refused(&whole) {
            return whole;
        }
        let value = message.value.take().map_or(0, |value| value.len()).to_string();
        let message = message.header(VALUE_LEFT_OUT, value.clone());
        let without_value = output.write(&message).await;
        if !is_refused(&without_value) {
            return without_value;
        }
        let rest = rest_of(letter).to_string();
        let bare = described(Message::default(), letter);
        output.write(&bare.header(VALUE_LEFT_OUT, value).header(REST_LEFT_OUT, rest)).await
    }

    fn open_output(&self) -> Result<&KafkaOutput> {
        self.output.as_ref().ok_or_else(|| Error::permanent("this topic stands in a plan that is not run"))
    }
}

/// Whether no broker will ever take it.
fn is_refused(outcome: &Result<()>) -> bool {
    outcome.as_ref().is_err_and(Error::is_permanent)
}

/// What came, with what is said of it.
fn message(letter: &Letter) -> Message {
    let message = match &letter.raw {
        Raw::Line(line) => Message::new(line.text().to_owned()),
        Raw::Record(record) => Message {
            key: record.key.clone(),
            value: record.value.clone(),
            headers: record.headers.clone(),
            ..Message::default()
        },
    };
    described(message, letter)
}

/// The bytes of what came besides the value.
fn rest_of(letter: &Letter) -> usize {
    let Raw::Record(record) = &letter.raw else { return 0 };
    let headers =
        record.headers.iter().map(|(name, value)| name.len() + value.as_ref().map_or(0, |value| value.len()));
    record.key.as_ref().map_or(0, |key| key.len()) + headers.sum::<usize>()
}

/// The message with the place and the reason.
fn described(message: Message, letter: &Letter) -> Message {
    let message = match &letter.raw {
        Raw::Line(line) => message.header(LINE, line.number.to_string()),
        Raw::Record(record) => message
            .header(TOPIC, record.topic.to_string())
            .header(PARTITION, record.partition.to_string())
            .header(OFFSET, record.offset.to_string()),
    };
    message.header(REASON, letter.reason.clone())
}
