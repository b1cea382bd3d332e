use super::*;

/// What a process answers whose one bolt is slow, and whose sweeps are late.
fn reply() -> Reply {
    let said = |place: &str, status: &str, category: &str, value: f64, bound: Value| {
        json!({
            "componentId": place, "componentType": "component", "observedValue": value, "observedUnit": "s",
            "status": status, "bound": bound, "category": category,
            "output": (status != "pass").then_some("`slow` waits | for `it`"), "whatToDo": "raise it",
            "links": { "runbook": "/runbook#lag" },
        })
    };
    let all = json!({
        "status": "fail", "answering": true, "notes": ["`slow` waits"],
        "checks": {
            "lag": [
                said("t/in", "fail", "page", 12.5, json!({ "above": 10.0 })),
                said("u/in", "pass", "page", 1.0, json!({ "above": 10.0 })),
            ],
            "rate": [said("t", "warn", "mail", 3.0, json!({ "below": 5.0 }))],
        },
    });
    serde_json::from_value(all).unwrap()
}

fn of(checks: &[&str], topology: Option<&str>, category: Option<&str>) -> Verdict {
    let asked = Asked {
        checks: checks.iter().map(|name| (*name).to_owned()).collect(),
        topology: topology.map(str::to_owned),
        category: category.map(str::to_owned),
    };
    Verdict::of(&reply(), &asked)
}

#[test]
fn the_worst_that_is_wrong_stands_in_one_line_with_what_was_measured() {
    let verdict = of(&[], None, None);

    let text = "SQUALL CRITICAL - slow waits   for it; and 1 more \
                | 'lag/t/in'=12.5s;;~:10 'lag/u/in'=1s;;~:10 'rate/t'=3s;5:;\n\
                lag of t/in: slow waits   for it\n  raise it (/runbook#lag)\n\
                rate of t: slow waits   for it\n  raise it (/runbook#lag)\n";
    assert_eq!((verdict.code(), verdict.text().as_str()), (2, text));
}

#[test]
fn what_is_not_asked_for_does_not_count() {
    assert_eq!(of(&["rate"], None, None).code(), 1);
    assert_eq!(of(&[], None, Some("mail")).code(), 1);
    let well = of(&["lag"], Some("u"), None);
    assert_eq!(
        (well.code(), well.text().lines().next()),
        (0, Some("SQUALL OK - 1 bound holds | 'lag/u/in'=1s;;~:10"))
    );
}

#[test]
fn what_nobody_looks_at_is_unknown_and_not_well() {
    assert_eq!(of(&["lags"], None, None).text(), "SQUALL UNKNOWN - there is no check called lags\n");
    assert_eq!(of(&["lag"], Some("v"), None).code(), 3);
}

#[test]
fn checks_that_hang_are_not_well() {
    let reply = Reply { answering: false, ..reply() };

    let asked = Asked { topology: Some("u".to_owned()), ..Asked::default() };
    assert_eq!(Verdict::of(&reply, &asked).code(), 3);
}

#[test]
fn a_process_that_is_wrong_as_a_whole_is_wrong_when_all_is_asked_for() {
    let reply = Reply {
        status: Health::Warn,
        notes: vec!["the process drains".to_owned()],
        checks: Default::default(),
        ..reply()
    };

    let verdict = Verdict::of(&reply, &Asked::default());

    assert_eq!((verdict.code(), verdict.text().as_str()), (1, "SQUALL WARNING - the process drains\n"));
}

#[test]
fn programs_get_the_same_in_a_form_that_stays() {
    let all = of(&["rate"], None, None).object();

    assert_eq!((&all["status"], &all["code"]), (&json!("warning"), &json!(1)));
    assert_eq!(
        all["measured"][0],
        json!({ "name": "rate/t", "value": 3.0, "unit": "s", "bound": { "below": 5.0 } })
    );
    assert_eq!(all["wrong"][0]["place"], "t");
}
