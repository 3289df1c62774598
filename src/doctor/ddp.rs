//! Strips on controllers in the network: whether the name of each controller is known.

use super::CheckResult;
use crate::output::OutputError;
use crate::plan::{OutputPlan, Plan};
use crossbeam_channel::Sender;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Builder;
use std::time::{Duration, Instant};

/// The thread name that `top -H` and `ps -L` show.
const NAME: &str = "lumen-lookup";
/// How long all lookups together may take. A run of the doctor has ten seconds.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Threads at the same time. Those of an earlier run may still wait for a name server.
const MAX_THREADS: usize = 8;

/// The threads of this process.
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// Looks up a controller by its host and port; returns its name with the address. May block.
type LookUp = fn(&str, u16) -> Result<String, OutputError>;

/// A host with what is known about it.
type NamedAnswer = (String, Result<String, OutputError>);

/// Checks all strips on DDP.
pub(super) fn check(plan: &Plan, look_up: LookUp, findings: &mut Vec<CheckResult>) {
    check_within(TIMEOUT, &THREADS, plan, look_up, findings);
}

fn check_within(
    timeout: Duration,
    threads: &'static AtomicUsize,
    plan: &Plan,
    look_up: LookUp,
    findings: &mut Vec<CheckResult>,
) {
    let strips = plan.strips.iter().filter_map(|strip| match &strip.output {
        OutputPlan::Ddp { host, port } => Some((strip, host.as_str(), *port)),
        _ => None,
    });
    let mut hosts = BTreeMap::new();
    for (_, host, port) in strips.clone() {
        hosts.entry(host).or_insert(port);
    }
    let answers = look_up_all(deadline(timeout), threads, &hosts, look_up);
    findings.extend(strips.map(|(strip, host, _)| {
        let name = format!("strip {}", strip.label());
        match answers.get(host) {
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

/// Looks up hosts with their ports on a few threads, which the name server can hold up. Returns
/// what is known at the deadline.
fn look_up_all(
    deadline: Instant,
    threads: &'static AtomicUsize,
    hosts: &BTreeMap<&str, u16>,
    look_up: LookUp,
) -> BTreeMap<String, Result<String, OutputError>> {
    let (asking, asked) = crossbeam_channel::bounded(hosts.len());
    for (host, port) in hosts {
        // There is room for all of them.
        let _ = asking.try_send(((*host).to_owned(), *port));
    }
    let (answering, answered) = crossbeam_channel::bounded(hosts.len());
    for _ in 0..hosts.len() {
        let Some(slot) = Slot::of(threads) else {
            break;
        };
        let (asked, answering): (_, Sender<NamedAnswer>) = (asked.clone(), answering.clone());
        let thread = Builder::new().name(NAME.to_owned()).spawn(move || {
            let _slot = slot;
            while let Ok((host, port)) = asked.try_recv() {
                let found = look_up(&host, port);
                // The caller may have given up.
                let _ = answering.try_send((host, found));
            }
        });
        if thread.is_err() {
            break;
        }
    }
    drop(answering);
    let mut answers = BTreeMap::new();
    while let Ok((host, found)) = answered.recv_deadline(deadline) {
        answers.insert(host, found);
    }
    // What is not waited for is not looked up.
    while asked.try_recv().is_ok() {}
    answers
}

/// One of the threads that may run at the same time.
struct Slot(&'static AtomicUsize);

impl Slot {
    fn of(threads: &'static AtomicUsize) -> Option<Self> {
        let next = |count| (count < MAX_THREADS).then_some(count + 1);
        let taken = threads.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        taken.ok().map(|_| Self(threads))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;
    use crate::spec::compile;

    /// Three strips on two controllers.
    fn plan() -> Plan {
        let hosts = [("wled-a", 4048), ("wled-b", 4048), ("wled-b", 4049)];
        plan_of(hosts.map(|(host, port)| (format!("{host}.local"), port)))
    }

    /// A strip on each host and port.
    fn plan_of(hosts: impl IntoIterator<Item = (String, u16)>) -> Plan {
        let strip = |(index, (host, port)): (usize, (String, u16))| {
            let name = char::from(b'a' + index as u8);
            format!(
                r#", ["lumen_strip {name}",
                    {{"driver": "ddp", "host": "{host}", "port": "{port}", "count": "3"}}],
                   ["lumen_group {name}", {{"strip": "{name}"}}]"#
            )
        };
        let strips: String = hosts.into_iter().enumerate().map(strip).collect();
        let text = format!(r#"{{"sections": [["lumen", {{}}]{strips}]}}"#);
        compile(&serde_json::from_str(&text).unwrap(), None)
            .unwrap()
            .plan
    }

    fn found(look_up: LookUp) -> Vec<CheckResult> {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        let (timeout, mut findings) = (Duration::from_millis(200), Vec::new());
        check_within(timeout, &THREADS, &plan(), look_up, &mut findings);
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

    #[test]
    fn hanging_lookups_take_few_threads_also_in_several_runs() {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        let plan = plan_of((0..20).map(|index| (format!("host-{index}.local"), 4048)));
        for _ in 0..3 {
            let (timeout, mut findings) = (Duration::from_millis(100), Vec::new());
            let look_up: LookUp = |_, _| {
                ASKED.fetch_add(1, Ordering::Relaxed);
                let (_sender, never) = crossbeam_channel::bounded::<()>(0);
                let _ = never.recv();
                unreachable!("it hangs")
            };
            check_within(timeout, &THREADS, &plan, look_up, &mut findings);
            assert_eq!(findings.len(), 20);
            assert!(findings.iter().all(|it| it.text.contains("in time")));
        }
        assert_eq!(ASKED.load(Ordering::Relaxed), MAX_THREADS);
    }

    #[test]
    fn many_names_that_are_known_are_all_found() {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        let plan = plan_of((0..20).map(|index| (format!("host-{index}.local"), 4048)));
        let mut findings = Vec::new();
        let look_up: LookUp = |host, _| Ok(host.to_owned());
        check_within(TIMEOUT, &THREADS, &plan, look_up, &mut findings);
        assert!(findings.iter().all(|it| it.level == Level::Ok));
    }
}
