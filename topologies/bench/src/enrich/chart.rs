//! A chart over time, as SVG: panels one below the other, and what happened meanwhile as lines through all of them.
//!
//! It is readable on light and on dark, as whoever looks at it prefers.

use std::fmt::{self, Display, Formatter};

const WIDTH: f64 = 960.0;
/// Where the panels begin and end, from left to right.
const LEFT: f64 = 76.0;
const RIGHT: f64 = WIDTH - 16.0;
/// What stands above the first panel.
const HEAD: f64 = 64.0;
const PANEL: f64 = 150.0;
/// Between two panels: the title of the lower one.
const GAP: f64 = 34.0;
const FOOT: f64 = 34.0;

const STYLE: &str = "
:root{color-scheme:light dark}
svg{--ink:#222;--dim:#767676;--grid:#e4e4e4;--paper:#fff;--band:#f3efe4;
--a:#b5531c;--b:#1f6fb2;--c:#7a3e9d;--bad:#c81e1e;--good:#2e7d32}
@media(prefers-color-scheme:dark){svg{--ink:#e8e8e8;--dim:#9a9a9a;--grid:#383838;--paper:#181818;--band:#2a2619;
--a:#f0975a;--b:#6cb6f5;--c:#c792ea;--bad:#ff6b6b;--good:#7bd17f}}
text{fill:var(--ink);font:12px system-ui,sans-serif}
.title{font-size:16px;font-weight:600}.dim{fill:var(--dim)}
.paper{fill:var(--paper)}.band{fill:var(--band)}.grid{stroke:var(--grid)}
path{fill:none;stroke-width:1.8;stroke-linejoin:round}
.a{stroke:var(--a)}.b{stroke:var(--b)}.c{stroke:var(--c)}
text.a{fill:var(--a);stroke:none}text.b{fill:var(--b);stroke:none}text.c{fill:var(--c);stroke:none}
line.bad{stroke:var(--bad);stroke-opacity:.55}line.good{stroke:var(--good);stroke-dasharray:3 3}
line.calm{stroke:var(--dim);stroke-dasharray:1 4}
text.bad{fill:var(--bad)}text.good{fill:var(--good)}text.calm{fill:var(--dim)}
.limit{stroke:var(--dim);stroke-dasharray:6 4}
";

/// A chart. Its [`Display`] is a file of SVG.
#[derive(Clone, Debug, Default)]
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) subtitle: String,
    /// How long it is.
    pub(super) seconds: f64,
    pub(super) panels: Vec<Panel>,
    pub(super) marks: Vec<Mark>,
    /// Times that stand out, from second to second.
    pub(super) bands: Vec<(f64, f64)>,
}

/// One of its panels: lines over one scale from zero.
#[derive(Clone, Debug, Default)]
pub(super) struct Panel {
    pub(super) title: String,
    pub(super) lines: Vec<Line>,
    /// A line across, and what it is.
    pub(super) limit: Option<(f64, String)>,
}

/// A line. Where a value is not finite, it is broken.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) colour: Colour,
    /// Seconds, and values.
    pub(super) points: Vec<(f64, f64)>,
}

/// How a line or a mark is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    A,
    B,
    C,
    Bad,
    Good,
    Calm,
}

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) at: f64,
    pub(super) name: &'static str,
    pub(super) colour: Colour,
}

impl Colour {
    fn class(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
            Self::C => "c",
            Self::Bad => "bad",
            Self::Good => "good",
            Self::Calm => "calm",
        }
    }
}

impl Chart {
    fn height(&self) -> f64 {
        HEAD + self.panels.len() as f64 * (PANEL + GAP) - GAP + FOOT
    }

    fn x(&self, second: f64) -> f64 {
        LEFT + second.clamp(0.0, self.seconds) / self.seconds.max(f64::MIN_POSITIVE) * (RIGHT - LEFT)
    }

