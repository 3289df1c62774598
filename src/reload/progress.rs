//! The steps of a reload on the caller's side, which polls the thread and never waits.
//!
//! A reload without an outcome is canceled after ten seconds, and a later result is discarded. Such
//! a thread blocks later reloads only when three threads hang. A commit cannot be canceled: after
//! ten seconds the caller resumes with a warning, and the new config is applied when the commit
//! returns.

use super::Outcome;

/// A reload without an outcome is canceled after this time, in seconds.
const TIMEOUT_S: f64 = 10.0;
/// Maximum number of hanging threads in this process before reloads are refused.
const MAX_HANGING: usize = 3;

/// What the caller does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReloadStep {
    /// Stop sampling and updates for the old config.
    Pause,
    /// Let the thread commit the config.
    Accept,
    /// Continue with the engine's current config.
    Resume,
    /// Remember the thread, which hangs.
    Abandon,
    /// Show a warning.
    Warn(String),
    /// Cancel the thread, if it still runs, and report the outcome.
    Report(Outcome),
    /// The same, after the objects of the new config are added.
    Adopt(Outcome),
}

/// The progress of one reload. Times are in seconds of the caller's clock.
#[derive(Clone, Debug)]
pub struct ReloadProgress {
    /// When the reload is canceled.
    deadline: f64,
    phase: Waiting,
}

/// What the reload waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waiting {
    /// The compiled config.
    Config,
    /// The commit, while the caller is paused.
    Commit,
    /// A commit that is late, while the caller continues.
    LateCommit,
}

impl ReloadProgress {
    /// Begins a reload. `is_busy` says whether another one is in progress, and `hanging` how many
    /// threads of canceled reloads still run.
    ///
    /// # Errors
    /// When no reload can begin now.
    pub fn begin(now: f64, is_busy: bool, hanging: usize) -> Result<Self, String> {
        if is_busy {
            return Err("a reload is already in progress".to_owned());
        }
        if hanging >= MAX_HANGING {
            return Err(format!(
                "{MAX_HANGING} earlier reloads are still reading the config files; try again \
                 later, or restart the klipper service"
            ));
        }
        Ok(Self {
            deadline: now + TIMEOUT_S,
            phase: Waiting::Config,
        })
    }

    /// Returns the next steps. `outcome` is that of the thread, if it has ended. `problems` are the
    /// differences between the compiled config and Klipper's objects, while the thread waits.
    pub fn poll(
        &mut self,
        now: f64,
        outcome: Option<Outcome>,
        problems: Option<Vec<String>>,
    ) -> Vec<ReloadStep> {
        match (outcome, problems, self.phase) {
            (Some(outcome), _, Waiting::Config) => vec![ReloadStep::Report(outcome)],
            (Some(outcome), _, Waiting::Commit) => {
                vec![ReloadStep::Resume, ReloadStep::Adopt(outcome)]
            }
            (Some(outcome), _, Waiting::LateCommit) => {
                vec![
                    ReloadStep::Pause,
                    ReloadStep::Resume,
                    ReloadStep::Adopt(outcome),
                ]
            }
            (None, Some(problems), _) if problems.is_empty() => {
                self.phase = Waiting::Commit;
                self.deadline = now + TIMEOUT_S;
                vec![ReloadStep::Pause, ReloadStep::Accept]
            }
            (None, Some(problems), _) => vec![ReloadStep::Report(Outcome {
                problems,
                ..Outcome::default()
            })],
            (None, None, phase) if now >= self.deadline => self.time_out(phase),
            (None, None, _) => Vec::new(),
        }
    }

    fn time_out(&mut self, phase: Waiting) -> Vec<ReloadStep> {
        self.deadline = f64::INFINITY;
        if phase != Waiting::Config {
            self.phase = Waiting::LateCommit;
            let warning = format!(
                "lumen: LUMEN_RELOAD: the engine has not applied the config within {TIMEOUT_S} s \
                 and is still trying"
            );
            return vec![ReloadStep::Warn(warning), ReloadStep::Resume];
        }
        let problem = format!(
            "reading the config files took longer than {TIMEOUT_S} s; the reload was canceled"
        );
        let warning = format!("lumen: LUMEN_RELOAD: {problem}");
        let problems = vec![problem];
        vec![
            ReloadStep::Abandon,
            ReloadStep::Warn(warning),
            ReloadStep::Report(Outcome {
                problems,
                ..Outcome::default()
            }),
        ]
    }
}

