//! Reading: one function for each level of binding.

use super::TextError;
use super::print::{run_word, state_word};
use super::token::{Kind, RESERVED, Token, tokens};
use crate::calendar::Grain;
use crate::key::{Key, nearest};
use crate::measure::Unit;
use crate::panel::{ColumnKey, Role, State};
use crate::quantity::Ratio;
use crate::rule::condition::{
    AtLeast, Between, Comparison, Consecutive, Silence, StateTest, SubjectTest, Trend, Way, Within,
};
use crate::rule::control::{Around, Baseline, Control, Run, Side, Signal, Smoothing, Sums};
use crate::rule::operand::{
    Change, Constant, Difference, Previous, Quotient, Scaled, TrailingMean,
};
use crate::rule::{Condition, Is, Operand, Span};

pub(super) fn condition(text: &str) -> Result<Condition, TextError> {
    let mut parser = Parser::new(text)?;
    let condition = parser.any()?;
    parser.end(condition)
}

pub(super) fn operand(text: &str) -> Result<Operand, TextError> {
    let mut parser = Parser::new(text)?;
    let operand = parser.operand()?;
    parser.end(operand)
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    /// The metric on the left of the comparison that is being read.
    metric: Option<Key>,
}

impl Parser {
    fn new(text: &str) -> Result<Self, TextError> {
        Ok(Self {
            tokens: tokens(text)?,
            next: 0,
            depth: 0,
            metric: None,
        })
    }

    fn end<T>(&self, value: T) -> Result<T, TextError> {
        match self.peek() {
            Kind::End => Ok(value),
            _ => Err(self.unexpected("`and`, `or`, `for` or the end", &["and", "or", "for", "in"])),
        }
    }

    fn peek(&self) -> &Kind {
        self.ahead(0)
    }

    fn ahead(&self, by: usize) -> &Kind {
        // The last token is the end, and nothing reads beyond it.
        self.tokens
            .get(self.next + by)
            .map_or(&Kind::End, |token| &token.kind)
    }

    fn at(&self) -> usize {
        self.tokens
            .get(self.next)
            .or(self.tokens.last())
            .map_or(0, |token| token.at)
    }