    /// The names of what happened, each once.
    fn legend(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut seen: Vec<Mark> = Vec::new();
        for mark in &self.marks {
            if seen.iter().all(|before| before.name != mark.name) {
                seen.push(*mark);
            }
        }
        for (nth, Mark { name, colour, .. }) in seen.into_iter().enumerate() {
            let (x, class) = (RIGHT - 70.0 * nth as f64, colour.class());
            writeln!(
                f,
                "<text class='{class}' x='{x:.0}' y='55' text-anchor='end'>│ {}</text>",
                Escaped(name)
            )?;
        }
        Ok(())
    }

    fn behind(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (top, bottom) = (HEAD, self.height() - FOOT);
        for (begin, end) in &self.bands {
            let (x, width) = (self.x(*begin), self.x(*end) - self.x(*begin));
            let height = bottom - top;
            writeln!(f, "<rect class='band' x='{x:.1}' y='{top}' width='{width:.1}' height='{height:.0}'/>")?;
        }
        for Mark { at, colour, .. } in &self.marks {
            let (x, class) = (self.x(*at), colour.class());
            writeln!(f, "<line class='{class}' x1='{x:.1}' x2='{x:.1}' y1='{top}' y2='{bottom:.0}'/>")?;
        }
        let step = step(self.seconds, 12.0);
        for nth in 0..=(self.seconds / step) as u32 {
            let second = f64::from(nth) * step;
            let (x, y) = (self.x(second), bottom + 18.0);
            writeln!(f, "<text class='dim' x='{x:.1}' y='{y:.0}' text-anchor='middle'>{second} s</text>")?;
        }
        Ok(())
    }

    fn panel(&self, f: &mut Formatter<'_>, nth: usize, panel: &Panel) -> fmt::Result {
        let top = HEAD + nth as f64 * (PANEL + GAP);
        let values = panel.lines.iter().flat_map(|line| &line.points).map(|(_, value)| *value);
        let limit = panel.limit.as_ref().map(|(limit, _)| *limit);
        let most = values.chain(limit).filter(|value| value.is_finite()).fold(1.0, f64::max);
        let step = step(most, 5.0);
        let most = (most / step).ceil() * step;
        let y = |value: f64| top + PANEL - value / most * PANEL;
        for nth in 0..=(most / step).round() as u32 {
            let value = f64::from(nth) * step;
            let (y, x) = (y(value), LEFT - 8.0);
            writeln!(f, "<line class='grid' x1='{LEFT}' x2='{RIGHT}' y1='{y:.1}' y2='{y:.1}'/>")?;
            let (y, value) = (y + 4.0, Short(value));
            writeln!(f, "<text class='dim' x='{x}' y='{y:.1}' text-anchor='end'>{value}</text>")?;
        }
        let mut x = LEFT;
        let above = top - 9.0;
        writeln!(f, "<text x='{x}' y='{above}'>{}</text>", Escaped(&panel.title))?;
        x += 8.0 * panel.title.chars().count() as f64;
        for Line { name, colour, points } in &panel.lines {
            let class = colour.class();
            writeln!(f, "<text class='{class}' x='{x:.0}' y='{above}'>— {}</text>", Escaped(name))?;
            x += 22.0 + 7.0 * name.chars().count() as f64;
            writeln!(f, "<path class='{class}' d='{}'/>", Path(points, |second| self.x(second), y))?;
        }
        if let Some((limit, name)) = &panel.limit {
            let y = y(*limit);
            writeln!(f, "<line class='limit' x1='{LEFT}' x2='{RIGHT}' y1='{y:.1}' y2='{y:.1}'/>")?;
            let (x, y) = (RIGHT - 4.0, y - 5.0);
            writeln!(f, "<text class='dim' x='{x}' y='{y:.1}' text-anchor='end'>{}</text>", Escaped(name))?;
        }
        Ok(())
    }
}