impl Outcome {
    /// Returns the lines that a user sees.
    pub fn lines(&self) -> Vec<String> {
        let (done, rest) = if self.problems.is_empty() {
            ("the config was reloaded", &self.warnings)
        } else {
            ("the config was not changed", &self.problems)
        };
        let first = format!("LUMEN_RELOAD: {done}");
        std::iter::once(first).chain(rest.iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn committed() -> Outcome {
        Outcome {
            is_committed: true,
            ..Outcome::default()
        }
    }

    fn begin() -> ReloadProgress {
        ReloadProgress::begin(0.0, false, 0).unwrap()
    }

    #[test]
    fn the_caller_pauses_only_for_the_commit() {
        let mut progress = begin();
        assert_eq!(progress.poll(1.0, None, None), []);
        let steps = progress.poll(2.0, None, Some(Vec::new()));
        assert_eq!(steps, [ReloadStep::Pause, ReloadStep::Accept]);
        let steps = progress.poll(2.1, Some(committed()), None);
        assert_eq!(steps, [ReloadStep::Resume, ReloadStep::Adopt(committed())]);
    }

    #[test]
    fn a_config_that_does_not_match_klipper_is_reported() {
        let problems = vec!["no neopixel".to_owned()];
        let outcome = Outcome {
            problems: problems.clone(),
            ..Outcome::default()
        };
        let steps = begin().poll(1.0, None, Some(problems));
        assert_eq!(
            outcome.lines()[0],
            "LUMEN_RELOAD: the config was not changed"
        );
        assert_eq!(outcome.lines()[1..], outcome.problems);
        assert_eq!(steps, [ReloadStep::Report(outcome)]);
        assert_eq!(
            committed().lines(),
            ["LUMEN_RELOAD: the config was reloaded"]
        );
    }

    #[test]
    fn a_hanging_read_is_canceled_after_ten_seconds() {
        let mut progress = begin();
        assert_eq!(progress.poll(9.9, None, None), []);
        let steps = progress.poll(10.0, None, None);
        let [
            ReloadStep::Abandon,
            ReloadStep::Warn(warning),
            ReloadStep::Report(outcome),
        ] = &*steps
        else {
            panic!("{steps:?}");
        };
        let problem = "reading the config files took longer than 10 s; the reload was canceled";
        assert_eq!(outcome.problems, [problem]);
        assert_eq!(*warning, format!("lumen: LUMEN_RELOAD: {problem}"));
    }

    #[test]
    fn a_late_commit_is_applied_when_it_returns() {
        let mut progress = begin();
        progress.poll(2.0, None, Some(Vec::new()));
        assert_eq!(progress.poll(11.9, None, None), []);
        let steps = progress.poll(12.0, None, None);
        let text = "lumen: LUMEN_RELOAD: the engine has not applied the config within 10 s and is \
                    still trying";
        assert_eq!(
            steps,
            [ReloadStep::Warn(text.to_owned()), ReloadStep::Resume]
        );
        assert_eq!(progress.poll(99.0, None, None), []);
        let steps = progress.poll(100.0, Some(committed()), None);
        assert_eq!(
            steps,
            [
                ReloadStep::Pause,
                ReloadStep::Resume,
                ReloadStep::Adopt(committed())
            ]
        );
    }

    #[test]
    fn reloads_are_refused_while_one_runs_or_three_hang() {
        let refused = |is_busy, hanging| ReloadProgress::begin(0.0, is_busy, hanging).err();
        assert_eq!(refused(false, 2), None);
        assert_eq!(refused(true, 0).unwrap(), "a reload is already in progress");
        assert!(
            refused(false, 3)
                .unwrap()
                .starts_with("3 earlier reloads are still reading")
        );
    }
}
