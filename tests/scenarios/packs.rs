//! Every ready rule, from records through figures to the alert: where it fires and where it does not.

mod cases;
mod company;
mod solved;

use std::collections::{BTreeMap, BTreeSet};

use quotaflow::catalog::PackError;
use quotaflow::catalog::metrics;
use quotaflow::catalog::packs::{self, READ, Symptom, Watch, figures};
use quotaflow::key::Key;
use quotaflow::panel::ColumnKey;
use quotaflow::rule::{Exemption, RuleError, RuleSet, check};
use quotaflow::text::{Lang, Locale};

use self::company::{Case, Company};

fn rules() -> BTreeSet<String> {
    let packs = packs::all().unwrap();
    let all = packs.iter().flat_map(|pack| &pack.rules().rules);
    all.map(|rule| rule.key.to_string()).collect()
}

#[test]
fn every_ready_rule_fires_where_something_is_wrong_and_only_there() {
    let (mut shown, mut wrongly) = (BTreeSet::new(), Vec::new());
    for case in cases::all() {
        let Case { rule, wrong, .. } = case;
        let found = Company::of(&case).alerts(&case);
        let raised = found.get(rule).cloned().unwrap_or_default();
        if raised != [wrong] {
            wrongly.push((rule, raised));
        }
        assert!(shown.insert(rule.to_owned()), "{rule} is shown twice");
    }
    assert_eq!(wrongly, []);
    assert_eq!(shown, rules());
}

#[test]
fn every_ready_rule_is_silent_where_nothing_is_recorded() {
    for watch in [Watch::Dealer, Watch::Person, Watch::Team] {
        let case = Case::new("none", watch, "-");
        let found = Company::of(&case).alerts(&case);
        // What is missing is itself what these are about.
        let rules: Vec<&str> = found.keys().map(String::as_str).collect();
        let told = match watch {
            Watch::Team => &["no_market_information", "no_recent_training"][..],
            Watch::Person => &["no_recent_records", "no_sales_target", "not_assessed"],
            _ => &["never_ordered"],
        };
        assert_eq!(rules, told, "{watch:?}");
    }
}

/// Opposites, of which a subject can have one at most: what rises does not fall.
const OPPOSITES: [(&str, &str); 11] = [
    // Several orders, and a single one.
    ("no_recent_order", "single_order"),
    ("dealer_sales_decline", "single_order"),
    // One, and none.
    ("single_order", "never_ordered"),
    ("share_of_wallet_decline", "share_of_wallet_growth"),
    ("no_sales_target", "far_ahead_of_pace"),
    ("sales_decline", "growth_beyond_season"),
    ("high_stock_cover", "low_stock_rising_sell_out"),
    ("unrealistic_target", "target_too_low"),
    // Somebody on duty, and somebody who left.
    ("untrained_on_duty", "leaver_customer_loss"),
    ("untrained_on_duty", "leaver_receivables"),
    ("untrained_on_duty", "leaver_handover_open"),
];

#[test]
fn the_checker_finds_nothing_in_the_packs_but_opposites() {
    for watch in Watch::ALL {
        let rules = packs::watching(watch).unwrap();
        for finding in check::check(&rules, &BTreeMap::new()) {
            let check::Anomaly::Contradict { rule, other, .. } = &finding else {
                panic!("{finding:?}");
            };
            let pair = (rule.as_str(), other.as_str());
            assert!(OPPOSITES.contains(&pair), "{finding:?}");
        }
    }
}

