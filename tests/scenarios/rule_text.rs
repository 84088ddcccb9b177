//! Conditions as people write them.

use quotaflow::rule::{Condition, Operand, RuleDef, TextError};

fn read(text: &str) -> Result<String, TextError> {
    text.parse::<Condition>()
        .map(|condition| condition.to_string())
}

#[test]
fn what_people_write_is_read() {
    for (text, meant) in [
        ("quiet(orders) >= 45 days", "quiet(orders) >= 45 day"),
        ("quiet(orders) >= 1 day", "quiet(orders) >= 1 day"),
        ("response > 90 minutes", "response > 90 minute"),
        ("overdue > 0 EUR", "overdue > 0 money:EUR"),
        (
            "price < 12.50 EUR per count:piece",
            "price < 12.5 money:EUR per count:piece",
        ),
        ("sales < 5 FOR 3 weeks", "sales < 5 for 3 weeks"),
        ("sales < target", "sales < target(sales)"),
        ("sales < 80% of target", "sales < 80% of target(sales)"),
        ("sales < expected", "sales < expected(sales)"),
        (
            "sales between expected and projected",
            "sales between expected(sales) and projected(sales)",
        ),
        ("rate < 80 %", "rate < 80%"),
        ("rate < 80\u{a0}%", "rate < 80%"),
        ("visits == 5", "visits = 5"),
        ("visits <> 5", "visits != 5"),
        (
            "visits \u{2264} 5 or visits \u{2265} 9",
            "visits <= 5 or visits >= 9",
        ),
        (
            "visits < 5 AND sales < 3 OR NOT sales > 9",
            "visits < 5 and sales < 3 or not sales > 9",
        ),
        ("MISSING(report) FOR 3 weeks", "missing(report) for 3 weeks"),
        ("\"AND\" < 5", "\"AND\" < 5"),
        // Signs and figures as wide as Chinese letters.
        (
            "sales\u{ff1c}\u{ff18}\u{ff10}\u{ff05}\u{3000}of target",
            "sales < 80% of target(sales)",
        ),
        (
            "\u{ff08}visits\u{ff1e}\u{ff1d}5\u{ff09} and sales \u{ff01}= 3",
            "visits >= 5 and sales != 3",
        ),
        ("\"\u{ff05}\" < 5", "\"\u{ff05}\" < 5"),
    ] {
        assert_eq!(read(text).as_deref(), Ok(meant), "{text}");
        assert_eq!(read(meant).as_deref(), Ok(meant), "{meant}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_the_nearest_words() {
    for (text, error) in [
        (
            "visits < 5 fr 3 weeks",
            "at character 11: expected `and`, `or`, `for` or the end, found `fr`; did you mean `for`?",
        ),
        (
            "visits < 5 ad sales < 3",
            "at character 11: expected `and`, `or`, `for` or the end, found `ad`; did you mean `and`?",
        ),
        (
            "visits < 5 && sales < 3",
            "at character 11: expected `and`, `or`, `for` or the end, found `&&`; did you mean `and`?",
        ),
        (
            "visits < 5 || sales < 3",
            "at character 11: expected `and`, `or`, `for` or the end, found `||`; did you mean `or`?",
        ),
        (
            "!(visits < 5)",
            "at character 0: expected a metric, a number or a function, found `!`; did you mean `not`?",
        ),
        (
            "visits =< 5",
            "at character 7: expected a comparison such as `<`, `between` or `falling`, found `=<`; did you mean `<=`?",
        ),
        (
            "target < sales",
            "at character 0: write `target(metric)`, since the other side has no metric",
        ),
        // Positions count characters, whatever their bytes.
        (
            "\u{9500}\u{552e} < 5 fr 3 weeks",
            "at character 7: expected `and`, `or`, `for` or the end, found `fr`; did you mean `for`?",
        ),
        (
            "\u{9500}\u{552e} < ;",
            "at character 5: expected a word, a number or a sign, found `;`",
        ),
        (
            "\u{9500}\u{552e} < \"x",
            "at character 5: the quoted name does not end",
        ),
        (
            "\u{9500} < 1.2.3",
            "at character 4: `1.2.3` is not an exact number",
        ),
    ] {
        assert_eq!(read(text).unwrap_err().to_string(), error, "{text}");
    }
}

#[test]
fn a_condition_nested_too_deep_is_refused_while_it_is_read() {
    let nested = |levels: usize| {
        let mut value = serde_json::json!({"state": {"of": "sales", "is": ["no_base"]}});
        for _ in 0..levels {
            value = within("not", value);
        }
        value
    };
    let fits = serde_json::from_value::<Condition>(nested(31)).unwrap();
    assert_eq!(fits.check_bounds(), Ok(()));
    for levels in [32, 40, 800] {
        let value = nested(levels);
        let error = serde_json::from_value::<Condition>(value.clone()).unwrap_err();
        assert!(
            error.to_string().contains("nest more than 32 deep"),
            "{error}"
        );
        let key = ("key".to_owned(), "deep".into());
        let rule = serde_json::Map::from_iter([key, ("when".to_owned(), value)]).into();
        let error = serde_json::from_value::<RuleDef>(rule).unwrap_err();
        assert!(
            error.to_string().contains("nest more than 32 deep"),
            "{error}"
        );
    }
    let mut operand = serde_json::json!({"metric": "sales"});
    for _ in 0..800 {
        operand = within("last_year", operand);
    }
    let error = serde_json::from_value::<Operand>(operand).unwrap_err();
    assert!(
        error.to_string().contains("nest more than 32 deep"),
        "{error}"
    );
    // What failed leaves no trace: the next one is read from its beginning.
    assert!(serde_json::from_value::<Condition>(nested(31)).is_ok());
}

/// Returns a value inside another one.
fn within(name: &str, value: serde_json::Value) -> serde_json::Value {
    serde_json::Map::from_iter([(name.to_owned(), value)]).into()
}
