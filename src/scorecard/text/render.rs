//! From an explanation to lines of text.

use super::{Phrase, Templates};
use crate::key::Key;
use crate::panel::Reason;
use crate::quantity::{Ratio, Rounding};
use crate::scorecard::explain::{Breakdown, GroupPart, InputPart, KpiPart, LimitPart};
use crate::scorecard::{Attainment, Consequences, Proposal, ScaleDef, ScorecardDef, Unknown};
use crate::text::{Digits, Texts, Word};

impl Templates {
    /// Returns an explanation as text, line by line. Titles come from the card's definition; shares and rates are
    /// percentages of three digits, other numbers are shown in full where they have at most six decimals, and otherwise rounded
    /// to four after `≈`.
    #[must_use]
    pub fn render(&self, explanation: &Breakdown, card: &ScorecardDef) -> String {
        let mut lines = Vec::new();
        let title = self.titled(&card.title, &card.key);
        lines.push(self.say(
            Phrase::Head,
            &[
                ("card", &title),
                ("subject", &explanation.subject),
                ("period", &explanation.period),
            ],
        ));
        for group in &explanation.groups {
            self.group(&mut lines, group, card);
        }
        for item in &explanation.items {
            let name = self.kpi_title(card, &item.key);
            lines.push(if item.unknown.is_some() {
                self.missing(&name, item)
            } else {
                let (input, points) = (self.inputs(item, card), self.number(item.points));
                self.say(
                    Phrase::Item,
                    &[("kpi", &name), ("input", &input), ("points", &points)],
                )
            });
        }
        for (phrase, limits) in [
            (Phrase::GateShut, &explanation.gates),
            (Phrase::VetoStrikes, &explanation.vetoes),
        ] {
            lines.extend(
                limits
                    .iter()
                    .filter(|limit| limit.limits)
                    .map(|limit| self.limit(phrase, limit, card)),
            );
        }
        let sum = [
            ("weighted", self.number(explanation.weighted)),
            ("bonus", shown(explanation.bonus)),
            ("deduction", shown(explanation.deduction)),
            ("rounded", self.number(explanation.rounded)),
        ];
        if !explanation.bonus.is_zero() || !explanation.deduction.is_zero() {
            lines.push(self.say(
                Phrase::Sum,
                &sum.each_ref().map(|(name, value)| (*name, value.as_str())),
            ));
        }
        lines.push(match (explanation.total, &explanation.grade) {
            (Ok(total), Some(grade)) => self.say(
                Phrase::Total,
                &[("total", &shown(total)), ("grade", grade.as_str())],
            ),
            (Ok(total), None) => self.say(Phrase::TotalPlain, &[("total", &shown(total))]),
            (Err(state), _) => self.say(Phrase::NoTotal, &[("reason", self.reason(state))]),
        });
        lines.join("\n")
    }

    fn group(&self, lines: &mut Vec<String>, group: &GroupPart, card: &ScorecardDef) {
        let def = card.groups.iter().find(|def| def.key == group.key);
        let name = match def {
            Some(def) => self.titled(&def.title, &group.key),
            None => group.key.to_string(),
        };
        let values = [
            self.number(group.points),
            self.percent(group.share),
            shown(group.contribution),
        ];
        let [points, share, contribution] = values.each_ref().map(String::as_str);
        let places = [
            ("group", name.as_str()),
            ("points", points),
            ("share", share),
            ("contribution", contribution),
        ];
        lines.push(self.say(Phrase::Group, &places));
        for kpi in &group.kpis {
            let name = self.kpi_title(card, &kpi.key);
            lines.push(if kpi.unknown.is_some() {
                self.missing(&name, kpi)
            } else {
                let (share, input, points) = (
                    self.percent(kpi.share),
                    self.inputs(kpi, card),
                    self.number(kpi.points),
                );
                self.say(
                    Phrase::Kpi,
                    &[
                        ("kpi", &name),
                        ("share", &share),
                        ("input", &input),
                        ("points", &points),
                    ],
                )
            });
        }
    }

    fn missing(&self, name: &str, kpi: &KpiPart) -> String {
        let missing = kpi.inputs.iter().find_map(|input| input.attained.err());
        let reason = self.reason(missing.unwrap_or(Reason::OutOfRange));
        let policy = self.word(Phrase::of_policy(
            kpi.unknown.unwrap_or(Unknown::Redistribute),
        ));
        let points = kpi.points.ok().map_or_else(|| "-".to_owned(), shown);
        self.say(
            Phrase::KpiMissing,
            &[
                ("kpi", name),
                ("reason", reason),
                ("policy", policy),
                ("points", &points),
            ],
        )
    }

    fn limit(&self, phrase: Phrase, limit: &LimitPart, card: &ScorecardDef) -> String {
        let gates = card.gates.iter().map(|gate| (&gate.key, &gate.title));
        let mut all = gates.chain(card.vetoes.iter().map(|veto| (&veto.key, &veto.title)));
        let title = all
            .find(|(key, _)| **key == limit.key)
            .map(|(_, title)| title);
        self.say(
            phrase,
            &[
                (
                    "name",
                    &title.map_or_else(
                        || limit.key.to_string(),
                        |title| self.titled(title, &limit.key),
                    ),
                ),
                ("found", &self.number(limit.found)),
            ],
        )
    }

