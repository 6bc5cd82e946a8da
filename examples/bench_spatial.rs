//! Times graphs and autocorrelation of one `.h5ad` in memory, for `scripts/bench/spatial.py`: one line of JSON.
//!
//! `bench_spatial FILE K PERMUTATIONS RADIUS REPEATS PERMUTED_REPEATS`. For every task the seconds by the clock and those of
//! the processor (user and system, all threads; Linux, else null), and the peak memory of the process after it. Work of a few
//! milliseconds is done several times in a row and divided, as Linux counts the processor's time in steps of about 4 ms.

use std::time::Instant;

use resitu::io::{Dataset, FileSource};
use resitu::progress::ignore;
use resitu::spatial::{AutocorrelationParams, Graph, GraphKind, GraphParams, autocorrelation};

/// Seconds below which work is repeated.
const SHORT: f64 = 0.2;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, k, permutations, radius, repeats, permuted_repeats] = arguments.as_slice() else {
        return Err("bench_spatial FILE K PERMUTATIONS RADIUS REPEATS PERMUTED_REPEATS".into());
    };
    let (k, permutations, radius): (usize, usize, f64) = (k.parse()?, permutations.parse()?, radius.parse()?);
    let (repeats, permuted_repeats): (usize, usize) = (repeats.parse()?, permuted_repeats.parse()?);
    let dataset = Dataset::open(Box::new(FileSource::open(file.as_ref())?))?;
    let positions = dataset.coordinates()?.ok_or("no coordinates")?.xy;
    let values = dataset.rows(0..dataset.n_cells())?;

    let mut fields = Vec::new();
    let params = GraphParams { kind: GraphKind::Knn { k }, ..GraphParams::default() };
    let graph = Graph::build(&positions, None, &params)?;
    for (name, permutations, repeats) in [("analytic", 0, repeats), ("permuted", permutations, permuted_repeats)] {
        let params = AutocorrelationParams { permutations, ..AutocorrelationParams::default() };
        let work = || Ok(autocorrelation(&graph, &values, &params, &mut ignore).map(drop)?);
        fields.push(timed(name, repeats, work)?);
    }
    drop((graph, values, dataset));
    let kinds = [
        ("knn", GraphKind::Knn { k }),
        ("radius", GraphKind::Radius { radius }),
        ("delaunay", GraphKind::Delaunay),
        ("grid", GraphKind::Grid { neighbours: k, rings: 1 }),
    ];
    for (name, kind) in kinds {
        let params = GraphParams { kind, ..GraphParams::default() };
        fields.push(timed(name, repeats, || Ok(Graph::build(&positions, None, &params).map(drop)?))?);
    }
    println!("{{{}}}", fields.join(","));
    Ok(())
}

fn timed(name: &str, repeats: usize, mut work: impl FnMut() -> Outcome<()>) -> Outcome<String> {
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
