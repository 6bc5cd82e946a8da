//! Times graphs and autocorrelation of one `.h5ad` in memory, for `scripts/bench/spatial.py`: one line of JSON.
//!
//! `bench_spatial FILE K PERMUTATIONS RADIUS REPEATS PERMUTED_REPEATS`. For every task the seconds by the clock and those of
//! the processor (user and system, all threads; Linux, else null), and the peak memory of the process after it. Work of a few
//! milliseconds is done several times in a row and divided, as Linux counts the processor's time in steps of about 4 ms.

mod timing;

use resitu::io::{Dataset, FileSource};
use resitu::progress::ignore;
use resitu::spatial::{AutocorrelationParams, Graph, GraphKind, GraphParams, autocorrelation};
use timing::{Outcome, timed};

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
