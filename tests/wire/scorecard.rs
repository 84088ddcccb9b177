//! The written forms of cards and of explanations.

use crate::at::{PeriodAt, RowAt};
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::measure::Unit;
use quotaflow::panel::{Column, ColumnKey, Panel};
use quotaflow::pay::{Draw, PayPlan};
use quotaflow::quantity::Quantum;
use quotaflow::scorecard::{
    Breakdown, Consequences, ForcedDistribution, Phrase, Scorecard, ScorecardDef, Templates,
};
use quotaflow::space::Subjects;
use quotaflow::text::Locale;

const CARD: &str = r#"{
  "version": 1,
  "key": "salesperson",
  "title": "Salesperson",
  "groups": [
    {
      "key": "results",
      "weight": "0.7",
      "kpis": [
        {
          "key": "sales",
          "weight": "1",
          "input": {
            "metric": "sales",
            "attainment": "rate",
            "target": "plan",
            "window": "latest",
            "precision": {
              "places": 4,
              "rounding": "half_away_from_zero"
            }
          },
          "scale": {
            "curve": {
              "shape": {
                "knots": {
                  "knots": [
                    {
                      "at": "0.6",
                      "points": "0"
                    },
                    {
                      "at": "1",
                      "points": "100"
                    }
                  ],
                  "below": "flat",
                  "above": "extend"
                }
              },
              "cap": "120"
            }
          },
          "precision": {
            "places": 4,
            "rounding": "half_away_from_zero"
          },
          "unknown": {
            "no_base": "redistribute",
            "nothing_recorded": "zero",
            "not_applicable": {
              "points": "60"
            },
            "not_yet_due": "previous",
            "out_of_range": "unscored"
          },
          "lights": [
            {
              "range": "(.., 0.9)",
              "gives": "red"
            },
            {
              "range": "[0.9, ..)",
              "gives": "green"
            }
          ]
        }
      ]
    },
    {
      "key": "actions",
      "weight": "0.3",
      "kpis": [
        {
          "key": "reports",
          "weight": "1",
          "input": {
            "metric": "late reports",
            "attainment": "value",
            "window": {
              "last": 2
            }
          },
          "scale": {
            "curve": {
              "shape": {
                "per_unit": {
                  "base": "100",
                  "from": "0",
                  "every": "1",
                  "above": "-10",
                  "below": "0",
                  "part": "nothing"
                }
              },
              "floor": "0"
            }
          },
          "precision": {
            "places": 4,
            "rounding": "half_away_from_zero"
          },
          "unknown": {
            "no_base": "redistribute",
            "nothing_recorded": "zero",
            "not_applicable": "redistribute",
            "not_yet_due": "redistribute",
            "out_of_range": "unscored"
          }
        }
      ]
    }
  ],
  "vetoes": [
    {
      "key": "private rebate",
      "when": {
        "of": {
          "figure": "rebates taken"
        },
        "within": "(0, ..)",
        "unknown": "fails"
      },
      "at_most": "0"
    }
  ],
  "precision": {
    "places": 2,
    "rounding": "half_away_from_zero"
  },
  "neutral": "100",
  "grades": [
    {
      "range": "(.., 80)",
      "gives": "B"
    },
    {
      "range": "[80, ..)",
      "gives": "A"
    }
  ],
  "ties": "best"
}"#;

fn panel() -> Panel {
    let month = Calendar::gregorian().periods(
        Grain::Month,
        "2026-01-01".parse().unwrap(),
        "2026-02-01".parse().unwrap(),
    );
    let mut panel = Panel::new(Subjects::whole(), month.unwrap());
    for (key, value) in [
        ("sales", 95),
        ("target:sales", 100),
        ("late reports", 1),
        ("rebates taken", 0),
    ] {
        let key: ColumnKey = key.parse().unwrap();
        panel
            .add(Column::amounts(key, Unit::Point, Quantum::ONE, vec![value]))
            .unwrap();
    }
    panel
}

