//! Progress on the standard error, and Ctrl-C as a cancellation.

use std::{
    io::{IsTerminal, Write, stderr},
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};
use resitu::progress::Progress;

/// Time between two lines where nobody watches a terminal.
const LINE_EVERY: Duration = Duration::from_millis(500);

/// Shows long work: a bar on a terminal, else lines of JSON (`{"stage": …, "done": …, "total": …}`).
pub struct Watch {
    cancelled: Arc<AtomicBool>,
    bar: Option<ProgressBar>,
    stage: &'static str,
    last_line: Option<Instant>,
}

impl Watch {
    /// Starts to watch. The first Ctrl-C cancels the work at its next tick; a second ends the program at once.
    pub fn new() -> Self {
        let cancelled = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&cancelled);
        // Without a handler Ctrl-C still ends the program, so a failure to set one up is no reason to stop.
        let _ = ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        });
        Self { cancelled, bar: stderr().is_terminal().then(ProgressBar::no_length), stage: "", last_line: None }
    }

    /// To be called now and then by the work: the crate's `Tick`.
    pub fn tick(&mut self, progress: Progress) -> ControlFlow<()> {
        let new_stage = self.stage != progress.stage;
        self.stage = progress.stage;
        match &self.bar {
            Some(bar) => {
                if new_stage {
                    bar.reset();
                    bar.set_style(style());
                    bar.set_message(progress.stage);
                }
                bar.set_length(progress.total);
                bar.set_position(progress.done);
            }
            None => {
                let due = self.last_line.is_none_or(|last| last.elapsed() >= LINE_EVERY);
                if due || new_stage || progress.done == progress.total {
                    self.last_line = Some(Instant::now());
                    let Progress { stage, done, total } = progress;
                    // Nobody may be reading: the work goes on all the same.
                    let line = serde_json::json!({ "stage": stage, "done": done, "total": total });
                    let _ = writeln!(stderr(), "{line}");
                }
            }
        }
        match self.cancelled.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

impl Watch {
    /// Takes the bar away, before something is printed.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.clear();
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{msg:28} {wide_bar} {percent:>3} %  {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}
