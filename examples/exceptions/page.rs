//! Alerts as a page: what, of whom, since when, the numbers compared, whose part it is, and what to do next.

use quotaflow::Error;
use std::collections::{BTreeMap, BTreeSet};

use crate::table::grouped;
use crate::world::Parts;
use chrono::NaiveDate;
use quotaflow::calendar::PeriodId;
use quotaflow::catalog::packs::{Pack, Symptom, Watch};
use quotaflow::key::Key;
use quotaflow::measure::Unit;
use quotaflow::panel::{Column, Figures, Panel};
use quotaflow::quantity::{Ratio, Rounding};
use quotaflow::rule::{
    Alert, Evaluated, Explanation, Operand, RuleError, RuleSet, Severity, Truth,
};
use quotaflow::text::{Lang, Locale};

/// The rules over one panel.
pub struct Sheet {
    pub watch: Watch,
    pub panel: Panel,
    /// The same figures one level deeper.
    pub parts: Option<Parts>,
    pub rules: RuleSet,
    pub left_out: Vec<RuleError>,
}

/// All alerts of a month.
pub struct Page<'a> {
    packs: &'a [Pack],
    sheets: &'a [Sheet],
    month: PeriodId,
    alerts: Vec<(&'a Sheet, Symptom, Alert)>,
}

impl<'a> Page<'a> {
    pub fn new(packs: &'a [Pack], sheets: &'a [Sheet], month: PeriodId) -> Result<Self, Error> {
        let mut alerts = Vec::new();
        for sheet in sheets {
            for alert in sheet.rules.evaluate(&sheet.panel, month)? {
                let pack = packs
                    .iter()
                    .find(|pack| pack.note(alert.rule().as_str()).is_some());
                let symptom = pack.ok_or("every rule has a pack")?.symptom();
                alerts.push((sheet, symptom, alert));
            }
        }
        // The gravest first, then by symptom; what is good comes last.
        alerts.sort_by_key(|(_, symptom, alert)| {
            let good = *symptom == Symptom::MarketOpportunity;
            (good, std::cmp::Reverse(alert.severity()), *symptom)
        });
        Ok(Self {
            packs,
            sheets,
            month,
            alerts,
        })
    }

    pub fn len(&self) -> usize {
        self.alerts.len()
    }

    /// How many alerts are as grave as this or graver.
    pub fn count(&self, least: Severity) -> usize {
        let grave = |(_, _, alert): &&(_, _, Alert)| alert.severity() >= least;
        self.alerts.iter().filter(grave).count()
    }

    pub fn symptoms(&self) -> BTreeSet<Symptom> {
        self.alerts.iter().map(|(_, symptom, _)| *symptom).collect()
    }

    pub fn has(&self, rule: &str, subject: &str) -> bool {
        self.alerts.iter().any(|(sheet, _, alert)| {
            let members = sheet.panel.subjects().members(alert.subject());
            alert.rule() == rule && members.iter().any(|member| member == subject)
        })
    }

    pub fn print(&self, as_of: NaiveDate) -> Result<(), Error> {
        let label = self
            .sheets
            .first()
            .and_then(|sheet| sheet.panel.periods().label(self.month));
        println!(
            "Exceptions of {}, seen on {as_of}\n",
            label.map_or("", Key::as_str)
        );
        for sheet in self.sheets {
            println!(
                "  {:<3} rules over {:>2} subjects ({:?}), {} left out",
                sheet.rules.len(),
                sheet.panel.subjects().len(),
                sheet.watch,
                sheet.left_out.len(),
            );
        }
        let (mut part, mut seen) = (None, BTreeMap::new());
        for (sheet, symptom, alert) in &self.alerts {
            let heading = match symptom {
                Symptom::MarketOpportunity => "OPPORTUNITIES 机会".to_owned(),
                _ => format!(
                    "{} {}",
                    alert.severity().name(&Locale::EN).to_uppercase(),
                    alert.severity().name(&Locale::ZH)
                ),
            };
            if part.as_ref() != Some(&heading) {
                println!("\n{heading}");
                part = Some(heading);
            }
            // Of a rule that is told of many, the first three in full.
            let told = seen.entry(alert.rule().as_str()).or_insert(0);
            *told += 1;
            if *told <= 3 {
                self.alert(sheet, *symptom, alert)?;
            } else {
                let why = alert.explain(&sheet.rules, &sheet.panel)?;
                println!("       also     {}", why.message(&Locale::EN));
            }
        }
        println!("\nNot asked, since nothing here records what they read:");
        for error in self.sheets.iter().flat_map(|sheet| &sheet.left_out) {
            println!("  {error}");
        }
        Ok(())
    }