impl Display for Chart {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let height = self.height();
        writeln!(
            f,
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' width='{WIDTH}'>"
        )?;
        writeln!(f, "<style>{STYLE}</style>")?;
        writeln!(f, "<rect class='paper' width='{WIDTH}' height='{height}'/>")?;
        writeln!(f, "<text class='title' x='{LEFT}' y='22'>{}</text>", Escaped(&self.title))?;
        writeln!(f, "<text class='dim' x='{LEFT}' y='40'>{}</text>", Escaped(&self.subtitle))?;
        self.legend(f)?;
        self.behind(f)?;
        for (nth, panel) in self.panels.iter().enumerate() {
            self.panel(f, nth, panel)?;
        }
        writeln!(f, "</svg>")
    }
}

/// A line through points, broken where a value is not finite.
struct Path<'a, X, Y>(&'a [(f64, f64)], X, Y);

impl<X: Fn(f64) -> f64, Y: Fn(f64) -> f64> Display for Path<'_, X, Y> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut is_down = false;
        for (second, value) in self.0 {
            if value.is_finite() {
                let (letter, x, y) = (if is_down { 'L' } else { 'M' }, (self.1)(*second), (self.2)(*value));
                write!(f, "{letter}{x:.1} {y:.1}")?;
            }
            is_down = value.is_finite();
        }
        Ok(())
    }
}

/// A number with few letters.
struct Short(f64);

impl Display for Short {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            value if value >= 1e6 => write!(f, "{} M", value / 1e6),
            value if value >= 1e4 => write!(f, "{} k", value / 1e3),
            value => write!(f, "{value}"),
        }
    }
}

/// A text as XML.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|letter| match letter {
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '&' => f.write_str("&amp;"),
            letter => write!(f, "{letter}"),
        })
    }
}

/// A round step of which so many at most make up `most`.
fn step(most: f64, count: f64) -> f64 {
    let least = (most / count).max(f64::MIN_POSITIVE);
    let ten = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|times| times * ten).find(|step| *step >= least).unwrap_or(10.0 * ten)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart() -> Chart {
        let points = vec![(0.0, 0.0), (5.0, 10.0), (6.0, f64::INFINITY), (7.0, 30.0), (10.0, 0.0)];
        Chart {
            title: "a < b & c".to_owned(),
            seconds: 10.0,
            panels: vec![Panel {
                title: "rate".to_owned(),
                lines: vec![Line { name: "in", colour: Colour::A, points }],
                limit: Some((20.0, "limit".to_owned())),
            }],
            marks: vec![Mark { at: 5.0, name: "kill", colour: Colour::Bad }; 3],
            bands: vec![(2.0, 3.0)],
            ..Chart::default()
        }
    }

    #[test]
    fn lines_go_through_their_points_and_are_broken_where_there_is_no_number() {
        let svg = chart().to_string();

        // From 76 to 944 in ten seconds; 30 is the top of the scale, at 64, and zero is 150 below it.
        assert!(svg.contains("d='M76.0 214.0L510.0 164.0M683.6 64.0L944.0 214.0'"), "{svg}");
    }

    #[test]
    fn what_happened_is_marked_each_time_and_named_once() {
        let svg = chart().to_string();

        assert_eq!(svg.matches("<line class='bad'").count(), 3);
        assert_eq!(svg.matches("kill").count(), 1);
        assert!(svg.contains("<rect class='band' x='249.6' y='64' width='86.8' height='150'/>"), "{svg}");
    }

    #[test]
    fn it_is_one_element_of_xml_for_light_and_for_dark() {
        let svg = chart().to_string();

        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{svg}");
        assert!(svg.contains("a &lt; b &amp; c") && svg.contains("prefers-color-scheme:dark"));
        assert_eq!(svg.matches('<').count(), svg.matches('>').count());
    }

    #[test]
    fn steps_are_round() {
        assert_eq!(
            [7.0, 50.0, 1.0, 0.9, 620_000.0].map(|most| step(most, 5.0)),
            [2.0, 10.0, 0.2, 0.2, 200_000.0]
        );
    }
}
