//! Dead letters that are larger than their topic takes.

use squall_connect::kafka::{OutputSettings, Record};
use squall_enrichment::{Letter, Letters, TopicOutput};
use squall_services::Kafka;

use crate::topics::Topic;

/// More than a broker takes, unless it is told otherwise.
const TOO_LARGE: usize = 1_050_000;

#[test]
fn what_a_topic_does_not_take_is_left_out_of_a_dead_letter_and_its_length_said() {
    let Some(kafka) = Kafka::shared() else { return };
    let dead = Topic::make(&kafka.brokers(), "dead", 1);
    let record = |offset, key: usize, value: usize| Record {
        key: Some("k".repeat(key).into()),
        value: Some("v".repeat(value).into()),
        headers: vec![("trace".to_owned(), Some("abc".into()))],
        ..Record::new("activities", 1, offset)
    };
    let records = [record(1, 2, 3), record(2, 2, TOO_LARGE), record(3, TOO_LARGE, 3)];

    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let output = TopicOutput::open(OutputSettings::new(kafka.brokers(), &dead.name)).unwrap();
        let letters = Letters::Topic(output);
        for record in records {
            letters.write(&Letter { raw: record.into(), reason: "why".to_owned() }).await.unwrap();
        }
    });

    let read = dead.read_until("every letter", |all| all.len() == 3);
    let of = |header: &str| read.iter().map(|one| one.headers.get(header).cloned()).collect::<Vec<_>>();
    assert_eq!(of("squall.offset"), ["1", "2", "3"].map(|offset| Some(offset.to_owned())));
    assert_eq!(of("squall.reason"), ["why"; 3].map(|why| Some(why.to_owned())));
    let kept = |one: &crate::topics::Read| {
        (one.key.clone().map(|key| key.len()), one.value.clone().map(|value| value.len()))
    };
    assert_eq!(
        read.iter().map(kept).collect::<Vec<_>>(),
        [(Some(2), Some(3)), (Some(2), None), (None, None)]
    );
    assert_eq!(of("trace"), [Some("abc".to_owned()), Some("abc".to_owned()), None]);
    assert_eq!(of("squall.value-bytes"), [None, Some(TOO_LARGE.to_string()), Some("3".to_owned())]);
    let rest = TOO_LARGE + "trace".len() + "abc".len();
    assert_eq!(of("squall.key-and-headers-bytes"), [None, None, Some(rest.to_string())]);
}
