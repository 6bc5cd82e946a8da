//! Damaged files give an error or an answer: never a panic, never unbounded memory, never for ever.
//!
//! The allocator of these tests counts, so they run one at a time.

mod common;
#[path = "common/damage.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod damage;

use std::{
    path::Path,
    sync::Mutex,
    time::{Duration, Instant},
};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use resitu::{
    Explain,
    cells::{Csr, simulate::breast_tumour},
    io::{BytesSource, Dataset, Embedding, H5adContents, IoError, Numbers, Table, Uns, Values, write_h5ad},
};

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

#[global_allocator]
static ALLOCATOR: damage::Counting = damage::Counting;

/// Everything that can be asked of a file.
fn read_everything(bytes: Vec<u8>) -> Result<(), IoError> {
    let mut dataset = Dataset::open(Box::new(BytesSource::new(bytes)))?;
    let n_cells = dataset.n_cells();
    let mut first_error = dataset.obs_names().err();
    for info in dataset.obs_columns().to_vec() {
        match dataset.obs_column(&info.name) {
            Ok(column) => assert_eq!(column.len(), n_cells),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    match dataset.coordinates() {
        Ok(coordinates) => assert!(coordinates.is_none_or(|found| found.xy.len() == n_cells)),
        Err(error) => first_error = first_error.or(Some(error)),
    }
    first_error = first_error.or(dataset.summary().err());
    first_error = first_error.or(read_carried(&dataset).err());
    for matrix in dataset.matrices().to_vec() {
        let rows = dataset.use_matrix(&matrix.name).and_then(|()| {
            let end = dataset.range_end(0, 1 << 22)?;
            let rows = dataset.rows(0..end)?;
            common::check_expression(&dataset, false)?;
            Ok((rows, end))
        });
        match rows {
            Ok((rows, end)) => {
                assert_eq!((rows.n_rows(), rows.n_cols()), (end, dataset.n_genes()));
                assert_eq!(dataset.gene_names().len(), dataset.n_genes());
            }
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    first_error.map_or(Ok(()), Err)
}

/// What a copy of the file would hold besides.
fn read_carried(dataset: &Dataset) -> Result<(), IoError> {
    let carried = dataset.carried()?;
    for found in &carried.obsm {
        let end = dataset.n_cells().min(100);
        let rows = dataset.embedding_rows(&found.name, 0..end)?;
        assert!(rows.is_none_or(|rows| rows.len() == end * found.width));
    }
    for path in &carried.aligned {
        let Some(found) = dataset.aligned(path)? else { continue };
        match &found.sparse {
            None => assert_eq!(found.values.len(), found.n_rows * found.n_cols),
            Some((indptr, indices)) => {
                assert_eq!((indptr.len(), indices.len()), (found.n_rows + 1, found.values.len()));
                assert!(indptr.is_sorted() && indptr.last() == Some(&indices.len()));
                assert!(indices.iter().all(|&column| (column as usize) < found.n_cols));
            }
        }
    }
    Ok(())
}

/// Ways to damage a file, at a place drawn at random.
fn damaged(bytes: &[u8], way: usize, random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let mut below = |bound: usize| (random.next_u64() % bound.max(1) as u64) as usize;
    // Half of the time near the start, where the headers lie.
    let bound = if below(2) == 0 { bytes.len().min(8192) } else { bytes.len() };
    let at = below(bound);
    let word = |length: usize| at..(at + length).min(bound);
    match way {
        0 => bytes.truncate(below(bytes.len())),
        1 => bytes[at] ^= 1 << below(8),
        2 => bytes[at] = below(256) as u8,
        3 => bytes[word(8)].fill(0xff),
        4 => bytes[word(8)].fill(0),
        5 => bytes[word(4)].copy_from_slice(&0x7fff_ffffu32.to_le_bytes()[..word(4).len()]),
        6 => {
            // Another place's bytes: pointers that lead elsewhere, and in circles.
            let from = below(bytes.len().saturating_sub(16));
            let copy = bytes[from..from + word(8).len()].to_vec();
            bytes[word(8)].copy_from_slice(&copy);
        }
        _ => {
            // A hole, so that everything behind it is displaced.
            let end = (at + 1 + below(64)).min(bytes.len());
            bytes.drain(at..end);
        }
    }
    bytes
}

/// A file of resitu's own writer, with something of everything.
fn written() -> Vec<u8> {
    let cells = breast_tumour(30, 1).unwrap();
    let xy: Vec<f64> = (0..60).map(f64::from).collect();
    let dense = vec![0.5f32; 30 * cells.genes.len()];
    let pairs = Csr::new(30, (0..=30).collect(), (0..30).rev().collect(), vec![1.5; 30]).unwrap();
    write_h5ad(&H5adContents {
        x: Values::Sparse(&cells.counts),
        obs: Table { index: cells.names, columns: vec![("simulated_label".into(), cells.labels)] },
        var: Table { index: cells.genes, columns: Vec::new() },
        layers: vec![("dense".into(), Values::Dense(&dense))],
        obsm: vec![("spatial".into(), Embedding { width: 2, values: Numbers::F64(&xy) })],
        obsp: vec![("spatial_distances".into(), &pairs)],
        uns: vec![("resitu".into(), Uns::Nested(vec![("simulated".into(), "true".into())]))],
    })
    .unwrap()
}

/// Files to damage: resitu's own, those that anndata writes, old ones, and those of 10x and loom.
fn files() -> Vec<(String, Vec<u8>)> {
    let mut files = vec![("resitu's writer".to_owned(), written())];
    let folder = common::Folder::new("damage");
    match common::run_python("write_variants.py", &[folder.0.to_str().unwrap()]) {
        Some(written) => {
            for name in
                ["dense_gzip", "csr_gzip", "csc", "annotations", "layers_and_raw", "filters", "latest", "resizable"]
            {
                let path = written["files"][name].as_str().unwrap();
                files.push((name.to_owned(), std::fs::read(path).unwrap()));
            }
        }
        None => println!("skipped: damage to files of anndata (no Python with anndata)"),
    }
    let real = [
        "anndata/tests/data/archives/v0.5.0/adata.h5ad",
        "anndata/tests/data/archives/v0.7.8/adata.h5ad",
        "scanpy/tests/_data/10x_data/1.2.0/filtered_gene_bc_matrices_h5.h5",
        "scanpy/tests/_data/10x_data/3.0.0/filtered_feature_bc_matrix.h5",
        "xenium_bone_marrow/cell_feature_matrix.h5",
        "loom/osmfish.loom",
    ];
    for name in real {
        match common::data().and_then(|data| std::fs::read(Path::new(&data).join("formats").join(name)).ok()) {
            Some(bytes) => files.push((name.to_owned(), bytes)),
            None => println!("skipped: damage to {name} (no data)"),
        }
    }
    files
}

#[test]
fn damage_is_survived() {
    let _alone = ONE_AT_A_TIME.lock();
    let asked = damage::trials(800);
    damage::watch_panics();
    for (name, bytes) in files() {
        let start = Instant::now();
        read_everything(bytes.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
        // A sound file says how busy the machine is. Generous; what matters is that time does not follow from damage.
        let patience = Duration::from_secs(20).max(200 * start.elapsed());
        let trials = if bytes.len() > 1 << 18 { asked / 4 } else { asked };
        let mut random = ChaCha8Rng::seed_from_u64(11);
        let (mut n_errors, mut slowest, mut largest) = (0, Duration::ZERO, 0);
        for trial in 0..trials {
            let broken = damaged(&bytes, trial % 8, &mut random);
            let start = Instant::now();
            let (result, most) = damage::measured(|| read_everything(broken));
            slowest = slowest.max(start.elapsed());
            largest = largest.max(most);
            assert_eq!(damage::n_panics(), 0, "{name}: trial {trial} panicked: {result:?}");
            if let Err(error) = result {
                n_errors += 1;
                assert!(error.code().starts_with("io."), "{error}");
            }
        }
        println!(
            "{name}: {} bytes, {n_errors} of {trials} refused, slowest {slowest:?}, most memory {} KiB",
            bytes.len(),
            largest / 1024
        );
        assert!(slowest < patience, "{name}");
        assert!(largest < (64 << 20) + 64 * bytes.len(), "{name}: {largest} bytes");
    }
}

#[test]
fn false_claims_are_refused_before_memory_is_asked_for() {
    let _alone = ONE_AT_A_TIME.lock();
    let folder = common::Folder::new("bombs");
    let Some(paths) = common::run_python("write_bombs.py", &[folder.0.to_str().unwrap()]) else {
        return println!("skipped: false_claims_are_refused_before_memory_is_asked_for (no Python with h5py)");
    };
    for (name, path) in paths.as_object().unwrap() {
        let bytes = std::fs::read(path.as_str().unwrap()).unwrap();
        let (result, most) = damage::measured(|| read_everything(bytes));
        let error = result.unwrap_err();
        assert_eq!(error.code(), "io.too-large", "{name}: {error}");
        assert!(most < 8 << 20, "{name}: {most} bytes");
    }
}
