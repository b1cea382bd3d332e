use super::*;

/// A check of one number, with time as an argument.
struct Bed {
    board: Board,
    journal: Journal,
    check: Check,
    now: Instant,
}

impl Bed {
    fn new() -> Self {
        let check = Check::new("lag", Bound::Above(10.0), |_: super::super::View<'_>| Vec::new());
        let check = check.lasting(Duration::from_secs(3)).unit("s");
        Self { board: Board::default(), journal: Journal::default(), check, now: Instant::now() }
    }

    /// A second later the check measures these.
    fn second(&mut self, values: &[f64]) {
        self.now += Duration::from_secs(1);
        let readings = values.iter().map(|value| Reading::new(*value).about("t", "c")).collect();
        self.board.judge(self.now, vec![(&self.check, readings)], &self.journal);
    }

    fn raised(&self) -> usize {
        self.board.findings().len()
    }

    fn told(&self) -> Vec<&'static str> {
        self.journal.after(0, 100).iter().map(|event| event.kind).collect()
    }
}

#[test]
fn a_bound_that_is_broken_for_long_enough_is_a_finding() {
    let mut bed = Bed::new();

    (0..3).for_each(|_| bed.second(&[11.0]));
    assert_eq!((bed.raised(), bed.board.states()[0].status), (0, CheckStatus::Pending));
    bed.second(&[11.0]);

    assert_eq!((bed.raised(), bed.board.states()[0].status), (1, CheckStatus::Raised));
    assert_eq!(bed.told(), ["finding_raised"]);
    let finding = bed.board.findings()[0].clone();
    assert_eq!((finding.topology.as_deref(), finding.component.as_deref()), (Some("t"), Some("c")));
}

#[test]
fn a_peak_is_no_finding() {
    let mut bed = Bed::new();

    for _ in 0..10 {
        bed.second(&[11.0]);
        bed.second(&[11.0]);
        bed.second(&[9.0]);
    }

    assert_eq!((bed.raised(), bed.told()), (0, vec![]));
}

#[test]
fn a_finding_goes_when_all_has_been_well_for_five_seconds() {
    let mut bed = Bed::new();
    (0..4).for_each(|_| bed.second(&[11.0]));

    (0..5).for_each(|_| bed.second(&[1.0]));
    assert_eq!(bed.raised(), 1);
    bed.second(&[1.0]);

    assert_eq!((bed.raised(), bed.board.states()[0].status), (0, CheckStatus::Ok));
    assert_eq!(bed.told(), ["finding_raised", "finding_cleared"]);
}

#[test]
fn a_finding_that_flickers_is_one() {
    let mut bed = Bed::new();
    (0..4).for_each(|_| bed.second(&[11.0]));

    for _ in 0..20 {
        bed.second(&[1.0]);
        bed.second(&[11.0]);
    }

    assert_eq!((bed.raised(), bed.told()), (1, vec!["finding_raised"]));
}

#[test]
fn a_finding_about_something_that_is_gone_goes_too() {
    let mut bed = Bed::new();
    (0..4).for_each(|_| bed.second(&[11.0]));

    (0..6).for_each(|_| bed.second(&[]));

    assert_eq!(bed.raised(), 0);
    let states = bed.board.states();
    assert_eq!((states.len(), states[0].status), (1, CheckStatus::Unknown));
}

#[test]
fn pages_come_before_mails() {
    let mut bed = Bed::new();
    let page = bed.check.clone().pages().lasting(Duration::ZERO);
    let mail = Check { name: "a-mail".into(), ..bed.check.clone() }.lasting(Duration::ZERO);
    bed.now += Duration::from_secs(1);
    let reading = || vec![Reading::new(11.0)];

    bed.board.judge(bed.now, vec![(&mail, reading()), (&page, reading())], &bed.journal);

    let categories: Vec<_> = bed.board.findings().iter().map(|finding| finding.category).collect();
    assert_eq!(categories, [Category::Page, Category::Mail]);
}

#[test]
fn a_finding_about_the_process_goes_when_nothing_is_measured_any_more() {
    let mut bed = Bed::new();
    let check = bed.check.clone().lasting(Duration::ZERO);
    bed.board.judge(bed.now, vec![(&check, vec![Reading::new(11.0)])], &bed.journal);
    assert_eq!(bed.raised(), 1);

    (0..7).for_each(|_| bed.second(&[]));

    assert_eq!(bed.raised(), 0);
}