    fn inputs(&self, kpi: &KpiPart, card: &ScorecardDef) -> String {
        let def = card
            .kpis()
            .map(|(_, def)| def)
            .find(|def| def.key == kpi.key);
        let is_share = |index: usize| {
            let input = def.and_then(|def| match (index, &def.scale) {
                (0, _) => Some(&def.input),
                (_, ScaleDef::Grid { second, .. }) => Some(second),
                (_, ScaleDef::Curve(_)) => None,
            });
            input.is_some_and(|input| match input.attainment {
                Attainment::Rate
                | Attainment::Inverse
                | Attainment::Growth
                | Attainment::Progress => true,
                Attainment::Value | Attainment::Difference => false,
            })
        };
        let one = |(index, input): (usize, &InputPart)| {
            let actual = self.number(input.readings.actual);
            let Some(target) = input.readings.target else {
                return self.say(Phrase::Plain, &[("actual", &actual)]);
            };
            let target = self.number(target);
            let attained = match input.attained {
                Ok(value) if is_share(index) => self.percent(value),
                other => self.number(other),
            };
            let of = |reading: Option<Result<Ratio, Reason>>| {
                reading.map(|reading| self.number(reading))
            };
            let share = input.readings.prorated.map(|share| match share {
                Ok(share) => self.percent(share),
                other => self.number(other),
            });
            let mut places = vec![
                ("actual", actual.as_str()),
                ("target", &target),
                ("attained", &attained),
            ];
            if let Some(baseline) = of(input.readings.baseline) {
                let target = share.map_or(target.clone(), |share| format!("{target} × {share}"));
                places[1].1 = &target;
                places.push(("baseline", &baseline));
                return self.say(Phrase::Progressed, &places);
            }
            match &share {
                None => self.say(Phrase::Compared, &places),
                Some(share) => {
                    places.push(("share", share));
                    self.say(Phrase::Prorated, &places)
                }
            }
        };
        let all: Vec<String> = kpi.inputs.iter().enumerate().map(one).collect();
        all.join(self.locale.word(Word::PartMark))
    }

    fn number(&self, reading: Result<Ratio, Reason>) -> String {
        match reading {
            Ok(value) => shown(value),
            Err(state) => self.reason(state).to_owned(),
        }
    }

    fn word(&self, phrase: Phrase) -> &str {
        self.phrases.text(phrase)
    }

    /// Returns why there is no number, in the words that all rooms share.
    fn reason(&self, reason: Reason) -> &str {
        self.locale.word(reason.into())
    }

    /// Returns a share as a percentage.
    pub(super) fn percent(&self, share: Ratio) -> String {
        self.locale
            .percent(share, Digits::Rounded)
            .unwrap_or_else(|| shown(share))
    }

    /// Returns a proposed consequence as a sentence: the message of its rule in this language where it has one, else
    /// [`Phrase::Proposed`].
    #[must_use]
    pub fn proposal(&self, proposal: &Proposal, rules: &Consequences) -> String {
        let rule = rules.rules().iter().find(|rule| rule.key == proposal.rule);
        let consequence = rule.map_or_else(
            || proposal.rule.to_string(),
            |rule| self.titled(&rule.title, &rule.key),
        );
        let now = proposal.evidence.iter();
        let now = now.filter(|grounds| grounds.period == proposal.period);
        let found: Vec<String> = now
            .map(|grounds| format!("{} {}", grounds.of, self.number(grounds.found)))
            .collect();
        let own = rule
            .and_then(|rule| rule.message.find(self.locale.lang()))
            .and_then(|text| {
                self.phrases
                    .clone()
                    .with(Phrase::Proposed, text.as_str())
                    .ok()
            });
        let words = own.as_ref().unwrap_or(&self.phrases);
        words.say(
            Phrase::Proposed,
            &[
                ("consequence", &consequence),
                ("subject", &proposal.subject),
                ("period", &proposal.period),
                ("due", &proposal.due.to_string()),
                ("by", proposal.by.as_ref().map_or("", Key::as_str)),
                ("found", &self.list(&found)),
            ],
        )
    }

    /// Returns a title in the language of the phrases; the key where there is none.
    fn titled(&self, title: &Texts, key: &Key) -> String {
        let text = title.find(self.locale.lang());
        text.map_or_else(|| key.to_string(), Clone::clone)
    }

    pub(super) fn kpi_title(&self, card: &ScorecardDef, key: &Key) -> String {
        let def = card.kpis().map(|(_, kpi)| kpi).find(|kpi| kpi.key == *key);
        def.map_or_else(|| key.to_string(), |def| self.titled(&def.title, key))
    }

    /// Returns names as a list.
    pub(super) fn list(&self, names: &[String]) -> String {
        names.join(self.locale.word(Word::ListMark))
    }

    /// Puts values in the places of a phrase, in one pass: what is put in is not looked into again.
    pub(super) fn say(&self, phrase: Phrase, values: &[(&str, &str)]) -> String {
        self.phrases.say(phrase, values)
    }
}

pub(super) fn shown(value: Ratio) -> String {
    match value.exact_decimal().map(|decimal| decimal.normalize()) {
        Some(decimal) if decimal.scale() <= 6 => decimal.to_string(),
        _ => match value.to_decimal(4, Rounding::HalfAwayFromZero) {
            Ok(decimal) => format!("≈ {}", decimal.normalize()),
            Err(_) => value.to_string(),
        },
    }
}
