//! The written forms of models, entries, hand-overs and snapshots, and what is refused of them.

use chrono::{NaiveDate, NaiveDateTime};
use quotaflow::calendar::DayRange;
use quotaflow::journal::{
    Checksum, Close, DutyNotice, Entry, EntryId, HandOver, Journal, Late, Needed, Remodelling,
    Snapshot,
};
use quotaflow::ledger::Record;
use quotaflow::measure::Currency;
use quotaflow::model::{CommonDutyDef, Model};
use quotaflow::quantity::Ratio;
use quotaflow::space::{Tenure, TenureDef};
use serde_json::{Value, json};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn id(text: &str) -> EntryId {
    EntryId::new("hr", text).unwrap()
}

fn model() -> Model {
    serde_json::from_str(include_str!("../../examples/models/two_teams.json")).unwrap()
}

fn entries() -> Vec<Entry> {
    let booked: NaiveDateTime = "2026-01-06T09:30:00".parse().unwrap();
    let order = Record::new("order", day("2026-01-05"))
        .id("SO-1")
        .of("person", "ann");
    let order = order.amount("sales", "19.90".parse().unwrap()).sequence(3);
    vec![
        Entry::record("crm", order)
            .unwrap()
            .by("import")
            .because("night")
            .booked(booked),
        Entry::reverse(
            id("R-1"),
            day("2026-01-07"),
            EntryId::new("crm", "SO-1").unwrap(),
        ),
        Entry::join(id("J-1"), day("2026-01-03"), ("person", "person", "cy"))
            .unwrap()
            .under("south")
            .unwrap(),
        Entry::moving(id("M-1"), day("2026-01-04"), ("person", "ann", "south")).unwrap(),
        Entry::end(id("E-1"), day("2026-01-08"), ("person", "bo")).unwrap(),
        Entry::void(id("V-1"), day("2026-01-09"), id("E-1")),
    ]
}

fn excuses() -> Vec<(Entry, Value)> {
    let days = DayRange::new(day("2026-01-05"), day("2026-01-12")).unwrap();
    let excuse = Entry::excuse(id("X-1"), day("2026-01-13"), ("visits", "ann"), days).unwrap();
    let written = json!({"source": "hr", "id": "X-1", "day": "2026-01-13",
        "what": {"excuse": {"duty": "visits", "member": "ann", "days": {"start": "2026-01-05", "end": "2026-01-12"}}},
        "by": "eva", "why": "a fair"});
    vec![(excuse.by("eva").because("a fair"), written)]
}

fn members() -> Vec<(Entry, Value)> {
    let classed = Entry::moving(id("K-1"), day("2026-01-12"), ("person", "ann", "senior"));
    let acting = TenureDef::always("n1", "bo")
        .unwrap()
        .until(day("2026-01-20"));
    let acting = acting.part(Ratio::percent(50)).as_tenure(Tenure::Acting);
    let [english, chinese] = ["en", "zh"].map(|tag| quotaflow::text::Lang::new(tag).unwrap());
    let title = quotaflow::text::Texts::new(english, "Ann Lee").and(chinese, "安");
    vec![
        (
            Entry::rename(id("N-1"), day("2026-01-10"), ("person", "ann"), title).unwrap(),
            json!({"source": "hr", "id": "N-1", "day": "2026-01-10",
                "what": {"rename": {"dimension": "person", "member": "ann", "title": {"en": "Ann Lee", "zh": "安"}}}}),
        ),
        (
            Entry::merge(id("G-1"), day("2026-01-11"), ("person", "cy", "bo")).unwrap(),
            json!({"source": "hr", "id": "G-1", "day": "2026-01-11",
                "what": {"merge": {"dimension": "person", "member": "cy", "into": "bo"}}}),
        ),
        (
            Entry::hold(id("P-1"), day("2026-01-12"), acting),
            json!({"source": "hr", "id": "P-1", "day": "2026-01-12",
                "what": {"hold": {"post": "n1", "person": "bo", "to": "2026-01-20", "part": "0.5", "tenure": "acting"}}}),
        ),
        (
            Entry::vacate(id("P-2"), day("2026-01-12"), "n1", Some("ann")).unwrap(),
            json!({"source": "hr", "id": "P-2", "day": "2026-01-12",
                "what": {"vacate": {"post": "n1", "person": "ann"}}}),
        ),
        (
            classed.unwrap().within("grade").unwrap(),
            json!({"source": "hr", "id": "K-1", "day": "2026-01-12",
                "what": {"move": {"dimension": "person", "hierarchy": "grade", "member": "ann", "parent": "senior"}}}),
        ),
    ]
}

