//! What several tests need: the public data, and a Python.

#![allow(dead_code)] // every test takes its own part

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Where the public files lie: `$RESITU_DATA`, else `../shared/data`.
pub fn data() -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let path = std::env::var_os("RESITU_DATA").map_or(default, PathBuf::from);
    path.is_dir().then_some(path)
}

/// A Python with anndata: `$RESITU_PYTHON`, else `python3`.
pub fn python() -> Option<PathBuf> {
    let python = std::env::var_os("RESITU_PYTHON").map_or(PathBuf::from("python3"), PathBuf::from);
    let found = Command::new(&python).args(["-c", "import anndata"]).output().is_ok_and(|o| o.status.success());
    found.then_some(python)
}

/// Runs a script of `tests/python` and gives the JSON on its standard output; `None` without a Python.
pub fn run_python(script: &str, arguments: &[&str]) -> Option<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(script);
    let output = Command::new(python()?).arg(script).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// A folder of its own for a test, removed when it goes out of scope.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("resitu-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
