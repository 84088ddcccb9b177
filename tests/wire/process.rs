//! Written forms of process.

use quotaflow::process::{Alignment, Escalation, Instance, Nonconformity, Workflow, WorkflowDef};

/// Reads a document, writes it again, and compares the bytes.
fn pinned<T: serde::Serialize + serde::de::DeserializeOwned>(text: &str) {
    let read: T = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
}

const WORKFLOW: &str = concat!(
    r#"{"version":1,"key":"order","owner":"order desk","steps":["#,
    r#"{"key":"offer","owner":"sales","lead":"sales","partners":["legal"],"response":30,"duration":60,"standard":"complete"},"#,
    r#"{"key":"decide","owner":"head","after":["offer"],"split":"one","response":30,"duration":60,"effort":10,"standard":"same day","key_business":true},"#,
    r#"{"key":"sign","owner":"head","after":["decide"],"response":30,"duration":60,"standard":"in writing","outputs":["contract"]},"#,
    r#"{"key":"refuse","owner":"sales","after":["decide"],"optional":true,"response":30,"duration":60,"standard":"by letter"},"#,
    r#"{"key":"file","owner":"sales","after":["sign","refuse"],"join":"any","response":30,"duration":60,"standard":"within a day"}],"#,
    r#""instances":20,"posts":[{"key":"head","minutes":9600}],"escalations":[{"after":60,"to":"order desk"},{"after":480,"to":"director","leader":true}]}"#
);

#[test]
fn a_workflow_and_its_draft() {
    pinned::<Workflow>(WORKFLOW);
    pinned::<WorkflowDef>(r#"{"version":1,"key":"order","steps":[{"key":"offer"}]}"#);
    let unknown = WORKFLOW.replace(r#""optional""#, r#""voluntary""#);
    assert!(serde_json::from_str::<WorkflowDef>(&unknown).is_err());
}

#[test]
fn an_instance() {
    pinned::<Instance>(concat!(
        r#"{"key":"A-1","opened":"2026-03-02T09:00:00","closed":"2026-03-03T09:00:00","events":["#,
        r#"{"at":"2026-03-02T09:10:00","sequence":0,"step":"offer","kind":"started","by":"ann"},"#,
        r#"{"at":"2026-03-02T09:40:00","sequence":1,"step":"offer","kind":"completed"}]}"#
    ));
}

#[test]
fn what_a_replay_tells_names_its_steps() {
    pinned::<Alignment>(concat!(
        r#"{"pairings":[{"both":{"step":"offer"}},{"event":{"step":"sign"}},{"event":{}},"#,
        r#"{"step":{"step":"decide","optional":false}}],"cost":3,"worst":7}"#
    ));
    pinned::<Escalation>(concat!(
        r#"{"step":"offer","deadline":"response","after":-15,"to":"order desk","leader":false,"#,
        r#""at":"2026-03-02T10:40:00"}"#
    ));
    pinned::<Vec<Nonconformity>>(concat!(
        r#"[{"skipped":"decide"},{"other_branch":{"step":"refuse","at":"2026-03-02T10:40:00"}},"#,
        r#"{"unknown":{"step":"dance","at":"2026-03-02T10:41:00"}}]"#
    ));
}
