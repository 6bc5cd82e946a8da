//! Every real file of the public collection, alone and in its folder or archive, damaged thousands of times in all.

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zip::CompressionMethod;

use crate::{
    common, damage,
    pack::{gzip, tar, unzip, zip},
    trial::{Files, alone, attempt},
};

/// Trials for each input: fewer where a single one takes long, so that all of them take about a minute.
const TRIALS: [(usize, usize); 3] = [(1 << 17, 400), (1 << 20, 80), (usize::MAX, 24)];
/// Parts of the names of what is refused as it is.
const REFUSED: [&str; 2] = ["/no_genes.h5ad", "/MERSCOPE_small"];
/// Damage near the start of a file, where headers lie, in half of the trials.
const HEADER_BYTES: usize = 8192;

/// All files below `folder` by their path.
fn walk(folder: &Path) -> Files {
    let mut files = Files::new();
    let mut left = vec![folder.to_owned()];
    while let Some(at) = left.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.push((name, std::fs::read(path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// What a user would choose or drop: single files, folders of text, and archives made of these.
fn inputs(formats: &Path) -> BTreeMap<String, Files> {
    let files = walk(formats);
    let single = |name: &str| [".h5ad", ".h5", ".loom", ".zip"].iter().any(|end| name.ends_with(end));
    let mut inputs: BTreeMap<String, Files> =
        files.iter().filter(|(name, _)| single(name)).map(|file| (file.0.clone(), vec![file.clone()])).collect();
    let folders = [
        "scanpy/tests/_data/10x_data/1.2.0/filtered_gene_bc_matrices/hg19_chr21",
        "scanpy/tests/_data/10x_data/3.0.0/filtered_feature_bc_matrix",
        "scanpy/tests/_data/visium_data/1.0.0",
        "seurat/tests/testdata/cr3.0",
        "sxio/inst/extdata/MERSCOPE_small",
    ];
    for folder in folders {
        let below = |(name, bytes): &(String, Vec<u8>)| {
            Some((name.strip_prefix(folder)?.strip_prefix('/')?.to_owned(), bytes.clone()))
        };
        let parts: Files = files.iter().filter_map(below).collect();
        if parts.is_empty() {
            continue;
        }
        let mut pack =
            |name: &str, bytes| inputs.insert(format!("{folder}.{name}"), vec![(format!("a.{name}"), bytes)]);
        pack("zip", zip(&parts, CompressionMethod::Deflated));
        pack("tar", tar(&parts));
        pack("tar.gz", gzip(&tar(&parts)));
        inputs.insert(folder.to_owned(), parts);
    }
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".zarr.zip")) {
        inputs.insert(format!("{name}, unpacked"), unzip(bytes));
    }
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with("7.8/adata.h5ad")) {
        inputs.insert(format!("{name}.gz"), vec![("a.h5ad.gz".into(), gzip(bytes))]);
    }
    inputs
}

/// Damages one of the files: in one trial of eight it is missing or empty instead.
fn damage_one(sound: &Files, trial: usize, random: &mut ChaCha8Rng) -> Files {
    let mut files = sound.clone();
    let at = random.next_u64() as usize % files.len();
    let bytes = &files[at].1;
    match trial % 8 {
        6 if files.len() > 1 => drop(files.remove(at)),
        7 if files.len() > 1 => files[at].1.clear(),
        way if way % 2 == 0 && bytes.len() > HEADER_BYTES => {
            let mut broken = damage::damaged(&bytes[..HEADER_BYTES], 0, trial / 2, random);
            broken.extend(&bytes[HEADER_BYTES..]);
            files[at].1 = broken;
        }
        _ => files[at].1 = damage::damaged(bytes, 0, trial, random),
    }
    files
}

#[test]
fn real_files_survive_damage() {
    let _alone = alone();
    let Some(formats) = common::data().map(|data| data.join("formats")).filter(|path| path.is_dir()) else {
        return println!("skipped: real_files_survive_damage (no data)");
    };
    let (mut n_trials, mut n_refused, mut largest, mut slowest) = (0, 0, 0, Duration::ZERO);
    let start = Instant::now();
    let inputs = inputs(&formats);
    for (name, sound) in &inputs {
        // Every other input is read, so that damage is what the trials are about.
        let is_sound = attempt(name, sound.clone()).result.is_ok();
        assert!(is_sound || REFUSED.iter().any(|part| name.contains(part)), "{name} is refused undamaged");
        let bytes: usize = sound.iter().map(|(_, content)| content.len()).sum();
        let usual = TRIALS.iter().find(|(size, _)| bytes <= *size).map_or(0, |(_, trials)| *trials);
        let begun = Instant::now();
        let mut random = ChaCha8Rng::seed_from_u64(17);
        for trial in 0..damage::trials(usual) {
            let found = attempt(&format!("{name}, trial {trial}"), damage_one(sound, trial, &mut random));
            n_trials += 1;
            n_refused += usize::from(found.result.is_err());
            largest = largest.max(found.memory);
            slowest = slowest.max(found.time);
        }
        println!("{name}: {bytes} bytes, {:?}", begun.elapsed());
    }
    println!(
        "{} inputs, {n_trials} trials, {n_refused} refused, slowest {slowest:?}, most memory {} MiB, {:?} in all",
        inputs.len(),
        largest >> 20,
        start.elapsed()
    );
}