fn deeds() -> Vec<(Entry, Value)> {
    let january = |name: &str| (id(name), day("2026-01-10"));
    let signed = |entry: Entry| entry.by("eva").because("agreed");
    let edits = json!([{"hold": {"measure": "sales", "at": [{"person": "ann"}], "what": "total"}}]);
    let edits: Vec<quotaflow::plan::Edit> = serde_json::from_value(edits).unwrap();
    let ((cascade, at), (anew, _)) = (january("P-1"), january("P-4"));
    vec![
        (
            signed(Entry::cascade(cascade, at, "sales-2026", [("sales", 120_000)]).unwrap()),
            json!({"source": "hr", "id": "P-1", "day": "2026-01-10", "by": "eva", "why": "agreed",
                "what": {"cascade": {"plan": "sales-2026", "totals": {"sales": "120000"}}}}),
        ),
        (
            signed(Entry::change(id("P-2"), at, "sales-2026", edits).unwrap()),
            json!({"source": "hr", "id": "P-2", "day": "2026-01-10", "by": "eva", "why": "agreed",
                "what": {"change": {"plan": "sales-2026",
                    "edits": [{"hold": {"measure": "sales", "at": [{"person": "ann"}], "what": "total"}}]}}}),
        ),
        (
            Entry::agree(id("P-3"), at, "sales-2026", 1)
                .unwrap()
                .by("bo"),
            json!({"source": "hr", "id": "P-3", "day": "2026-01-10", "by": "bo",
                "what": {"agree": {"plan": "sales-2026", "version": 1}}}),
        ),
        (
            signed(Entry::realign(anew, at, "sales-2026", [("sales", 130_000)]).unwrap()),
            json!({"source": "hr", "id": "P-4", "day": "2026-01-10", "by": "eva", "why": "agreed",
                "what": {"realign": {"plan": "sales-2026", "totals": {"sales": "130000"}}}}),
        ),
    ]
}

fn settlements() -> Vec<(Entry, Value)> {
    let part = Entry::reverse(id("R-2"), day("2026-01-07"), id("INV-1"));
    let applied = Entry::apply(id("A-1"), day("2026-01-08"), id("INV-1"), 60);
    let dollars = applied.clone().settled_by(id("P-1")).unwrap();
    let rate: quotaflow::quantity::Number = "0.9091".parse().unwrap();
    let to = json!({"source": "hr", "id": "INV-1"});
    vec![
        (
            part.only("amount", 20).unwrap(),
            json!({"source": "hr", "id": "R-2", "day": "2026-01-07", "what": {"reverse": {"of": to, "amounts": {"amount": "20"}}}}),
        ),
        (
            applied,
            json!({"source": "hr", "id": "A-1", "day": "2026-01-08", "what": {"apply": {"to": to, "amount": "60"}}}),
        ),
        (
            dollars
                .in_currency(Currency::new("USD").unwrap(), rate)
                .unwrap(),
            json!({"source": "hr", "id": "A-1", "day": "2026-01-08", "what": {"apply":
                {"to": to, "by": {"source": "hr", "id": "P-1"}, "amount": "60", "currency": "USD", "rate": "0.9091"}}}),
        ),
    ]
}

