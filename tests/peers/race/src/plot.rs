//! Bars, with a line from the least to the most of the repetitions.

use std::{error::Error, path::Path};

use plotters::{
    coord::{
        ranged1d::{AsRangedCoord, Ranged, ValueFormatter},
        types::RangedCoordf64,
    },
    prelude::*,
};

use crate::{Result, spread::Spread, table::thousands};

/// A bar.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    pub(crate) label: String,
    /// Whether it is the one that all this is about.
    pub(crate) is_ours: bool,
    pub(crate) spread: Spread,
}

const WIDTH: u32 = 900;
const BAR: u32 = 34;
const OURS: RGBColor = RGBColor(200, 90, 40);
const OTHERS: RGBColor = RGBColor(120, 135, 155);

/// Bars from zero.
pub(crate) fn linear(path: &Path, title: &str, bars: &[Bar]) -> Result<()> {
    let most = bars.iter().map(|bar| bar.spread.max).fold(1.0, f64::max);
    let range: std::ops::Range<f64> = 0.0..most * 1.2;
    draw(path, title, bars, range, 0.0)
}

/// Bars from one, for what differs by orders of magnitude.
pub(crate) fn logarithmic(path: &Path, title: &str, bars: &[Bar]) -> Result<()> {
    let most = bars.iter().map(|bar| bar.spread.max).fold(10.0, f64::max);
    draw(path, title, bars, (1.0..most * 4.0).log_scale(), 1.0)
}

fn draw<X>(path: &Path, title: &str, bars: &[Bar], values: X, from: f64) -> Result<()>
where
    X: AsRangedCoord<Value = f64>,
    X::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    let area = SVGBackend::new(path, (WIDTH, BAR * bars.len() as u32 + 90)).into_drawing_area();
    area.fill(&WHITE)?;
    let rows: RangedCoordf64 = (0.0..bars.len() as f64).into();
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 20))
        .margin(12)
        .set_label_area_size(LabelAreaPosition::Left, 230)
        .set_label_area_size(LabelAreaPosition::Bottom, 30)
        .build_cartesian_2d(values, rows)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .x_labels(6)
        .x_label_formatter(&|value| thousands(*value))
        .draw()?;
    for (index, bar) in bars.iter().enumerate() {
        let row = (bars.len() - index) as f64 - 0.5;
        let Spread { min, median, max } = bar.spread;
        let color = if bar.is_ours { OURS } else { OTHERS };
        chart.draw_series([Rectangle::new([(from, row - 0.32), (median, row + 0.32)], color.filled())])?;
        chart.draw_series([PathElement::new([(min.max(from), row), (max, row)], BLACK.stroke_width(2))])?;
        let text = ("sans-serif", 14).into_font();
        let beside = EmptyElement::at((max, row)) + Text::new(thousands(median), (6, -6), text.clone());
        chart.draw_series([beside])?;
        let label = EmptyElement::at((from, row)) + Text::new(bar.label.clone(), (-225, -6), text);
        chart.draw_series([label])?;
    }
    area.present().map_err(|error| Box::<dyn Error>::from(format!("{}: {error}", path.display())))
}
