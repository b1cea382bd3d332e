//! [`Table`]: columns for eyes. Programs take `--json`.

use anstyle::Style;

use super::colour::in_style;

/// Rows whose columns stand below each other.
///
/// ```
/// use squall_ops::cli::table::{Cell, Table};
///
/// let mut table = Table::default();
/// table.row([Cell::text("WORD"), Cell::number("N")]);
/// table.row([Cell::text("a"), Cell::number("12")]);
///
/// assert_eq!(table.in_lines(), "WORD   N\na     12\n");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Table {
    rows: Vec<Vec<Cell>>,
}

/// What stands in a row and a column.
#[derive(Clone, Debug)]
pub struct Cell {
    text: String,
    style: Style,
    is_number: bool,
}

impl Cell {
    /// One that stands at the left.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::new(), is_number: false }
    }

    /// One that stands at the right.
    pub fn number(text: impl Into<String>) -> Self {
        Self { is_number: true, ..Self::text(text) }
    }

    /// The same in this style, where there are colours.
    #[must_use]
    pub fn styled(self, style: Style) -> Self {
        Self { style, ..self }
    }
}

impl Table {
    /// Adds a row below the others.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The rows, each with an end of line.
    pub fn in_lines(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.text.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        self.rows.iter().map(|row| line(row, &widths)).collect()
    }
}

fn line(row: &[Cell], widths: &[usize]) -> String {
    let mut line = String::new();
    for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
        let blanks = " ".repeat(width - cell.text.chars().count());
        let text = in_style(cell.style, &cell.text);
        let is_last = column + 1 == row.len();
        let gap = if column == 0 { "" } else { "  " };
        line.push_str(gap);
        if cell.is_number {
            line.push_str(&blanks);
        }
        line.push_str(&text);
        if !cell.is_number && !is_last {
            line.push_str(&blanks);
        }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_whatever_their_style() {
        let mut table = Table::default();
        table.row(["name", "tasks", "state"].map(Cell::text));
        table.row([
            Cell::text("ü"),
            Cell::number("12"),
            Cell::text("paused").styled(super::super::colour::ODD),
        ]);

        let plain = anstream::adapter::strip_str(&table.in_lines()).to_string();

        assert_eq!(plain, "name  tasks  state\nü        12  paused\n");
    }
}
