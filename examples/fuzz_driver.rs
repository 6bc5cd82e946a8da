//! Runs a fuzz target without libFuzzer: seeds, changed at random and joined, one after the other.
//!
//!     cargo run --release --example fuzz_driver -- bundle-seed | python scripts/fuzz_seeds.py DATA SEEDS
//!     cargo run --release --example fuzz_driver -- TARGET SEEDS/TARGET SECONDS STATUS [FIRST-TRIAL]
//!
//! For machines on which the instrumented build of `fuzz/` takes too long. It learns nothing from what it tries, so that it
//! is no substitute for `scripts/fuzz.sh`. Each trial follows from its number alone: after a crash, the file STATUS holds the
//! number, and giving it as FIRST-TRIAL repeats it.

#[allow(dead_code, reason = "libFuzzer's programs use the targets one by one")]
#[path = "../fuzz/src/lib.rs"]
mod targets;

#[path = "../fuzz/src/bin/bundle_seed.rs"]
mod bundle_seed;

use std::{
    fs::{self, File},
    io::{Seek, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const MAX_BYTES: usize = 200_000;
/// Numbers that sit on the edges of types, which parsers trip over.
const EDGES: [u64; 10] =
    [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, 0x7fff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments == ["bundle-seed"] {
        bundle_seed::main().expect("the seed can be written");
        return;
    }
    let [target, seeds, seconds, status, first @ ..] = &arguments[..] else {
        eprintln!("usage: fuzz_driver TARGET SEEDS SECONDS STATUS [FIRST-TRIAL]");
        std::process::exit(2);
    };
    let run: fn(&[u8]) = match &target[..] {
        "dataset" => targets::dataset,
        "folder" => targets::folder,
        "archive" => targets::archive,
        "parquet" => targets::parquet,
        "text_table" => targets::text_table,
        "bundle" => targets::bundle,
        "gene_table" => targets::gene_table,
        "pairs" => targets::pairs,
        other => panic!("no target is called {other}"),
    };
    let seeds = read_seeds(Path::new(seeds));
    let mut status = File::create(status).expect("the file of the status can be written");
    let limit = Duration::from_secs(seconds.parse().expect("a number of seconds"));
    let start = Instant::now();
    let mut trial: u64 = first.first().map_or(0, |number| number.parse().expect("the number of a trial"));
    let (mut n_trials, mut slowest, mut slowest_trial) = (0u64, Duration::ZERO, 0);
    while start.elapsed() < limit {
        status.rewind().and_then(|()| write!(status, "{trial:<20}")).expect("the file of the status can be written");
        let input = input(&seeds, trial);
        let begun = Instant::now();
        run(&input);
        if begun.elapsed() > slowest {
            (slowest, slowest_trial) = (begun.elapsed(), trial);
        }
        (trial, n_trials) = (trial + 1, n_trials + 1);
    }
    let seconds = start.elapsed().as_secs();
    println!(
        "{target}: {n_trials} trials of {} seeds in {seconds} s, slowest {slowest:?} (trial {slowest_trial})",
        seeds.len()
    );
}

fn read_seeds(folder: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).expect("the folder of seeds can be read");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a seed").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a seed can be read")).collect()
}

/// The input of a trial. The first are the seeds themselves.
fn input(seeds: &[Vec<u8>], trial: u64) -> Vec<u8> {
    if let Some(seed) = usize::try_from(trial).ok().and_then(|trial| seeds.get(trial)) {
        return seed.clone();
    }
    let mut random = ChaCha8Rng::seed_from_u64(trial);
    let mut below = |bound: usize| (random.next_u64() % bound.max(1) as u64) as usize;
    let mut bytes = seeds[below(seeds.len())].clone();
    let other = &seeds[below(seeds.len())];
    for _ in 0..=below(6) {
        let bound = if below(2) == 0 { bytes.len().min(2048) } else { bytes.len() };
        let at = below(bound);
        let end = (at + 1 + below(16)).min(bytes.len());
        match below(9) {
            0 if at < end => bytes[at] ^= 1 << below(8),
            1 if at < end => bytes[at] = below(256) as u8,
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..end)),
            4 => bytes.splice(at..at, (0..=below(16)).map(|_| 0x30)).for_each(drop),
            5 | 6 => {
                let edge = EDGES[below(EDGES.len())].to_le_bytes();
                let width = [1, 2, 4, 8][below(4)].min(bytes.len() - at);
                bytes[at..at + width].copy_from_slice(&edge[..width]);
            }
            7 => {
                // Digits become others: sizes and indices in text.
                bytes[at..]
                    .iter_mut()
                    .filter(|byte| byte.is_ascii_digit())
                    .take(1 + below(20))
                    .for_each(|byte| *byte = b'9');
            }
            _ => {
                let from = below(other.len());
                let to = (from + 1 + below(256)).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied()).for_each(drop);
            }
        }
    }
    bytes.truncate(MAX_BYTES);
    bytes
}