    fn unexpected(&self, expected: &'static str, known: &[&'static str]) -> TextError {
        let (found, word) = match self.peek() {
            Kind::Word(word) => (format!("`{word}`"), Some(word.as_str())),
            Kind::Quoted(name) => (format!("\"{name}\""), None),
            Kind::Number(number) => (format!("`{number}`"), None),
            Kind::Percent(share) => (format!("`{share}` as a percentage"), None),
            Kind::Sign(sign) => (format!("`{sign}`"), None),
            Kind::End => ("the end".to_owned(), None),
        };
        let nearest = word
            .and_then(|word| nearest(word, known.iter().copied()))
            .map(str::to_owned);
        TextError::Unexpected {
            at: self.at(),
            expected,
            found,
            nearest,
        }
    }

    fn is_word(&self, by: usize, word: &str) -> bool {
        matches!(self.ahead(by), Kind::Word(found) if found == word)
    }

    fn is_sign(&self, by: usize, sign: &str) -> bool {
        matches!(self.ahead(by), Kind::Sign(found) if *found == sign)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(0, word);
        self.next += usize::from(found);
        found
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = self.is_sign(0, sign);
        self.next += usize::from(found);
        found
    }

    fn sign(&mut self, sign: &str, expected: &'static str) -> Result<(), TextError> {
        if self.take_sign(sign) {
            Ok(())
        } else {
            Err(self.unexpected(expected, &[]))
        }
    }

    /// Reads something one level deeper.
    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, TextError>,
    ) -> Result<T, TextError> {
        // Each level of the data takes a few levels of reading.
        const LIMIT: usize = 2 * Condition::MAX_DEPTH;
        if self.depth == LIMIT {
            return Err(TextError::TooDeep {
                at: self.at(),
                limit: LIMIT,
            });
        }
        self.depth += 1;
        let found = read(self);
        self.depth -= 1;
        found
    }

    fn any(&mut self) -> Result<Condition, TextError> {
        self.deeper(|parser| {
            let first = parser.all()?;
            if !parser.is_word(0, "or") {
                return Ok(first);
            }
            let mut list = vec![first];
            while parser.take_word("or") {
                list.push(parser.all()?);
            }
            Ok(Condition::Any(list))
        })
    }

    fn all(&mut self) -> Result<Condition, TextError> {
        let first = self.not()?;
        if !self.is_word(0, "and") {
            return Ok(first);
        }
        let mut list = vec![first];
        while self.take_word("and") {
            list.push(self.not()?);
        }
        Ok(Condition::All(list))
    }

    fn not(&mut self) -> Result<Condition, TextError> {
        if self.take_word("not") {
            return self.deeper(|parser| Ok(Condition::Not(Box::new(parser.not()?))));
        }
        self.lasting()
    }

    fn lasting(&mut self) -> Result<Condition, TextError> {
        let mut condition = self.single()?;
        let mut levels = 0;
        loop {
            // What is wrapped again and again nests as deeply as what is written in brackets.
            levels += 1;
            if levels > Condition::MAX_DEPTH {
                return Err(TextError::TooDeep {
                    at: self.at(),
                    limit: Condition::MAX_DEPTH,
                });
            }
            if self.take_word("for") {
                let span = self.span()?;
                condition = Condition::Consecutive(Consecutive {
                    span,
                    of: Box::new(condition),
                });
            } else if self.take_word("in") {
                let count = self.count()?;
                self.word("of")?;
                let span = self.span()?;
                condition = Condition::Within(Within {
                    count,
                    span,
                    of: Box::new(condition),
                });
            } else {
                return Ok(condition);
            }
        }
    }

    fn word(&mut self, word: &'static str) -> Result<(), TextError> {
        if self.take_word(word) {
            Ok(())
        } else {
            Err(self.unexpected(word, &[word]))
        }
    }

    fn single(&mut self) -> Result<Condition, TextError> {
        let called = self.is_sign(1, "(");
        let word = match self.peek() {
            Kind::Word(word) => word.clone(),
            Kind::Sign("(") if self.brackets_hold_a_condition() => {
                self.next += 1;
                let condition = self.any()?;
                self.sign(")", "`)`")?;
                return Ok(condition);
            }
            _ => return self.comparison(),
        };
        match word.as_str() {
            "true" if !called => {
                self.next += 1;
                Ok(Condition::All(Vec::new()))
            }
            "false" if !called => {
                self.next += 1;
                Ok(Condition::Any(Vec::new()))
            }
            "all" if called => Ok(Condition::All(vec![self.bracketed(Self::any)?])),
            "any" if called => Ok(Condition::Any(vec![self.bracketed(Self::any)?])),
            "at" => {
                self.next += 1;
                self.word("least")?;
                let count = u32::from(self.count()?);
                self.word("of")?;
                self.sign("(", "`(`")?;
                let of = self.list(Self::any)?;
                Ok(Condition::AtLeast(AtLeast { count, of }))
            }
            "missing" if called => {
                let of = self.bracketed(Self::column)?;
                Ok(Condition::State(StateTest {
                    of,
                    is: vec![State::NothingRecorded],
                }))
            }
            "state" if called => {
                let of = self.bracketed(Self::column)?;
                self.word("in")?;
                self.sign("(", "`(`")?;
                Ok(Condition::State(StateTest {
                    of,
                    is: self.list(Self::state)?,
                }))
            }
            "stale" if called => Ok(Condition::Stale(self.bracketed(Self::silence)?)),
            "control" if called => Ok(Condition::Control(self.bracketed(Self::control)?)),
            "late" if called => Ok(Condition::Late(self.bracketed(Self::silence)?)),
            "subject" => {
                self.next += 1;
                self.subject()
            }
            _ => self.comparison(),
        }
    }

    /// Says whether the brackets that open here are those of a condition: what follows them tells.
    fn brackets_hold_a_condition(&self) -> bool {
        let mut open = 0_usize;
        for (by, token) in self.tokens[self.next..].iter().enumerate() {
            match token.kind {
                Kind::Sign("(") => open += 1,
                Kind::Sign(")") => open = open.saturating_sub(1),
                _ => {}
            }
            if open == 0 {
                return match self.ahead(by + 1) {
                    Kind::Sign(sign) => matches!(*sign, ")" | "," | "("),
                    Kind::Word(word) => !matches!(word.as_str(), "between" | "rising" | "falling"),
                    Kind::Quoted(_) | Kind::Number(_) | Kind::Percent(_) | Kind::End => true,
                };
            }
        }
        true
    }

    fn subject(&mut self) -> Result<Condition, TextError> {
        let mut test = SubjectTest::default();
        let listed = self.is_word(0, "in") && self.is_sign(1, "(");
        if listed {
            self.next += 2;
            test.members = self.list(Self::name)?;
        }
        if self.is_word(0, "starting") {
            self.next += 1;
            self.sign("(", "`(`")?;
            test.starts_with = self.list(Self::name)?;
        } else if !listed {
            return Err(self.unexpected("`in (` or `starting (`", &["in", "starting"]));
        }
        Ok(Condition::Subject(test))
    }

    fn comparison(&mut self) -> Result<Condition, TextError> {
        let left = self.operand()?;
        if self.take_word("between") {
            let from = self.other(&left)?;
            self.word("and")?;
            let to = self.other(&left)?;
            return Ok(Condition::Between(Between { of: left, from, to }));
        }
        for (word, is) in [("rising", Way::Rising), ("falling", Way::Falling)] {
            if self.take_word(word) {
                self.word("for")?;
                let span = self.span()?;
                return Ok(Condition::Trend(Trend { of: left, is, span }));
            }
        }
        let is = match self.peek() {
            Kind::Sign("<") => Is::Below,
            Kind::Sign("<=") => Is::AtMost,
            Kind::Sign("=") => Is::Equal,
            Kind::Sign("!=") => Is::NotEqual,
            Kind::Sign(">=") => Is::AtLeast,
            Kind::Sign(">") => Is::Above,
            _ => {
                let known = ["between", "rising", "falling"];
                return Err(
                    self.unexpected("a comparison such as `<`, `between` or `falling`", &known)
                );
            }
        };
        self.next += 1;
        let right = self.other(&left)?;
        Ok(Condition::Compare(Comparison { left, is, right }))
    }

    /// Reads the other side of a comparison, where `pace` alone is that of the first side's metric.
    fn other(&mut self, left: &Operand) -> Result<Operand, TextError> {
        self.metric = first_metric(left);
        let found = self.operand();
        self.metric = None;
        found
    }

    fn operand(&mut self) -> Result<Operand, TextError> {
        let mut operand = self.quotient()?;
        let mut levels = 0;
        while self.take_sign("-") {
            levels += 1;
            if levels > Condition::MAX_DEPTH {
                return Err(TextError::TooDeep {
                    at: self.at(),
                    limit: Condition::MAX_DEPTH,
                });
            }
            let less = Box::new(self.quotient()?);
            operand = Operand::Difference(Difference {
                of: Box::new(operand),
                less,
            });
        }
        Ok(operand)
    }

    fn quotient(&mut self) -> Result<Operand, TextError> {
        let mut operand = self.factor()?;
        let mut levels = 0;
        while self.take_sign("/") {
            levels += 1;
            if levels > Condition::MAX_DEPTH {
                return Err(TextError::TooDeep {
                    at: self.at(),
                    limit: Condition::MAX_DEPTH,
                });
            }
            let to = Box::new(self.factor()?);
            operand = Operand::Ratio(Quotient {
                of: Box::new(operand),
                to,
            });
        }
        Ok(operand)
    }

    fn factor(&mut self) -> Result<Operand, TextError> {
        self.deeper(Self::factor_here)
    }

    fn factor_here(&mut self) -> Result<Operand, TextError> {
        let at = self.at();
        let negative = self.take_sign("-");
        match self.peek().clone() {
            Kind::Number(value) => {
                self.next += 1;
                self.number(signed(value, negative, at)?, None)
            }
            Kind::Percent(value) => {
                self.next += 1;
                self.number(signed(value, negative, at)?, Some(Unit::Share))
            }
            _ if negative => Err(self.unexpected("a number", &[])),
            Kind::Sign("(") => {
                self.next += 1;
                let operand = self.operand()?;
                self.sign(")", "`)`")?;
                Ok(operand)
            }
            Kind::Sign("$") => {
                self.next += 1;
                Ok(Operand::Parameter(self.parameter()?))
            }
            Kind::Word(word) if self.is_sign(1, "(") => self.call(&word),
            Kind::Word(word) if word == "pace" => {
                let metric = self.metric.clone().ok_or(TextError::WhosePace { at })?;
                self.next += 1;
                Ok(Operand::Pace(metric))
            }
            Kind::Word(_) | Kind::Quoted(_) => Ok(Operand::Metric(self.name()?)),
            Kind::Sign(_) | Kind::End => {
                Err(self.unexpected("a metric, a number or a function", &[]))
            }
        }
    }

    fn number(&mut self, value: Ratio, unit: Option<Unit>) -> Result<Operand, TextError> {
        if self.take_word("of") {
            let of = Box::new(self.factor()?);
            return Ok(Operand::Scaled(Scaled { factor: value, of }));
        }
        let unit = match unit {
            Some(unit) => Some(unit),
            None => self.unit()?,
        };
        Ok(Operand::Constant(Constant { value, unit }))
    }

    fn unit(&mut self) -> Result<Option<Unit>, TextError> {
        let is_unit = |word: &str| {
            word.contains(':') || matches!(word, "minute" | "hour" | "day" | "share" | "point")
        };
        let start = self.next;
        let mut text = match self.peek() {
            Kind::Quoted(text) => text.clone(),
            Kind::Word(word) if is_unit(word) => word.clone(),
            _ => return Ok(None),
        };
        self.next += 1;
        while self.is_word(0, "per") {
            let Kind::Word(word) = self.ahead(1) else {
                break;
            };
            text = format!("{text} per {word}");
            self.next += 2;
        }
        if let Ok(unit) = text.parse() {
            return Ok(Some(unit));
        }
        self.next = start;
        Err(self.unexpected("a unit such as money:EUR, count:visit or share", &[]))
    }

    fn call(&mut self, function: &str) -> Result<Operand, TextError> {
        const FUNCTIONS: [&str; 20] = [
            "target",
            "expected",
            "projected",
            "attainment",
            "pace",
            "gap",
            "previous",
            "last_year",
            "change",
            "mean",
            "rank",
            "percentile",
            "from_median",
            "score",
            "missing",
            "state",
            "stale",
            "late",
            "all",
            "control",
        ];
        let boxed = |operand| Box::new(operand);
        Ok(match function {
            "target" => Operand::Target(self.bracketed(Self::name)?),
            "expected" => Operand::Expected(self.bracketed(Self::name)?),
            "projected" => Operand::Projected(self.bracketed(Self::name)?),
            "attainment" => Operand::Attainment(self.bracketed(Self::name)?),
            "pace" => Operand::Pace(self.bracketed(Self::name)?),
            "gap" => Operand::Gap(self.bracketed(Self::name)?),
            "last_year" => Operand::LastYear(boxed(self.bracketed(Self::operand)?)),
            "rank" => Operand::Rank(boxed(self.bracketed(Self::operand)?)),
            "percentile" => Operand::Percentile(boxed(self.bracketed(Self::operand)?)),
            "from_median" => Operand::FromMedian(boxed(self.bracketed(Self::operand)?)),
            "score" => Operand::Score(boxed(self.bracketed(Self::operand)?)),
            "previous" => self.bracketed(|parser| {
                let of = boxed(parser.operand()?);
                let span = if parser.take_sign(",") {
                    parser.span()?
                } else {
                    Span::default()
                };
                Ok(Operand::Previous(Previous { of, span }))
            })?,
            "change" => self.bracketed(|parser| {
                let of = boxed(parser.operand()?);
                parser.sign(",", "`,`")?;
                Ok(Operand::Change(Change {
                    of,
                    against: boxed(parser.operand()?),
                }))
            })?,
            "mean" => self.bracketed(|parser| {
                let of = boxed(parser.operand()?);
                parser.sign(",", "`,`")?;
                let span = parser.span()?;
                let known = if parser.take_sign(",") {
                    Some(parser.count()?)
                } else {
                    None
                };
                Ok(Operand::TrailingMean(TrailingMean { of, span, known }))
            })?,
            _ => return Err(self.unexpected("a function", &FUNCTIONS)),
        })
    }

    /// Reads a function's name, which is known, and what stands in its brackets.
    fn bracketed<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, TextError>,
    ) -> Result<T, TextError> {
        self.next += 1;
        self.sign("(", "`(`")?;
        let found = read(self)?;
        self.sign(")", "`,` or `)`")?;
        Ok(found)
    }

    /// Reads a list up to its closing bracket.
    fn list<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, TextError>,
    ) -> Result<Vec<T>, TextError> {
        let mut list = Vec::new();
        if self.take_sign(")") {
            return Ok(list);
        }
        loop {
            list.push(read(self)?);
            if !self.take_sign(",") {
                self.sign(")", "`,` or `)`")?;
                return Ok(list);
            }
        }
    }

    /// Reads a parameter's name after its sign, where words of the language are names like any other.
    fn parameter(&mut self) -> Result<Key, TextError> {
        let at = self.at();
        let name = match self.peek() {
            Kind::Word(name) | Kind::Quoted(name) => name.clone(),
            _ => return Err(self.unexpected("a parameter's name", &[])),
        };
        self.next += 1;
        Key::new(name).map_err(|problem| TextError::Name { at, problem })
    }

    fn name(&mut self) -> Result<Key, TextError> {
        let at = self.at();
        let name = match self.peek() {
            Kind::Quoted(name) => name.clone(),
            Kind::Word(word) if !RESERVED.contains(&word.as_str()) && word != "any" => word.clone(),
            _ => {
                return Err(self.unexpected(
                    "a name; one that is a word of the language stands in quotes",
                    &[],
                ));
            }
        };
        self.next += 1;
        Key::new(name).map_err(|problem| TextError::Name { at, problem })
    }

    fn column(&mut self) -> Result<ColumnKey, TextError> {
        let roles = [
            ("target", Role::Target),
            ("expected", Role::Expected),
            ("projected", Role::Projected),
        ];
        for (word, role) in roles {
            if self.is_word(0, word) && self.is_sign(1, "(") {
                return Ok(ColumnKey {
                    metric: self.bracketed(Self::name)?,
                    role,
                });
            }
        }
        Ok(ColumnKey {
            metric: self.name()?,
            role: Role::Actual,
        })
    }

    fn state(&mut self) -> Result<State, TextError> {
        let known = State::ALL.map(state_word);
        match State::ALL
            .into_iter()
            .find(|state| self.is_word(0, state_word(*state)))
        {
            Some(state) => {
                self.next += 1;
                Ok(state)
            }
            None => Err(self.unexpected("a state", &known)),
        }
    }

    fn silence(&mut self) -> Result<Silence, TextError> {
        let of = self.column()?;
        let span = if self.take_sign(",") {
            self.span()?
        } else {
            Span::default()
        };
        Ok(Silence { of, span })
    }

    fn control(&mut self) -> Result<Control, TextError> {
        let of = self.operand()?;
        self.sign(",", "`,`")?;
        let baseline = if self.take_word("first") {
            Baseline::First(self.count()?)
        } else if self.take_word("around") {
            Baseline::Around(Around {
                centre: self.plain()?,
                sigma: self.plain()?,
            })
        } else {
            return Err(self.unexpected("`first` or `around`", &["first", "around"]));
        };
        self.sign(",", "`,`")?;
        let signal = self.signal()?;
        let side = if !self.take_sign(",") {
            Side::Either
        } else if self.take_word("high") {
            Side::High
        } else if self.take_word("low") {
            Side::Low
        } else {
            return Err(self.unexpected("`high` or `low`", &["high", "low"]));
        };
        Ok(Control {
            of,
            baseline,
            signal,
            side,
        })
    }

    fn signal(&mut self) -> Result<Signal, TextError> {
        const RUNS: [Run; 8] = [
            Run::BeyondThree,
            Run::TwoOfThree,
            Run::FourOfFive,
            Run::SixTrending,
            Run::FourteenAlternating,
            Run::FifteenWithin,
            Run::EightBeyondBoth,
            Run::EightBeyondAny,
        ];
        if self.take_word("one_side") {
            let points = self.count()?;
            return match u8::try_from(points) {
                Ok(points) => Ok(Signal::Run(Run::OneSide(points))),
                Err(_) => Err(self.unexpected("fewer than 256 points", &[])),
            };
        }
        if self.take_word("ewma") {
            return Ok(Signal::Ewma(Smoothing {
                lambda: self.plain()?,
                factor: self.plain()?,
            }));
        }
        if self.take_word("cusum") {
            return Ok(Signal::Cusum(Sums {
                allowance: self.plain()?,
                interval: self.plain()?,
            }));
        }
        if let Some(run) = RUNS.into_iter().find(|run| self.is_word(0, run_word(*run))) {
            self.next += 1;
            return Ok(Signal::Run(run));
        }
        let words = RUNS.map(run_word);
        let known: Vec<&'static str> = words
            .into_iter()
            .chain(["one_side", "ewma", "cusum"])
            .collect();
        Err(self.unexpected(
            "a signal such as `beyond_three`, `ewma 0.2 3` or `cusum 0.5 4`",
            &known,
        ))
    }

    /// Reads a number without a unit.
    fn plain(&mut self) -> Result<Ratio, TextError> {
        let at = self.at();
        let negative = self.take_sign("-");
        let Kind::Number(value) = *self.peek() else {
            return Err(self.unexpected("a number", &[]));
        };
        self.next += 1;
        signed(value, negative, at)
    }

    fn count(&mut self) -> Result<u16, TextError> {
        let count = match self.peek() {
            Kind::Number(value) if value.denominator() == 1 => {
                u16::try_from(value.numerator()).ok()
            }
            _ => None,
        };
        match count {
            Some(count) => {
                self.next += 1;
                Ok(count)
            }
            None => Err(self.unexpected("a whole number below 65536", &[])),
        }
    }

    fn span(&mut self) -> Result<Span, TextError> {
        const WORDS: [(&str, Option<Grain>); 14] = [
            ("period", None),
            ("periods", None),
            ("day", Some(Grain::Day)),
            ("days", Some(Grain::Day)),
            ("week", Some(Grain::Week)),
            ("weeks", Some(Grain::Week)),
            ("month", Some(Grain::Month)),
            ("months", Some(Grain::Month)),
            ("quarter", Some(Grain::Quarter)),
            ("quarters", Some(Grain::Quarter)),
            ("half", Some(Grain::Half)),
            ("halves", Some(Grain::Half)),
            ("year", Some(Grain::Year)),
            ("years", Some(Grain::Year)),
        ];
        let count = self.count()?;
        if let Some((_, grain)) = WORDS.into_iter().find(|(word, _)| self.is_word(0, word)) {
            self.next += 1;
            return Ok(Span { count, grain });
        }
        let known = WORDS.map(|(word, _)| word);
        let expected = "`periods`, `days`, `weeks`, `months`, `quarters`, `halves` or `years`";
        Err(self.unexpected(expected, &known))
    }
}

fn signed(value: Ratio, negative: bool, at: usize) -> Result<Ratio, TextError> {
    if !negative {
        return Ok(value);
    }
    Ratio::ZERO
        .checked_sub(value)
        .map_err(|_| TextError::Number {
            at,
            text: format!("-{value}"),
        })
}

fn first_metric(operand: &Operand) -> Option<Key> {
    match operand {
        Operand::Metric(metric)
        | Operand::Target(metric)
        | Operand::Expected(metric)
        | Operand::Projected(metric)
        | Operand::Attainment(metric)
        | Operand::Pace(metric)
        | Operand::Gap(metric) => Some(metric.clone()),
        other => {
            let mut found = None;
            other.children(|_, child| found = found.take().or_else(|| first_metric(child)));
            found
        }
    }
}
