//! Times one task several times, for the programs that measure: seconds by the clock and of the processor, and memory.

use std::time::Instant;

/// Seconds below which work is repeated.
const SHORT: f64 = 0.2;

pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// One field of a JSON object: `"name":{"clock":[…],"processor":[…],"peak_mb":…}`, a number a repeat. Work of a few
/// milliseconds is done several times in a row and divided, as Linux counts the processor's time in steps of about 4 ms.
pub fn timed(name: &str, repeats: usize, mut work: impl FnMut() -> Outcome<()>) -> Outcome<String> {
    let (mut clock, mut processor) = (Vec::new(), Vec::new());
    let mut times = 1;
    while clock.len() < repeats {
        let (started, used) = (Instant::now(), processor_seconds());
        for _ in 0..times {
            work()?;
        }
        let elapsed = started.elapsed().as_secs_f64();
        if times == 1 && elapsed < SHORT {
            times = (SHORT / elapsed).ceil() as usize;
            continue;
        }
        clock.push(elapsed / times as f64);
        if let (Some(before), Some(after)) = (used, processor_seconds()) {
            processor.push((after - before) / times as f64);
        }
    }
    let peak = peak_mb().map_or("null".to_owned(), |peak| format!("{peak:.0}"));
    Ok(format!("\"{name}\":{{\"clock\":{clock:?},\"processor\":{processor:?},\"peak_mb\":{peak}}}"))
}

/// What all threads of the process have run; none of them ends before the process does.
fn processor_seconds() -> Option<f64> {
    let mut nanoseconds = 0.0;
    for thread in std::fs::read_dir("/proc/self/task").ok()? {
        let stat = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        nanoseconds += stat.split(' ').next()?.parse::<f64>().ok()?;
    }
    Some(nanoseconds / 1e9)
}

fn peak_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(peak.trim().trim_end_matches(" kB").parse::<f64>().ok()? / 1e3)
}
