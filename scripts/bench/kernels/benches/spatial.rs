//! The kernels of `resitu::spatial` on a generated tissue of 20,000 cells.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use resitu::progress::ignore;
use resitu::spatial::*;
use resitu_kernels::{counts, labels, positions};

const CELLS: usize = 20_000;
/// Eight genes are one block of the dense kernel.
const GENES: usize = 8;
const LABELS: usize = 20;

fn knn() -> GraphParams {
    GraphParams { kind: GraphKind::Knn { k: 6 }, ..GraphParams::DEFAULT }
}

fn graphs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("graph");
    group.throughput(Throughput::Elements(CELLS as u64));
    let positions = positions(CELLS);
    for (name, kind) in [
        ("knn", GraphKind::Knn { k: 6 }),
        ("radius", GraphKind::Radius { radius: 15.0 }),
        ("delaunay", GraphKind::Delaunay),
        ("lattice", GraphKind::Grid { neighbours: 6, rings: 1 }),
    ] {
        let params = GraphParams { kind, ..GraphParams::DEFAULT };
        group.bench_function(name, |bencher| bencher.iter(|| Graph::build(black_box(&positions), None, &params)));
    }
    group.finish();
}

/// One block of genes: the observed statistics, and 16 permutations of either null. Dense genes and sparse ones take
/// different ways.
fn autocorrelations(criterion: &mut Criterion) {
    let positions = positions(CELLS);
    let graph = Graph::build(&positions, None, &knn()).expect("a graph of these cells");
    let mut group = criterion.benchmark_group("moran and geary");
    group.throughput(Throughput::Elements((CELLS * GENES) as u64));
    for (density, share) in [("dense", 0.4), ("sparse", 0.04)] {
        let values = counts(&positions, GENES, share).expect("counts");
        for (name, null, permutations) in
            [("observed", Null::Values, 0), ("16 of values", Null::Values, 16), ("16 of rows", Null::Rows, 16)]
        {
            let params = AutocorrelationParams { null, permutations, ..AutocorrelationParams::default() };
            group.bench_function(BenchmarkId::new(name, density), |bencher| {
                bencher.iter(|| autocorrelation(&graph, black_box(&values), &params, &mut ignore));
            });
        }
    }
    group.finish();
}

fn label_statistics(criterion: &mut Criterion) {
    let positions = positions(CELLS);
    let codes = labels(&positions, LABELS);
    let graph = Graph::build(&positions, None, &knn()).expect("a graph of these cells");
    let mut group = criterion.benchmark_group("labels");
    group.sample_size(20);
    for permutations in [0, 100] {
        let params = EnrichmentParams { permutations, ..EnrichmentParams::default() };
        group.bench_function(BenchmarkId::new("enrichment", permutations), |bencher| {
            bencher.iter(|| enrichment(&graph, black_box(&codes), LABELS, None, &params, &mut ignore));
        });
    }
    // Far: most tiles of cells lie within one interval and are counted whole. Near: pairs are measured.
    let near = Intervals::Distances((0..=50).map(|step| f64::from(2 * step)).collect());
    for (name, intervals) in [("far", Intervals::Even(50)), ("to 100 um", near)] {
        let params = CoOccurrenceParams { intervals };
        group.bench_function(BenchmarkId::new("co-occurrence", name), |bencher| {
            bencher.iter(|| co_occurrence(black_box(&positions), &codes, LABELS, None, &params, &mut ignore));
        });
    }
    group.finish();
}

fn signals(criterion: &mut Criterion) {
    let positions = positions(CELLS);
    let codes = labels(&positions, LABELS);
    let graph = Graph::build(&positions, None, &knn()).expect("a graph of these cells");
    let genes: Vec<String> = (0..GENES).map(|gene| gene.to_string()).collect();
    let pairs = ligrec::read_pairs("ligand,receptor\n0,1\n2,3\n4,5\n6,7\n").expect("pairs");
    let mut group = criterion.benchmark_group("ligand-receptor, 100 permutations");
    group.sample_size(20);
    for (density, share) in [("dense", 0.4), ("sparse", 0.04)] {
        let values = counts(&positions, GENES, share).expect("counts");
        for (name, between) in [("labels", ligrec::Between::Labels), ("neighbours", ligrec::Between::Neighbours)] {
            let params = ligrec::LigrecParams { between, permutations: 100, ..ligrec::LigrecParams::default() };
            group.bench_function(BenchmarkId::new(name, density), |bencher| {
                let given = (codes.as_slice(), LABELS);
                bencher.iter(|| ligrec::ligrec(&graph, &values, &genes, &pairs, given, None, &params, &mut ignore));
            });
        }
    }
    group.finish();
}

/// Each for the data and one simulated pattern.
fn point_patterns(criterion: &mut Criterion) {
    let positions = positions(CELLS);
    let codes = labels(&positions, LABELS);
    let mut group = criterion.benchmark_group("ripley, 1 simulation");
    group.sample_size(20);
    for (name, function) in [
        ("F", ripley::RipleyFunction::F),
        ("G", ripley::RipleyFunction::G),
        ("L", ripley::RipleyFunction::L),
        ("g", ripley::RipleyFunction::PairCorrelation),
    ] {
        let params = ripley::RipleyParams { function, simulations: 1, ..ripley::RipleyParams::default() };
        group.bench_function(name, |bencher| {
            bencher.iter(|| ripley::ripley(black_box(&positions), &codes, LABELS, None, &params, &mut ignore));
        });
    }
    group.finish();
}

criterion_group!(kernels, graphs, autocorrelations, label_statistics, signals, point_patterns);
criterion_main!(kernels);