#[test]
fn entries_are_pinned() {
    let wanted = [
        json!({"source": "crm", "id": "SO-1", "day": "2026-01-05", "sequence": 3,
               "what": {"record": {"kind": "order", "members": {"person": "ann"}, "amounts": {"sales": "19.9"}}},
               "by": "import", "why": "night", "booked": "2026-01-06T09:30:00"}),
        json!({"source": "hr", "id": "R-1", "day": "2026-01-07", "what": {"reverse": {"of": {"source": "crm", "id": "SO-1"}}}}),
        json!({"source": "hr", "id": "J-1", "day": "2026-01-03",
               "what": {"join": {"dimension": "person", "level": "person", "member": "cy", "parents": [{"member": "south"}]}}}),
        json!({"source": "hr", "id": "M-1", "day": "2026-01-04",
               "what": {"move": {"dimension": "person", "member": "ann", "parent": "south"}}}),
        json!({"source": "hr", "id": "E-1", "day": "2026-01-08", "what": {"end": {"dimension": "person", "member": "bo"}}}),
        json!({"source": "hr", "id": "V-1", "day": "2026-01-09", "what": {"void": {"source": "hr", "id": "E-1"}}}),
    ];
    for (entry, wanted) in entries()
        .into_iter()
        .zip(wanted)
        .chain(settlements())
        .chain(members())
        .chain(excuses())
        .chain(deeds())
    {
        assert_eq!(serde_json::to_value(&entry).unwrap(), wanted);
        assert_eq!(serde_json::from_value::<Entry>(wanted).unwrap(), entry);
    }
    let twice = r#"{"source": "crm", "id": "1", "day": "2026-01-05",
        "what": {"record": {"kind": "order", "amounts": {"sales": "1", "sales": "2"}}}}"#;
    let error = serde_json::from_str::<Entry>(twice)
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("`sales` is given twice"), "{error}");
}

#[test]
fn closes_reopenings_and_what_is_needed_are_pinned() {
    let soft = Entry::close(id("S-1"), day("2026-01-31"), Close::Soft);
    let reopen = Entry::reopen(id("O-1"), day("2026-01-01"))
        .by("cfo")
        .because("audit");
    let late = Late {
        entry: id("R-1"),
        closed: Close::Hard,
    };
    let entries = entries();
    let needed: Needed = serde_json::from_value(json!({"records": {"pieces": [{
        "kind": "order", "members": {"person": "ann"}, "from": "2026-01-01", "to": "2026-02-01",
        "checksum": Checksum::of(&entries[0])}]}}))
    .unwrap();
    let ids = Needed::Entries {
        ids: vec![id("R-1")],
    };
    let pinned = [
        (
            serde_json::to_value(&soft).unwrap(),
            json!({"source": "hr", "id": "S-1", "day": "2026-01-31", "what": {"close": "soft"}}),
        ),
        (
            serde_json::to_value(&reopen).unwrap(),
            json!({"source": "hr", "id": "O-1", "day": "2026-01-01", "what": "reopen", "by": "cfo", "why": "audit"}),
        ),
        (
            serde_json::to_value(&late).unwrap(),
            json!({"entry": {"source": "hr", "id": "R-1"}, "closed": "hard"}),
        ),
        (
            serde_json::to_value(&ids).unwrap(),
            json!({"entries": {"ids": [{"source": "hr", "id": "R-1"}]}}),
        ),
        (
            serde_json::to_value(&needed).unwrap(),
            json!({"records": {"pieces": [{"kind": "order", "members": {"person": "ann"}, "from": "2026-01-01",
                "to": "2026-02-01", "checksum": CHECKSUM}]}}),
        ),
    ];
    for (found, wanted) in pinned {
        assert_eq!(found, wanted);
    }
    let text = serde_json::to_string(&needed).unwrap();
    assert_eq!(serde_json::from_str::<Needed>(&text).unwrap(), needed);
    // Who entered it, and why, are no part of what it says.
    let again = entries[0].clone().by("somebody else");
    assert_eq!(Checksum::of(&again), Checksum::of(&entries[0]));
}

#[test]
fn a_change_of_the_model_and_what_it_means_are_pinned() {
    let (model, day) = (model(), day("2026-01-31"));
    let entry = Entry::model(id("M-1"), day, &model)
        .by("eva")
        .because("new figures");
    let name = model.fingerprint().to_string();
    let written = json!({"source": "hr", "id": "M-1", "day": "2026-01-31", "what": {"model": name}, "by": "eva", "why": "new figures"});
    assert_eq!(serde_json::to_value(&entry).unwrap(), written);
    assert_eq!(serde_json::from_value::<Entry>(written).unwrap(), entry);
    let needed = Needed::Model {
        model: model.fingerprint(),
    };
    let written = json!({"model": {"model": name}});
    assert_eq!(serde_json::to_value(&needed).unwrap(), written);
    assert_eq!(serde_json::from_value::<Needed>(written).unwrap(), needed);
    let refold = Needed::Refold { pieces: Vec::new() };
    assert_eq!(
        serde_json::to_value(&refold).unwrap(),
        json!({"refold": {"pieces": []}})
    );
    assert_eq!(
        serde_json::to_value(Remodelling::Refolds).unwrap(),
        "refolds"
    );
    assert_eq!(
        serde_json::from_value::<Remodelling>(json!("stands")).unwrap(),
        Remodelling::Stands
    );
}