    fn alert(&self, sheet: &Sheet, symptom: Symptom, alert: &Alert) -> Result<(), Error> {
        let why = alert.explain(&sheet.rules, &sheet.panel)?;
        let since = why.since().map_or("", Key::as_str);
        let owner = why.rule().owner.as_ref().map_or("", Key::as_str);
        println!("\n  [{}] {}", symptom.key(), why.message(&Locale::EN));
        println!("       {}", why.message(&Locale::ZH));
        println!(
            "       rule     {} ({})",
            alert.rule(),
            why.rule().title.get(Lang::EN)
        );
        println!("       since    {since}");
        for line in self.compared(sheet, &why) {
            println!("       compared {line}");
        }
        if let Some(line) = self.parts(sheet, alert, &why)? {
            println!("       from     {line}");
        }
        let pack = self.packs.iter().find(|pack| pack.symptom() == symptom);
        if let Some(note) = pack.and_then(|pack| pack.note(alert.rule().as_str())) {
            println!("       because  {}", note.reason.get(Lang::EN));
        }
        if let Some(action) = why.action(&Locale::EN) {
            println!("       next     {owner}: {action}");
        }
        Ok(())
    }

    /// The three largest parts of the first figure that was looked at, where it adds up.
    fn parts(
        &self,
        sheet: &Sheet,
        alert: &Alert,
        why: &Explanation<'_>,
    ) -> Result<Option<String>, Error> {
        let Some(parts) = &sheet.parts else {
            return Ok(None);
        };
        let mut column: Option<&Column> = None;
        why.evidence().comparisons(&mut |left, _, right, _| {
            for input in left.inputs.iter().chain(&right.inputs) {
                let adds_up = parts.panel.find(input.column).filter(|column| {
                    matches!(column.figures(), Figures::Amounts { .. })
                        && *column.unit() != Unit::Day
                });
                column = column.or(adds_up);
            }
        });
        let Some(column) = column else {
            return Ok(None);
        };
        let mut found = Vec::new();
        for subject in parts.rows.children(alert.subject()) {
            let value = parts
                .panel
                .answer(column.key(), subject, self.month)?
                .ratio()
                .ok();
            if let (Some(value), Some(name)) =
                (value, parts.panel.subjects().members(subject).last())
                && value > Ratio::ZERO
            {
                found.push((value, name));
            }
        }
        found.sort_by(|left, right| right.cmp(left).then(left.1.cmp(right.1)));
        let shown: Vec<String> = found
            .iter()
            .take(3)
            .map(|(value, name)| format!("{name} {}", figure(*value, column.unit())))
            .collect();
        if shown.is_empty() {
            return Ok(None);
        }
        let others = match found.len() - shown.len() {
            0 => String::new(),
            others => format!(", and {others} more"),
        };
        Ok(Some(format!(
            "{}: {}{others}",
            column.key(),
            shown.join(", ")
        )))
    }

    /// What was compared and held, with the numbers. A figure of another month says of which.
    fn compared(&self, sheet: &Sheet, why: &Explanation<'_>) -> Vec<String> {
        let side = |side: &Evaluated<'_>| {
            let value = why.shown(side, &Locale::EN);
            let now = sheet.panel.periods().label(self.month);
            let earlier = match (side.operand, side.inputs.as_slice()) {
                (Operand::Metric(_), [input]) if Some(input.period) != now => Some(input.period),
                _ => None,
            };
            match (side.operand, earlier) {
                (Operand::Constant(_), _) => value,
                (operand, Some(month)) => format!("{operand} of {month} = {value}"),
                (operand, None) => format!("{operand} = {value}"),
            }
        };
        let mut lines = Vec::new();
        why.evidence().comparisons(&mut |left, is, right, truth| {
            if truth == Truth::True {
                lines.push(format!("{} {} {}", side(left), is.sign(), side(right)));
            }
        });
        lines
    }
}

/// A figure in its unit: money with its currency.
fn figure(value: Ratio, unit: &Unit) -> String {
    let places = |places| {
        let rounded = value.to_decimal(places, Rounding::HalfAwayFromZero);
        rounded.map_or_else(|_| value.to_string(), |value| value.to_string())
    };
    match unit {
        Unit::Money(currency) => format!("{currency} {}", grouped(&places(2))),
        _ => grouped(&places(0)),
    }
}
