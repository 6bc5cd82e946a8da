//! Times graphs and autocorrelation of one `.h5ad` in memory, for `scripts/bench/spatial_sizes.py`: one line of JSON.
//!
//! `bench_spatial FILE K PERMUTATIONS RADIUS [REPEATS]`, seconds by the clock; the peak is that of the whole process.

use std::time::Instant;

use resitu::io::{Dataset, FileSource};
use resitu::progress::ignore;
use resitu::spatial::{AutocorrelationParams, Graph, GraphKind, GraphParams, autocorrelation};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, k, permutations, radius, ..] = arguments.as_slice() else {
        return Err("bench_spatial FILE K PERMUTATIONS RADIUS [REPEATS]".into());
    };
    let (k, permutations, radius): (usize, usize, f64) = (k.parse()?, permutations.parse()?, radius.parse()?);
    let repeats: usize = arguments.get(4).map_or(Ok(5), |repeats| repeats.parse())?;
    let dataset = Dataset::open(Box::new(FileSource::open(file.as_ref())?))?;
    let positions = dataset.coordinates()?.ok_or("no coordinates")?.xy;
    let values = dataset.rows(0..dataset.n_cells())?;

    let kinds = [
        ("knn", GraphKind::Knn { k }),
        ("radius", GraphKind::Radius { radius }),
        ("delaunay", GraphKind::Delaunay),
        ("grid", GraphKind::Grid { neighbours: 6, rings: 1 }),
    ];
    let mut fields = Vec::new();
    for (name, kind) in kinds {
        let params = GraphParams { kind, ..GraphParams::default() };
        let mut edges = 0;
        let times = timed(repeats, || Graph::build(&positions, None, &params).map(|graph| edges = graph.n_edges()))?;
        fields.push(format!("\"{name}\":{times:?},\"{name}_edges\":{edges}"));
    }
    let params = GraphParams { kind: GraphKind::Knn { k }, ..GraphParams::default() };
    let graph = Graph::build(&positions, None, &params)?;
    for (name, permutations) in [("analytic", 0), ("permuted", permutations)] {
        let params = AutocorrelationParams { permutations, ..AutocorrelationParams::default() };
        let times = timed(repeats, || autocorrelation(&graph, &values, &params, &mut ignore).map(drop))?;
        fields.push(format!("\"{name}\":{times:?}"));
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    let peak: f64 = peak.trim().trim_end_matches(" kB").parse().unwrap_or(f64::NAN);
    println!(
        "{{{},\"cells\":{},\"genes\":{},\"peak_gb\":{}}}",
        fields.join(","),
        positions.len(),
        values.n_cols(),
        peak / 1e6
    );
    Ok(())
}

fn timed<E>(repeats: usize, mut work: impl FnMut() -> Result<(), E>) -> Result<Vec<f64>, E> {
    let mut times = Vec::new();
    for _ in 0..repeats {
        let started = Instant::now();
        work()?;
        times.push(started.elapsed().as_secs_f64());
    }
    Ok(times)
}