const CHECKSUM: &str = "781326a91e3f5548ffb7ab6617a6e6ec";

#[test]
fn a_hand_over_leads_to_one_head_on_every_machine() {
    let known: NaiveDateTime = "2026-02-01T06:00:00".parse().unwrap();
    let mut hand_over = HandOver::new(known, day("2026-01-31"), entries());
    let mut journal = Journal::new(&model(), day("2026-01-01")).unwrap();
    journal.replay([&hand_over]).unwrap();
    hand_over.head = Some(journal.head());
    let text = serde_json::to_string(&hand_over).unwrap();
    assert_eq!(serde_json::from_str::<HandOver>(&text).unwrap(), hand_over);
    pinned(&journal.head().chain.to_string(), HEAD);
    pinned(&model().fingerprint().to_string(), MODEL);
    // What was changed on the way leads elsewhere.
    hand_over.entries.pop();
    let mut other = Journal::new(&model(), day("2026-01-01")).unwrap();
    let error = other.replay([&hand_over]).unwrap_err().to_string();
    assert!(
        error.contains("entries were changed or left out since"),
        "{error}"
    );
    assert_eq!(other.known(), None);
}

const HEAD: &str = "63aaa4af7be816b54ba79d54e2efc33c9b07f8396f17f1107f21e0caba6be0c7";
const MODEL: &str = "fc9fa10a15685966cdc6ada03dafcb59b8a878c894c92b5621c35b2b9f35a122";

fn pinned(found: &str, wanted: &str) {
    assert_eq!(found, wanted);
}

fn night() -> Value {
    let known: NaiveDateTime = "2026-02-01T06:00:00".parse().unwrap();
    let mut journal = Journal::new(&model(), day("2026-01-01")).unwrap();
    let deeds = deeds().into_iter().map(|(entry, _)| entry);
    let entries: Vec<Entry> = entries().into_iter().chain(deeds).collect();
    journal.enter(known, day("2026-01-31"), &entries).unwrap();
    serde_json::to_value(journal.snapshot()).unwrap()
}

fn opened(snapshot: Value) -> String {
    match serde_json::from_value::<Snapshot>(snapshot) {
        Err(error) => error.to_string(),
        Ok(snapshot) => match Journal::open(&model(), snapshot) {
            Err(error) => error.to_string(),
            Ok(journal) => format!("{} entries", journal.head().entries),
        },
    }
}

#[test]
fn a_snapshot_reads_back_and_what_is_damaged_foreign_or_future_is_refused_by_name() {
    assert_eq!(opened(night()), "10 entries");
    for part in [
        "hand_overs",
        "entries",
        "structure",
        "leaves",
        "folds",
        "plans",
        "books",
    ] {
        let mut future = night();
        future[part]["version"] = json!(2);
        let told = opened(future);
        assert!(
            told.contains(&format!("part `{part}` of the snapshot has version 2")),
            "{told}"
        );
        let mut damaged = night();
        damaged[part]["fingerprint"] = json!("0".repeat(64));
        let told = opened(damaged);
        assert!(
            told.contains(&format!("part `{part}` of the snapshot is damaged")),
            "{told}"
        );
        let mut swapped = night();
        swapped[part]["content"] = match part {
            "leaves" => json!({"members": [["bo"]], "leaves": [[0, [1]]]}),
            "books" => {
                let mut books = night()["books"]["content"].clone();
                books["soft"] = json!("2026-01-31");
                books
            }
            "plans" => json!({"sales-2026": []}),
            _ => json!([]),
        };
        let told = opened(swapped);
        assert!(
            told.contains(&format!("part `{part}` of the snapshot is damaged")),
            "{told}"
        );
    }
    let mut foreign = night();
    foreign["model"] = json!("1".repeat(64));
    let told = opened(foreign);
    assert!(
        told.starts_with("the snapshot is of the model 1111"),
        "{told}"
    );
    let mut future = night();
    future["version"] = json!(2);
    assert!(opened(future).contains("version 2"));
}