#[test]
fn a_card_reads_back_byte_by_byte() {
    let card: Scorecard = serde_json::from_str(CARD).unwrap();
    assert_eq!(serde_json::to_string_pretty(&card).unwrap(), CARD);
    for field in [
        "groups", "kpis", "input", "scale", "vetoes", "neutral", "range",
    ] {
        let wrong = CARD.replacen(&format!("\"{field}\""), &format!("\"{field}s\""), 1);
        assert!(
            serde_json::from_str::<Scorecard>(&wrong).is_err(),
            "{field}"
        );
    }
    let newer = CARD.replacen("\"version\": 1", "\"version\": 9", 1);
    assert!(
        serde_json::from_str::<Scorecard>(&newer)
            .unwrap_err()
            .to_string()
            .contains("version 9")
    );
}

#[test]
fn errors_of_a_document_name_the_place() {
    let broken = |from: &str, to: &str| {
        let text = CARD.replacen(from, to, 1);
        let def: ScorecardDef = serde_json::from_str(&text).unwrap();
        Scorecard::compile(def).unwrap_err().to_string()
    };
    let cases = [
        (
            "\"weight\": \"0.7\"",
            "\"weight\": \"0.69\"",
            "the weights of the groups add up to 99%, not 100%",
        ),
        (
            "\"at\": \"1\"",
            "\"at\": \"0.5\"",
            "group `results`, KPI `sales`: the inputs of the knots must rise, but 0.5 follows 0.6",
        ),
        (
            "\"[0.9, ..)\"",
            "\"(0.9, ..)\"",
            "group `results`, KPI `sales`: nothing covers the number 0.9",
        ),
        (
            "\"key\": \"reports\"",
            "\"key\": \"sales\"",
            "the KPI `sales` is listed twice",
        ),
        (
            "\"[80, ..)\"",
            "\"[79, ..)\"",
            "grades: `(.., 80)` and `[79, ..)` both claim 79",
        ),
        (
            "\"points\": \"60\"",
            "\"points\": \"60.00001\"",
            "group `results`, KPI `sales`: 60.00001 points are finer than the 4 places to which they are rounded",
        ),
    ];
    for (from, to, message) in cases {
        assert_eq!(broken(from, to), message);
    }
}

#[test]
fn an_explanation_reads_back_and_replays() {
    let card: Scorecard = serde_json::from_str(CARD).unwrap();
    let panel = panel();
    let scores = card.score(&panel, panel.period_at(0)).unwrap();
    let why = scores.explain(scores.row_at(0)).unwrap();
    let text = serde_json::to_string(&why).unwrap();
    // 0.95 is 35/40 of the way from 60 % to 100 %: 87.5 points. One report late: 90. 0.7 x 87.5 + 0.3 x 90 = 88.25.
    let expected = concat!(
        r#"{"card":"salesperson","subject":"all","period":"2026-01","groups":[{"key":"results","weight":"0.7","share":"0.7","#,
        r#""kpis":[{"key":"sales","weight":"1","share":"1","inputs":[{"direction":"larger","#,
        r#""readings":{"actual":"95","target":"100"},"attained":"0.95"}],"exact":"87.5","#,
        r#""scored":"87.5","points":"87.5","light":"green"}],"points":"87.5","contribution":"61.25"},"#,
        r#"{"key":"actions","weight":"0.3","share":"0.3","kpis":[{"key":"reports","weight":"1","share":"1","#,
        r#""inputs":[{"direction":"larger","readings":{"actual":"1"},"attained":"1"}],"exact":"90","#,
        r#""scored":"90","points":"90"}],"points":"90","contribution":"27"}],"#,
        r#""weighted":"88.25","bonus":"0","deduction":"0","rounded":"88.25","#,
        r#""vetoes":[{"key":"private rebate","found":"0","holds":false,"limits":false}],"#,
        r#""total":"88.25","grade":"A"}"#
    );
    assert_eq!(text, expected);
    let back: Breakdown = serde_json::from_str(&text).unwrap();
    assert_eq!(back, why);
    assert_eq!(card.replay(&back).unwrap(), why);
}

