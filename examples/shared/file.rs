//! Reading tables from files, with errors that name the file, the line and the column.

#![allow(dead_code, reason = "each example uses its own part of this")]

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use chrono::NaiveDate;
use quotaflow::ledger::LedgerError;
use quotaflow::quantity::Quantum;
use rust_decimal::Decimal;

/// What was wrong with a file, and where.
#[derive(Debug)]
pub struct FileError(pub String);

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FileError {}

/// So that `?` takes it where the library's errors are answered with.
impl From<FileError> for quotaflow::Error {
    fn from(error: FileError) -> Self {
        Self::unreadable(error)
    }
}

/// A table with named columns, held as text.
pub struct Table {
    name: String,
    /// Where each column stands; nowhere if two have its name.
    columns: BTreeMap<String, Option<usize>>,
    rows: Vec<(u64, csv::StringRecord)>,
}

/// One row of a table.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    table: &'a Table,
    line: u64,
    cells: &'a csv::StringRecord,
}

impl Table {
    pub fn read(folder: &Path, name: &str) -> Result<Self, FileError> {
        Self::open(&folder.join(name))
    }

    pub fn open(path: &Path) -> Result<Self, FileError> {
        let name = path.file_name().map_or_else(
            || path.display().to_string(),
            |name| name.to_string_lossy().into(),
        );
        let content = std::fs::read(path)
            .map_err(|error| FileError(format!("{}: {error}", path.display())))?;
        Self::parse(&name, &content)
    }

    /// Reads a table from the content of a file.
    pub fn parse(name: &str, content: &[u8]) -> Result<Self, FileError> {
        let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
        let fail = |error: csv::Error| {
            let what = match error.kind() {
                csv::ErrorKind::UnequalLengths {
                    expected_len, len, ..
                } => format!("{len} cells for {expected_len} columns"),
                csv::ErrorKind::Utf8 { .. } => "the text is not UTF-8".to_owned(),
                _ => error.to_string(),
            };
            FileError(match error.position() {
                Some(at) => format!("{name} line {}: {what}", line_of(content, at)),
                None => format!("{name}: {what}"),
            })
        };
        let mut reader = csv::Reader::from_reader(content);
        let head = reader.headers().map_err(fail)?.clone();
        let mut columns = BTreeMap::new();
        for (index, column) in head.iter().enumerate() {
            columns
                .entry(column.to_owned())
                .and_modify(|known| *known = None)
                .or_insert(Some(index));
        }
        let mut rows = Vec::new();
        let (mut line, mut counted) = (1, 0);
        for record in reader.records() {
            let record = record.map_err(fail)?;
            let start = record.position().map_or(0, |at| start_of(content, at));
            line += lines_between(content, counted, start);
            counted = start;
            rows.push((line, record));
        }
        Ok(Self {
            name: name.to_owned(),
            columns,
            rows,
        })
    }

    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        self.rows.iter().map(|(line, cells)| Row {
            table: self,
            line: *line,
            cells,
        })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// An error of the table as a whole.
    pub fn error(&self, what: &str) -> FileError {
        FileError(format!("{}: {what}", self.name))
    }

    /// Fails unless the table has these columns, each once.
    pub fn require(&self, columns: &[&str]) -> Result<(), FileError> {
        let mut found = columns.iter().map(|column| self.column(column));
        found.try_for_each(|column| column.map(|_| ()))
    }

    fn column(&self, column: &str) -> Result<usize, FileError> {
        let what = match self.columns.get(column) {
            Some(Some(index)) => return Ok(*index),
            Some(None) => "there are two columns",
            None => "there is no column",
        };
        Err(FileError(format!(
            "{} line 1: {what} `{column}`",
            self.name
        )))
    }
}

/// Names the place in a file of a record that was refused, by its number among those that were entered.
pub fn refused(error: LedgerError, place: impl Fn(usize) -> String) -> quotaflow::Error {
    match error {
        LedgerError::Refused { row, refusal, .. } => {
            FileError(format!("{}: {refusal}", place(row))).into()
        }
        error => error.into(),
    }
}

/// Where a row starts: its position may be that of the line ends and blank lines before it, which are passed over.
fn start_of(content: &[u8], at: &csv::Position) -> usize {
    let from = usize::try_from(at.byte()).unwrap_or(content.len());
    let ends = content
        .get(from..)
        .unwrap_or_default()
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'));
    from + ends.count()
}

fn line_of(content: &[u8], at: &csv::Position) -> u64 {
    1 + lines_between(content, 0, start_of(content, at))
}

/// How many lines end in a part of the content: with a line feed, or with a carriage return before none.
fn lines_between(content: &[u8], from: usize, to: usize) -> u64 {
    let ends = |at: usize| match content[at] {
        b'\n' => true,
        b'\r' => content.get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    (from..to.min(content.len()))
        .map(|at| u64::from(ends(at)))
        .sum()
}

impl<'a> Row<'a> {
    /// The text of a cell; empty where there is none.
    pub fn text(&self, column: &str) -> Result<&'a str, FileError> {
        let index = self.table.column(column)?;
        Ok(self.cells.get(index).unwrap_or_default())
    }

    /// The text of a cell, which must not be empty.
    pub fn filled(&self, column: &str) -> Result<&'a str, FileError> {
        match self.text(column)? {
            "" => Err(self.error(column, "is empty")),
            text => Ok(text),
        }
    }

    /// The text of a cell, which must be one of these names.
    pub fn known(
        &self,
        column: &str,
        is_known: impl Fn(&str) -> bool,
        other: &str,
    ) -> Result<String, FileError> {
        let text = self.text(column)?;
        if is_known(text) {
            Ok(text.to_owned())
        } else {
            Err(self.error(column, &format!("`{text}` is not in {other}")))
        }
    }

    /// The text of a cell, if it is not empty.
    pub fn some(&self, column: &str) -> Result<Option<&'a str>, FileError> {
        Ok(Some(self.text(column)?).filter(|text| !text.is_empty()))
    }

    pub fn date(&self, column: &str) -> Result<NaiveDate, FileError> {
        self.parse(column, "a date such as 2026-01-31")
    }

    pub fn some_date(&self, column: &str) -> Result<Option<NaiveDate>, FileError> {
        self.some(column)?.map(|_| self.date(column)).transpose()
    }

    pub fn decimal(&self, column: &str) -> Result<Decimal, FileError> {
        // What a program may write between digits is no part of a number in a table.
        if self.text(column)?.contains('_') {
            let text = self.text(column)?;
            return Err(self.error(column, &format!("`{text}` is not a number")));
        }
        self.parse(column, "a number")
    }

    /// A number that is a whole count of a quantum.
    pub fn amount(&self, column: &str, quantum: Quantum) -> Result<Decimal, FileError> {
        let amount = self.decimal(column)?;
        match quantum.units(amount) {
            Ok(_) => Ok(amount),
            Err(error) => Err(self.error(column, &error.to_string())),
        }
    }

    pub fn number(&self, column: &str) -> Result<i64, FileError> {
        self.parse(column, "a whole number")
    }

    fn parse<T: std::str::FromStr>(&self, column: &str, wanted: &str) -> Result<T, FileError> {
        let text = self.text(column)?;
        text.parse()
            .map_err(|_| self.error(column, &format!("`{text}` is not {wanted}")))
    }

    /// The line of the file in which the row starts, the first being 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// An error at this row and column.
    pub fn error(&self, column: &str, what: &str) -> FileError {
        FileError(format!(
            "{} line {}, column {column}: {what}",
            self.table.name, self.line
        ))
    }
}