#[test]
fn every_column_that_a_rule_reads_is_a_figure_or_listed() {
    let mut known: BTreeSet<String> = READ.iter().map(|each| each.column.to_owned()).collect();
    for figure in figures::all().unwrap() {
        assert!(known.insert(figure.key.to_string()), "{}", figure.key);
    }
    let mut read = BTreeSet::new();
    for watch in [Watch::Dealer, Watch::Person, Watch::Team, Watch::Initiative] {
        let case = Case::new("none", watch, "-");
        let rules = packs::watching(watch).unwrap();
        let set = RuleSet::compile(rules, &Company::of(&case).panel(&case)).unwrap();
        read.extend(set.columns().map(ToString::to_string));
    }
    let unread: Vec<&String> = known.difference(&read).collect();
    assert_eq!(
        read.difference(&known).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
    // `visits` and the like stand for themselves; whatever is defined is read.
    assert_eq!(unread, Vec::<&String>::new());
}

/// Two that the packs take of whole orders, where the ready metrics look at their lines.
const OF_WHOLE_ORDERS: [&str; 2] = ["discount_depth", "margin_rate"];

#[test]
fn a_figure_with_the_name_of_a_ready_metric_is_that_metric_of_dealers() {
    let mut shared = 0;
    for figure in figures::all().unwrap() {
        let Ok(entry) = metrics::find(figure.key.as_str()) else {
            continue;
        };
        shared += 1;
        assert_eq!(entry.definition.direction, figure.direction);
        if OF_WHOLE_ORDERS.contains(&figure.key.as_str()) {
            continue;
        }
        let ready = serde_json::to_string(&entry.definition.formula).unwrap();
        let ours = serde_json::to_string(&figure.formula).unwrap();
        let of_dealers = ready.replace(r#""dimension":"customer""#, r#""dimension":"dealer""#);
        assert_eq!(ours, of_dealers, "{}", figure.key);
    }
    assert!(shared > 15, "{shared}");
}

#[test]
fn every_rule_says_what_it_needs_why_and_what_to_do_in_both_languages() {
    for pack in packs::all().unwrap() {
        assert!(pack.rules().release >= 1);
        for rule in &pack.rules().rules {
            let note = pack.note(rule.key.as_str()).unwrap();
            assert!(!note.records.is_empty(), "{}", rule.key);
            for text in [&rule.title, &rule.message, &rule.action, &note.reason] {
                assert!(text.langs().eq([Lang::EN, Lang::ZH]), "{}", rule.key);
                assert_ne!(text.get(Lang::EN), text.get(Lang::ZH), "{}", rule.key);
            }
            assert!(
                rule.message.get(Lang::EN).contains("{subject}"),
                "{}",
                rule.key
            );
            assert!(
                rule.message.get(Lang::ZH).contains("{subject}"),
                "{}",
                rule.key
            );
            assert!(rule.owner.is_some(), "{}", rule.key);
            assert_eq!(rule.tags[0], pack.symptom().key());
        }
    }
}

#[test]
fn a_pack_is_a_document_that_reads_back() {
    for pack in packs::all().unwrap() {
        let text = serde_json::to_string(pack.rules()).unwrap();
        let back: quotaflow::rule::RulePack = serde_json::from_str(&text).unwrap();
        assert_eq!(back, *pack.rules());
    }
}

#[test]
fn a_host_sets_a_threshold_without_copying_the_pack() {
    let dealers = packs::of(Symptom::DealerMotivation).unwrap();
    let case = cases::all()
        .into_iter()
        .find(|case| case.rule == "no_recent_order")
        .unwrap();
    let company = Company::of(&case);
    let panel = company.panel(&case);
    let raised = |pack: &packs::Pack| {
        let rules = RuleSet::compile(pack.watching(Watch::Dealer).cloned(), &panel).unwrap();
        let alerts = rules.evaluate(&panel, panel.periods().find("2026-06").unwrap());
        let alerts = alerts.unwrap();
        alerts.iter().any(|alert| alert.rule() == "no_recent_order")
    };
    assert!(raised(&dealers));
    let patient = dealers
        .clone()
        .set_number("no_recent_order", "days", "120 day")
        .unwrap();
    assert!(!raised(&patient));

    let slip = dealers.clone().set_number("no_recent_order", "day", "60");
    assert_eq!(
        slip.unwrap_err().to_string(),
        "rule `no_recent_order`, parameters: the rule has no parameter `day`; did you mean `days`?"
    );
    let words = dealers.set_number("no_recent_order", "days", "sales");
    assert!(matches!(words, Err(PackError::NotANumber { .. })));
}

#[test]
fn a_hosts_thresholds_name_their_release_and_live_on_in_the_next() {
    let dealers = packs::of(Symptom::DealerMotivation).unwrap();
    let number = |text: &str| quotaflow::rule::Constant {
        value: text.parse().unwrap(),
        unit: None,
    };
    let values = |rule: &str, parameter: &str| {
        BTreeMap::from([(
            rule.try_into().unwrap(),
            BTreeMap::from([(parameter.try_into().unwrap(), number("60"))]),
        )])
    };
    let kept = dealers
        .overrides(&values("no_recent_order", "days"))
        .unwrap();
    assert_eq!((kept.pack.as_str(), kept.release), ("dealer_motivation", 1));
    let number = &kept.numbers["no_recent_order"]["days"];
    // The number takes the unit of the one that it stands for.
    assert_eq!(
        serde_json::to_string(number).unwrap(),
        r#"{"set":{"value":"60","unit":"day"},"shipped":{"value":"45","unit":"day"}}"#
    );
    let (set, findings) = dealers.clone().apply(&kept).unwrap();
    assert_eq!(findings, []);
    let expected = dealers
        .clone()
        .set_number("no_recent_order", "days", "60 day");
    assert_eq!(set, expected.unwrap());

    // A later release: the number is kept, what is no longer there is said, and so is what changed under it.
    let mut next = dealers.rules().clone();
    next.release = 2;
    let rule = &mut next.rules[0];
    rule.parameters.get_mut("days").unwrap().value = 50.into();
    let mut old = kept.clone();
    let days = old.numbers["no_recent_order"]["days"].clone();
    old.numbers.insert(
        "dropped".try_into().unwrap(),
        BTreeMap::from([("days".try_into().unwrap(), days)]),
    );
    let (set, findings) = next.apply(&old).unwrap();
    assert_eq!(set.rules[0].parameters["days"].value, 60.into());
    assert_eq!(
        serde_json::to_string(&findings).unwrap(),
        concat!(
            r#"[{"other_release":{"pack":"dealer_motivation","made_for":1,"release":2}},"#,
            r#"{"gone":{"rule":"dropped","parameter":"days"}},"#,
            r#"{"other_number":{"rule":"no_recent_order","parameter":"days","made_for":{"value":"45","unit":"day"},"shipped":{"value":"50","unit":"day"}}}]"#
        )
    );
    // In the release that they were made for, a name that is not there is a slip.
    let error = dealers.clone().apply(&old).unwrap_err().to_string();
    assert!(
        error.starts_with("there is no rule `dropped`; known: "),
        "{error}"
    );
    assert!(
        dealers
            .overrides(&values("no_recent_orde", "days"))
            .is_err()
    );
    let others = packs::of(Symptom::Receivables).unwrap();
    assert_eq!(
        others.apply(&kept).unwrap_err().to_string(),
        "numbers for the pack `dealer_motivation` are given to the pack `receivables`"
    );
}

#[test]
fn who_is_let_off_is_let_off_by_the_rules_of_that_panel_alone() {
    let exemption = Exemption {
        subject: "dx".try_into().unwrap(),
        reason: "closed in May".to_owned(),
        until: None,
    };
    for pack in packs::all().unwrap() {
        let pack = pack.letting_off(Watch::Dealer, &exemption);
        for rule in &pack.rules().rules {
            let dealer = pack.note(rule.key.as_str()).unwrap().watch == Watch::Dealer;
            assert_eq!(rule.scope.except.len(), usize::from(dealer), "{}", rule.key);
        }
    }
}

#[test]
fn what_a_company_does_not_record_is_left_out_and_named() {
    let case = Case::new("none", Watch::Dealer, "-");
    let company = Company::of(&case);
    let mut panel = company.panel(&case);
    let keep = |key: &ColumnKey| ["sales", "order_interval"].contains(&key.metric.as_str());
    let mut few = quotaflow::panel::Panel::new(panel.subjects().clone(), panel.periods().clone());
    for column in panel.columns() {
        if keep(column.key()) {
            few.add(column.clone()).unwrap();
        }
    }
    std::mem::swap(&mut panel, &mut few);
    let (kept, left_out) =
        RuleSet::fitting(packs::watching(Watch::Dealer).unwrap(), &panel).unwrap();
    let kept: Vec<&Key> = kept.rules().map(|rule| &rule.key).collect();
    assert_eq!(kept, ["dealer_sales_decline"]);
    assert!(
        left_out
            .iter()
            .all(|error| matches!(error, RuleError::In { .. }))
    );
}

#[test]
fn an_alert_of_a_pack_explains_itself_in_both_languages() {
    let case = cases::all()
        .into_iter()
        .find(|case| case.rule == "overdue_and_over_limit")
        .unwrap();
    let panel = Company::of(&case).panel(&case);
    let rules = RuleSet::compile(packs::watching(Watch::Dealer).unwrap(), &panel).unwrap();
    let june = panel.periods().find("2026-06").unwrap();
    let alerts = rules.evaluate(&panel, june).unwrap();
    let alert = alerts
        .iter()
        .find(|alert| alert.rule() == "overdue_and_over_limit")
        .unwrap();
    let why = alert.explain(&rules, &panel).unwrap();
    assert_eq!(
        why.message(&Locale::EN),
        "dx owes CNY 150 against a limit of CNY 100; CNY 150 is overdue"
    );
    assert_eq!(
        why.message(&Locale::ZH),
        "dx 欠款 150 元，信用额度 100 元，其中逾期 150 元"
    );
    assert_eq!(why.since().unwrap(), "2026-05");
}