#[test]
fn a_pay_plan_and_its_slip_have_one_written_form() {
    let plan = concat!(
        r#"{"version":1,"key":"commission","elements":[{"key":"sales","input":{"metric":"sales","attainment":"rate","target":"plan","window":"latest"},"#,
        r#""requires":"[0.6, ..)","curve":{"marginal":[{"range":"(.., 1)","gives":"1"},{"range":"[1, ..)","gives":"1.5"}]},"#,
        r#""base":{"constant":"4000"},"cap":"9000","unknown":"open"}],"quantum":"0.01","rounding":"half_away_from_zero"}"#
    );
    let read: PayPlan = serde_json::from_str(plan).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), plan);
    let slip = serde_json::to_string(&read.pay(&panel(), panel().period_at(0)).unwrap()).unwrap();
    let expected = concat!(
        r#"{"plan":"commission","period":"2026-01","slips":[{"subject":[],"elements":[{"key":"sales","readings":{"actual":"95","target":"100"},"#,
        r#""position":"0.95","met":true,"slices":[{"tier":"(.., 1)","part":"0.95","rate":"1","pays":"0.95"}],"#,
        r#""base":"4000","share":"1","exact":"3800","units":380000}],"units":380000}]}"#
    );
    assert_eq!(slip, expected);
    let gap = plan.replace("(.., 1)", "(.., 0.9]");
    let error = serde_json::from_str::<PayPlan>(&gap)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("element `sales`: nothing covers the numbers between 0.9 and 1"),
        "{error}"
    );
}

#[test]
fn rules_rubrics_and_quotas_read_back() {
    let rules = concat!(
        r#"{"version":1,"rules":[{"key":"train the weak","kind":"training","#,
        r#""when":[{"of":"score","within":"(.., 60)","running":2}],"within_days":15,"by":"sales manager"}]}"#
    );
    let read: Consequences = serde_json::from_str(rules).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), rules);
    let quotas = r#"{"quotas":[{"grade":"A","share":"0.2"},{"grade":"B","share":"0.8"}],"boundary":"better"}"#;
    let read: ForcedDistribution = serde_json::from_str(quotas).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), quotas);
    assert!(serde_json::from_str::<ForcedDistribution>(&quotas.replace("0.8", "0.7")).is_err());
    let draw = r#"{"kind":"recoverable_minimum","units":3000}"#;
    assert_eq!(
        serde_json::to_string(&serde_json::from_str::<Draw>(draw).unwrap()).unwrap(),
        draw
    );
}

/// Hosts keep wordings of their own by these names.
#[test]
fn wordings_go_by_stable_names() {
    let names: Vec<String> = Phrase::ALL
        .iter()
        .map(|phrase| serde_json::to_string(phrase).unwrap().replace('"', ""))
        .collect();
    let expected = "head group kpi kpi_missing item compared prorated progressed plain gate_shut veto_strikes sum total \
        total_plain no_total proposed redistributed given kept \
        unscored too_many_kpis no_weight jump table_step perverse indifferent nothing_to_gain_above \
        nothing_to_lose_below uninfluenced counted_twice silence_pays zero_target target_without_kpi no_column never_known never_moves \
        run_together shared_numerator gains_by_waiting counted_twice_across shared_alone shared_unequal unfair";
    assert_eq!(names.join(" "), expected);
    let own = Templates::new(Locale::EN)
        .with(Phrase::Total, "in all {total}")
        .unwrap();
    let written = serde_json::to_string(&own).unwrap();
    assert_eq!(
        written,
        r#"{"locale":{"words":{"lang":"en"}},"phrases":{"lang":"en","own":{"total":"in all {total}"}}}"#
    );
    assert_eq!(serde_json::from_str::<Templates>(&written).unwrap(), own);
    let wrong = written.replace("{total}", "{sum}");
    let error = serde_json::from_str::<Templates>(&wrong).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("there is no `{sum}` to put in"),
        "{error}"
    );
}
