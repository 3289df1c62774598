//! Strips on controllers in the network: whether the name of each controller is known.

use super::CheckResult;
use crate::output::OutputError;
use crate::plan::{OutputPlan, Plan};
use crossbeam_channel::Receiver;
use std::collections::BTreeMap;
use std::thread::Builder;
use std::time::{Duration, Instant};

/// The thread name that `top -H` and `ps -L` show.
const NAME: &str = "lumen-lookup";
/// How long all lookups together may take. A run of the doctor has ten seconds.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Looks up a controller by its host and port; returns its name with the address. May block.
type LookUp = fn(&str, u16) -> Result<String, OutputError>;

/// Checks all strips on DDP.
pub(super) fn check(plan: &Plan, look_up: LookUp, findings: &mut Vec<CheckResult>) {
    check_within(TIMEOUT, plan, look_up, findings);
}

fn check_within(timeout: Duration, plan: &Plan, look_up: LookUp, findings: &mut Vec<CheckResult>) {
    let strips = plan.strips.iter().filter_map(|strip| match &strip.output {
        OutputPlan::Ddp { host, port } => Some((strip, host.as_str(), *port)),
        _ => None,
    });
    let deadline = deadline(timeout);
    let mut answers = BTreeMap::new();
    for (_, host, port) in strips.clone() {
        answers
            .entry(host)
            .or_insert_with(|| start(host, port, look_up));
    }
    let answers: BTreeMap<_, _> = answers
        .into_iter()
        .map(|(host, answer)| (host, answer.and_then(|it| it.recv_deadline(deadline).ok())))
        .collect();
    findings.extend(strips.map(|(strip, host, _)| {
        let name = format!("strip {}", strip.label());
        match answers.get(host).and_then(Option::as_ref) {
            Some(Ok(controller)) => {
                let text = format!("{controller}; DDP has no answers: sent, but not confirmed");
                CheckResult::ok(name, text)
            }
            Some(Err(error)) => CheckResult::problem(name, &error.problem, &error.remedy),
            None => CheckResult::problem(
                name,
                format!("the name '{}' was not found in time", super::name_of(host)),
                "check this computer's network; an IP address works without a name server",
            ),
        }
    }));
}

#[expect(
    clippy::disallowed_methods,
    reason = "nothing runs here but what waits for name servers"
)]
fn deadline(timeout: Duration) -> Instant {
    Instant::now() + timeout
}

/// Starts a lookup on a thread of its own, which the name server can hold up.
fn start(host: &str, port: u16, look_up: LookUp) -> Option<Receiver<Result<String, OutputError>>> {
    let (sender, answer) = crossbeam_channel::bounded(1);
    let host = host.to_owned();
    let thread = Builder::new().name(NAME.to_owned()).spawn(move || {
        // The caller may have given up.
        let _ = sender.send(look_up(&host, port));
    });
    thread.ok().map(|_| answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;
    use crate::spec::compile;

    /// Three strips on two controllers.
    fn plan() -> Plan {
        let strip = |name: &str, host: &str, port: u16| {
            format!(
                r#"["lumen_strip {name}",
                    {{"driver": "ddp", "host": "{host}", "port": "{port}", "count": "3"}}],
                   ["lumen_group {name}", {{"strip": "{name}"}}]"#
            )
        };
        let text = format!(
            r#"{{"sections": [["lumen", {{}}], {}, {}, {}]}}"#,
            strip("a", "wled-a.local", 4048),
            strip("b", "wled-b.local", 4048),
            strip("c", "wled-b.local", 4049)
        );
        compile(&serde_json::from_str(&text).unwrap(), None)
            .unwrap()
            .plan
    }

    fn found(look_up: LookUp) -> Vec<CheckResult> {
        let mut findings = Vec::new();
        check_within(Duration::from_millis(200), &plan(), look_up, &mut findings);
        findings
    }

    #[test]
    fn a_name_that_is_known_is_ok_but_not_confirmed() {
        let found = found(|host, _| Ok(format!("{host} (192.168.1.20)")));
        let levels: Vec<Level> = found.iter().map(|it| it.level).collect();
        assert_eq!(levels, [Level::Ok; 3]);
        assert_eq!(found[0].check, "strip 'a'");
        assert_eq!(
            found[0].text,
            "wled-a.local (192.168.1.20); DDP has no answers: sent, but not confirmed"
        );
    }

    #[test]
    fn an_unknown_name_is_a_problem() {
        let found = found(|host, _| match host {
            "wled-b.local" => Err(OutputError::new("cannot find host".to_owned(), "check it")),
            _ => Ok(host.to_owned()),
        });
        let levels: Vec<Level> = found.iter().map(|it| it.level).collect();
        assert_eq!(levels, [Level::Ok, Level::Problem, Level::Problem]);
        assert_eq!(
            (&*found[1].text, &*found[1].advice),
            ("cannot find host", "check it")
        );
    }

    #[test]
    fn a_name_server_that_does_not_answer_is_not_waited_for() {
        let found = found(|host, _| {
            if host == "wled-a.local" {
                // Never answers.
                let (_sender, never) = crossbeam_channel::bounded::<()>(0);
                let _ = never.recv();
            }
            Ok(host.to_owned())
        });
        assert_eq!(found[0].level, Level::Problem);
        assert_eq!(
            found[0].text,
            "the name 'wled-a.local' was not found in time"
        );
        assert_eq!(found[1].level, Level::Ok);
    }
}
