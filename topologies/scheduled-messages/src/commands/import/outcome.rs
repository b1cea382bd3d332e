//! [`Outcome`]: what became of the lines.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};
use squall_ops::StartError;
use squall_ops::client::sentence;

use super::lines::Part;

/// What became of the lines.
#[derive(Debug, Default, Serialize)]
pub(super) struct Outcome {
    /// How many there were.
    lines: u64,
    /// How many were stored.
    stored: u64,
    /// How many an import before stored.
    known: u64,
    /// Which were not, and why.
    pub(super) refused: Vec<Refused>,
}

/// A line that was not stored.
#[derive(Debug, Serialize)]
pub(super) struct Refused {
    /// Where it stands in the file, from one on.
    line: u64,
    #[serde(flatten)]
    problem: Map<String, Value>,
}

impl Outcome {
    /// Notes what became of some lines.
    ///
    /// # Errors
    ///
    /// Not all of them were answered, or the messages cannot be reached: the rest needs not be sent.
    pub(super) fn take(&mut self, part: &Part, answers: &[u8]) -> Result<(), StartError> {
        let mut answers = answers
            .split(|&byte| byte == b'\n')
            .filter(|answer| !answer.is_empty())
            .map(serde_json::from_slice);
        for &line in &part.numbers {
            let Some(Ok(answer)) = answers.next() else {
                return Err(StartError::unavailable(format!("line {line} was not answered")));
            };
            self.one(line, answer)?;
        }
        Ok(())
    }

    fn one(&mut self, line: u64, mut answer: Map<String, Value>) -> Result<(), StartError> {
        match answer.get("status").and_then(Value::as_u64) {
            Some(200) => self.known += 1,
            Some(201) => self.stored += 1,
            Some(408 | 500..) | None => {
                let why = sentence(&answer.into()).unwrap_or_else(|| "no answer that makes sense".to_owned());
                return Err(StartError::unavailable(format!(
                    "line {line} and what follows is not stored: {why}"
                )));
            }
            Some(_) => {
                // Its place in the request is none that anybody knows.
                answer.remove("line");
                self.refused.push(Refused { line, problem: answer });
            }
        }
        self.lines += 1;
        Ok(())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lines, stored, known, refused } = self;
        let refused = refused.len();
        write!(f, "{lines} messages: {stored} stored, {known} known already, {refused} refused")
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = sentence(&self.problem.clone().into());
        write!(f, "line {}: {}", self.line, why.as_deref().unwrap_or("it was refused"))
    }
}

#[cfg(test)]
mod tests {
    use squall_ops::exit;

    use super::*;

    fn part(numbers: &[u64]) -> Part {
        Part { numbers: numbers.to_vec(), body: Vec::new() }
    }

    #[test]
    fn a_refusal_has_the_number_of_the_line_in_the_file() {
        let mut outcome = Outcome::default();
        let answers =
            b"{\"line\":1,\"status\":201,\"id\":\"x\"}\n{\"line\":2,\"status\":422,\"detail\":\"No.\"}\n";

        outcome.take(&part(&[7, 9]), answers).unwrap();

        assert_eq!(outcome.to_string(), "2 messages: 1 stored, 0 known already, 1 refused");
        assert_eq!(outcome.refused[0].to_string(), "line 9: No");
        assert_eq!(serde_json::to_value(&outcome).unwrap()["refused"][0]["line"], 9);
    }

    #[test]
    fn what_is_not_answered_or_cannot_be_stored_ends_it_with_69() {
        let away = b"{\"line\":1,\"status\":503,\"detail\":\"The database is away.\"}\n";
        for answers in [&b""[..], b"no answer\n", b"{\"line\":1}\n", away] {
            let error = Outcome::default().take(&part(&[1]), answers).unwrap_err();
            assert_eq!(error.code(), exit::UNAVAILABLE, "{error}");
        }
    }
}
