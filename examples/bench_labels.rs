//! Times statistics of labels of one `.h5ad` in memory, for `scripts/bench/labels.py`: one line of JSON.
//!
//! `bench_labels FILE COLUMN PAIRS K REPEATS`: the column of `obs` with the labels, a CSV of ligands and receptors, how many
//! neighbours. For every task, by squidpy's definitions and defaults, what `timing` says.

mod timing;

use resitu::io::{Dataset, FileSource};
use resitu::progress::ignore;
use resitu::spatial::ligrec::{Complex, Counting, LigrecParams, ligrec, read_pairs};
use resitu::spatial::{EnrichmentParams, Graph, GraphKind, GraphParams, centrality, enrichment};
use timing::{Outcome, timed};

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, column, pairs, k, repeats] = arguments.as_slice() else {
        return Err("bench_labels FILE COLUMN PAIRS K REPEATS".into());
    };
    let repeats: usize = repeats.parse()?;
    let dataset = Dataset::open(Box::new(FileSource::open(file.as_ref())?))?;
    let positions = dataset.coordinates()?.ok_or("no coordinates")?.xy;
    let values = dataset.rows(0..dataset.n_cells())?;
    let labels = dataset.labels(column)?;
    let (codes, n_labels) = (labels.codes, labels.levels.len());
    let pairs = read_pairs(&std::fs::read_to_string(pairs)?)?;
    let params = GraphParams { kind: GraphKind::Knn { k: k.parse()? }, ..GraphParams::default() };
    let graph = Graph::build(&positions, None, &params)?;

    let tasks = [
        timed("enrichment", repeats, || {
            Ok(enrichment(&graph, &codes, n_labels, None, &EnrichmentParams::default(), &mut ignore).map(drop)?)
        })?,
        timed("centrality", repeats, || Ok(centrality(&graph, &codes, n_labels, &mut ignore).map(drop)?))?,
        timed("ligrec", repeats, || {
            let params =
                LigrecParams { complex: Complex::Each, counting: Counting::Squidpy, ..LigrecParams::default() };
            let labels = (codes.as_slice(), n_labels);
            Ok(ligrec(&graph, &values, dataset.gene_names(), &pairs, labels, None, &params, &mut ignore).map(drop)?)
        })?,
    ];
    println!("{{{}}}", tasks.join(","));
    Ok(())
}
