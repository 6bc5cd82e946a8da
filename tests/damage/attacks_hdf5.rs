//! HDF5 files made to do harm, by `tests/python/write_attacks.py`: cyclic links, indices that point outside, claims.

use crate::{
    common,
    trial::{alone, attempt},
};

#[test]
fn attacks_in_hdf5_give_errors_or_right_answers() {
    let _alone = alone();
    let folder = common::Folder::new("attacks");
    let Some(written) = common::run_python("write_attacks.py", &[folder.0.to_str().unwrap()]) else {
        return println!("skipped: attacks_in_hdf5_give_errors_or_right_answers (no Python with h5py)");
    };
    let mut surprises = Vec::new();
    for (name, case) in written.as_object().unwrap() {
        let bytes = std::fs::read(case["path"].as_str().unwrap()).unwrap();
        let found = attempt(name, vec![(format!("{name}.h5ad"), bytes)]);
        if found.code() != case["code"].as_str().unwrap() {
            surprises.push(format!("{name}: {:?} instead of {}", found.result, case["code"]));
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}
