//! One table in every way that pyarrow writes Parquet, and then damaged thousands of times.
//!
//! The allocator of these tests counts, so they run one at a time.

mod common;
#[path = "common/damage.rs"]
mod damage;

use std::{
    path::Path,
    sync::Mutex,
    time::{Duration, Instant},
};

use common::Folder;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use resitu::{
    Explain,
    cells::Column,
    io::{BytesSource, FileSet, FileSource, IoError, read_parquet},
};
use serde_json::Value;

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

#[global_allocator]
static ALLOCATOR: damage::Counting = damage::Counting;

fn read(path: &str) -> Result<Vec<(String, Column)>, IoError> {
    let files = FileSet::single("", Box::new(FileSource::open(Path::new(path)).unwrap()));
    read_parquet(&files.entries()[0])
}

/// A column as JSON would have it.
fn json(column: &Column) -> Vec<Value> {
    match column {
        Column::Numbers(values) => values.iter().map(|v| if v.is_nan() { Value::Null } else { (*v).into() }).collect(),
        Column::Text(texts) => texts.iter().map(|text| text.as_str().into()).collect(),
        Column::Categorical { codes, categories } => {
            codes.iter().map(|code| categories.get(*code as usize).map_or(Value::Null, |c| c.as_str().into())).collect()
        }
    }
}

/// What pyarrow holds, in resitu's terms: numbers as `f64`, truth values by pandas' names, missing text as "".
fn expected(values: &Value, column: &Column) -> Vec<Value> {
    let value = |value: &Value| match (value, column) {
        (Value::Null, Column::Text(_)) => "".into(),
        (Value::Bool(truth), _) => if *truth { "True" } else { "False" }.into(),
        (Value::Number(number), _) => number.as_f64().unwrap().into(),
        (other, _) => other.clone(),
    };
    values.as_array().unwrap().iter().map(value).collect()
}

#[test]
fn every_way_of_writing_holds_the_same_values() {
    let _alone = ONE_AT_A_TIME.lock();
    let folder = Folder::new("parquet");
    let Some(written) = common::run_python("write_parquet.py", &[folder.0.to_str().unwrap()]) else {
        return println!("skipped: every_way_of_writing_holds_the_same_values (no Python with pyarrow)");
    };
    let values = written["values"].as_object().unwrap();
    for (name, path) in written["files"].as_object().unwrap() {
        let columns = read(path.as_str().unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(columns.len(), values.len(), "{name}");
        for (column_name, column) in &columns {
            assert!(json(column) == expected(&values[column_name], column), "{name}: {column_name}");
        }
    }
    let pandas = read(written["pandas"].as_str().unwrap()).unwrap();
    assert_eq!(pandas.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["x"], "the index is no column");
    let empty = read(written["empty"].as_str().unwrap()).unwrap();
    assert!(empty.len() == values.len() && empty.iter().all(|(_, column)| column.is_empty()));
    let error = read(written["refused"]["brotli"].as_str().unwrap()).unwrap_err();
    assert_eq!(error, IoError::UnsupportedCodec("Brotli (in Parquet)".into()));
}

#[test]
fn damage_is_survived() {
    let _alone = ONE_AT_A_TIME.lock();
    let folder = Folder::new("parquet-damage");
    let Some(written) = common::run_python("write_parquet.py", &[folder.0.to_str().unwrap()]) else {
        return println!("skipped: damage_is_survived (no Python with pyarrow)");
    };
    let asked = damage::trials(400);
    damage::watch_panics();
    for (name, path) in written["files"].as_object().unwrap() {
        let sound = std::fs::read(path.as_str().unwrap()).unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(12);
        let (mut n_errors, mut slowest, mut largest) = (0, Duration::ZERO, 0);
        for trial in 0..asked {
            // Half of the time in the footer.
            let from = if random.next_u32() % 2 == 0 { sound.len().saturating_sub(4096) } else { 0 };
            let broken = damage::damaged(&sound, from, trial, &mut random);
            let start = Instant::now();
            let (result, memory) = damage::measured(|| {
                let files = FileSet::single("", Box::new(BytesSource::new(broken)));
                read_parquet(&files.entries()[0])
            });
            (slowest, largest) = (slowest.max(start.elapsed()), largest.max(memory));
            assert_eq!(damage::n_panics(), 0, "{name}: trial {trial} panicked");
            match result {
                Ok(columns) => assert!(columns.windows(2).all(|pair| pair[0].1.len() == pair[1].1.len())),
                Err(error) => {
                    n_errors += 1;
                    assert!(error.code().starts_with("io."), "{error}");
                }
            }
        }
        println!("{name}: {n_errors} of {asked} refused, slowest {slowest:?}, most memory {} KiB", largest / 1024);
        assert!(slowest < Duration::from_secs(20), "{name}");
        assert!(largest < (32 << 20) + 64 * sound.len(), "{name}: {largest} bytes");
    }
}