#[test]
fn all_that_is_wrong_with_a_model_is_told_with_its_place() {
    let mut document: Value =
        serde_json::from_str(include_str!("../../examples/models/two_teams.json")).unwrap();
    document["dimensions"][0]["members"][3]["level"] = json!("persn");
    document["kinds"][0]["measures"][0]["measure"] = json!("sale");
    let told = |document: &Value| {
        let error = serde_json::from_value::<Model>(document.clone())
            .unwrap_err()
            .to_string();
        error.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let own = told(&document);
    assert!(own[0].starts_with("dimensions[0]: "), "{own:?}");
    document["dimensions"][0]["members"][3]["level"] = json!("person");
    document["views"][0]["rows"][0]["level"] = json!("taem");
    document["views"][1]["show"][0] = json!("sale");
    let own = told(&document);
    let places: Vec<&str> = own
        .iter()
        .filter_map(|line| line.split(": ").next())
        .collect();
    assert_eq!(places, ["kinds[0]", "views[0].rows[0]", "views[1].show[0]"]);
    document["kinds"][0]["measures"][0]["measure"] = json!("sales");
    document["kinds"][0]["opens"] = json!("sale");
    let own = told(&document);
    let wanted = "kinds[0]: the kind of record `order` has no amount `sale`; did you mean `sales`?";
    assert!(own.iter().any(|line| line == wanted), "{own:?}");
}

#[test]
fn a_sequence_is_read_up_to_the_largest_one() {
    let read = |sequence: u64| {
        let document = json!({"source": "crm", "id": "SO-1", "day": "2026-01-05", "sequence": sequence, "what": {"void": {"source": "crm", "id": "SO-0"}}});
        serde_json::from_value::<Entry>(document)
    };
    let largest = Record::MAX_SEQUENCE;
    assert!(read(largest).is_ok(), "{:?}", read(largest));
    for beyond in [largest + 1, u64::MAX] {
        let error = read(beyond).unwrap_err().to_string();
        assert!(error.contains(&beyond.to_string()), "{error}");
    }
}

#[test]
fn the_written_form_of_what_a_day_tells_of_a_duty_is_pinned() {
    let brought = r#"{"duty":"visits","member":"ann","due":"2026-01-09","after":{"on_time":1,"not_yet_due":1}}"#;
    let learned = r#"{"duty":"visits","member":"bo","due":"2026-01-09","learned":"2026-01-14T22:00:00","before":{"missing":2},"after":{"late":1,"excused":1}}"#;
    let of_a_post = r#"{"duty":"visits","member":"n1","due":"2026-01-09","accountable":"bo","after":{"missing":2}}"#;
    for text in [brought, learned, of_a_post] {
        let notice: DutyNotice = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&notice).unwrap(), text);
    }
}

#[test]
fn the_written_form_of_a_duty_of_all_members_of_a_level_is_pinned() {
    let short = r#"{"key":"visits","who":{"dimension":"person","level":"person"},"evidence":{"kinds":["visit"]},"cadence":{"anchor":"2026-01-01","rhythm":{"kind":"weekly","every":1,"days":["Fri"]},"roll":"keep"}}"#;
    let long = r#"{"key":"calls","title":{"en":"Calls"},"who":{"dimension":"person","level":"person"},"under":"north","evidence":{"kinds":["call"]},"cadence":{"anchor":"2026-01-01","rhythm":{"kind":"days","every":7},"roll":"forward"},"times":20,"grace":{"working_days":2},"late":{"days":5},"stay":"by_days"}"#;
    let customers = r#"{"key":"reached","who":{"dimension":"person","level":"person"},"evidence":{"kinds":["visit"]},"cadence":{"anchor":"2026-01-01","rhythm":{"kind":"days","every":7},"roll":"keep"},"each":{"new":{"member":{"dimension":"customer"}}}}"#;
    let posts = r#"{"key":"visits","who":{"dimension":"post","level":"post"},"evidence":{"kinds":["visit"]},"cadence":{"anchor":"2026-01-01","rhythm":{"kind":"days","every":7},"roll":"keep"},"stay":"by_parts","absent":"excused","vacant":"nobody"}"#;
    for text in [short, long, customers, posts] {
        let duty: CommonDutyDef = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&duty).unwrap(), text);
    }
    let error = serde_json::from_str::<CommonDutyDef>(&short.replace("who", "whom"));
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("unknown field `whom`")
    );
}
