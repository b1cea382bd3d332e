//! A generated text, the same in every run.

/// Words in the vocabulary: large enough that counting misses the first-level cache, as a real text does.
const VOCABULARY: usize = 10_000;

/// Lines before the text starts over.
const LINES: usize = 8_192;

/// Lines of five to nine words from a Zipf-like vocabulary: a few words are most of the text.
///
/// ```
/// let text = squall_bench::Text::generate(7);
/// assert_eq!(text.line(0), squall_bench::Text::generate(7).line(0));
/// assert!((5..=9).contains(&text.line(1).split_whitespace().count()));
/// ```
#[derive(Debug)]
pub struct Text {
    lines: Vec<String>,
}

impl Text {
    /// What the text of the benchmark belongs to: it is the same in every run.
    pub const SEED: u64 = 2_026;

    /// Generates the text that belongs to `seed`.
    pub fn generate(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let vocabulary: Vec<String> = (0..VOCABULARY).map(|_| word(&mut dice)).collect();
        let lines = (0..LINES).map(|_| line(&mut dice, &vocabulary)).collect();
        Self { lines }
    }

    /// The line at `index`; the text starts over after its last line.
    pub fn line(&self, index: u64) -> &str {
        let at = index as usize % self.lines.len();
        self.lines.get(at).map_or("", String::as_str)
    }

    /// All lines, before the text starts over.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The number of words in the first `lines` lines.
    pub fn words(&self, lines: u64) -> u64 {
        (0..lines).map(|index| self.line(index).split_whitespace().count() as u64).sum()
    }
}

fn word(dice: &mut Dice) -> String {
    let letters = 2 + dice.below(9);
    (0..letters).map(|_| char::from(b'a' + dice.below(26) as u8)).collect()
}

fn line(dice: &mut Dice, vocabulary: &[String]) -> String {
    let words = 5 + dice.below(5);
    let picked: Vec<&str> =
        (0..words).filter_map(|_| vocabulary.get(dice.rank()).map(String::as_str)).collect();
    picked.join(" ")
}

/// SplitMix64: the text needs no better randomness, but the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }

    /// A rank that is as frequent as one over itself: the power of a uniform exponent.
    fn rank(&mut self) -> usize {
        let uniform = (self.roll() >> 11) as f64 / (1u64 << 53) as f64;
        (VOCABULARY as f64).powf(uniform) as usize - 1
    }
}
