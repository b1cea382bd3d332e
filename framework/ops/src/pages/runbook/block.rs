//! [`Block`]: a piece of the little Markdown that the runbook is written in.

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    Heading { id: String, text: String },
    Text(String),
    List(Vec<String>),
    Code(String),
}

/// Headings of the second degree, paragraphs, lists and code. The title is left out: the page has its own.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let (mut blocks, mut is_code) = (Vec::new(), false);
    // A blank line ends a paragraph or a list, a fence begins or ends code.
    let mut is_open = false;
    for line in text.lines() {
        if line.starts_with("```") {
            is_code = !is_code;
            if is_code {
                blocks.push(Block::Code(String::new()));
            }
            is_open = false;
        } else if is_code {
            if let Some(Block::Code(code)) = blocks.last_mut() {
                code.push_str(line);
                code.push('\n');
            }
        } else if let Some(text) = line.strip_prefix("## ") {
            blocks.push(Block::Heading { id: anchor(text), text: text.to_owned() });
            is_open = false;
        } else if line.is_empty() || line.starts_with("# ") {
            is_open = false;
        } else {
            add(&mut blocks, line, is_open);
            is_open = true;
        }
    }
    blocks
}

fn add(blocks: &mut Vec<Block>, line: &str, is_open: bool) {
    match (blocks.last_mut().filter(|_| is_open), line.strip_prefix("- ")) {
        (Some(Block::List(entries)), Some(entry)) => entries.push(entry.to_owned()),
        (Some(Block::List(entries)), None) => {
            if let Some(entry) = entries.last_mut() {
                *entry = format!("{entry} {}", line.trim());
            }
        }
        (Some(Block::Text(text)), None) => *text = format!("{text} {line}"),
        (_, Some(entry)) => blocks.push(Block::List(vec![entry.to_owned()])),
        (_, None) => blocks.push(Block::Text(line.to_owned())),
    }
}

/// The name of a heading in an address, as Markdown makes it.
pub(super) fn anchor(text: &str) -> String {
    let letters = text.to_lowercase();
    let letters = letters.chars().map(|letter| if letter == ' ' { '-' } else { letter });
    letters.filter(|letter| letter.is_alphanumeric() || "-_".contains(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

    #[test]
    fn headings_paragraphs_lists_and_code_are_told_apart() {
        let text = "# Title\n\n## A b\n\nOne\ntwo.\n\n- x\n  y\n- z\n\n```toml\na = 1\n\n- b\n```\nEnd";

        let expected = [
            Block::Heading { id: "a-b".to_owned(), text: "A b".to_owned() },
            Block::Text("One two.".to_owned()),
            Block::List(vec!["x y".to_owned(), "z".to_owned()]),
            Block::Code("a = 1\n\n- b\n".to_owned()),
            Block::Text("End".to_owned()),
        ];
        assert_eq!(blocks(text), expected);
    }

    #[test]
    fn every_check_that_all_topologies_have_is_in_the_runbook() {
        let blocks = blocks(super::super::TEXT);

        for check in check::built_in() {
            let link = check.runbook_link();
            let id = link.strip_prefix("/runbook#").unwrap();
            let is_it = |block: &Block| matches!(block, Block::Heading { id: own, .. } if own == id);
            assert!(blocks.iter().any(is_it), "{} has no part in runbook.md: {link}", check.name());
        }
    }
}
