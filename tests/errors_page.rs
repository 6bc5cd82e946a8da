//! `docs/errors.md` lists every error of the sources in today's words, and no other. `scripts/errors.py` writes it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Every `error.rs` in `src`.
fn error_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            error_files(&path, files);
        } else if path.ends_with("error.rs") && path.parent() != Some(&root().join("src")) {
            files.push(path);
        }
    }
}

/// The string literals of some source code, unescaped, with `…` for each `{placeholder}` as the page has it.
fn literals(source: &str) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), source);
    while let Some(start) = rest.find('"') {
        rest = &rest[start + 1..];
        let escaped = |end: usize| rest[..end].bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 1;
        let end = rest.match_indices('"').map(|(at, _)| at).find(|&at| !escaped(at)).expect("a literal without an end");
        let mut text = rest[..end].replace("\\\"", "\"");
        while let (Some(open), Some(close)) = (text.find('{'), text.find('}')) {
            text.replace_range(open..=close, "…");
        }
        found.push(text.replace("….", "…"));
        rest = &rest[end + 1..];
    }
    found
}

/// `room.what-is-wrong`.
fn is_code(text: &str) -> bool {
    let word = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    text.split_once('.').is_some_and(|(room, what)| word(room) && word(what))
}

#[test]
fn the_page_says_what_the_sources_say() {
    let page = read("docs/errors.md");
    let mut files = Vec::new();
    error_files(&root().join("src"), &mut files);
    assert!(files.len() >= 7, "found only {files:?}");
    let javascript = read("www/src/errors.ts");
    let table = javascript.split_once("const SENTENCES").and_then(|(_, rest)| rest.split_once("} as const")).unwrap().0;
    let mut texts = literals(table);
    for file in &files {
        let source = read(file);
        let (enumeration, implementation) = source.split_once("fn code(").unwrap();
        let attributes = enumeration.split("#[error(\"").skip(1).map(|rest| format!("\"{rest}"));
        texts.extend(attributes.map(|attribute| literals(&attribute).swap_remove(0)));
        texts.extend(literals(implementation.split("#[cfg(test)]").next().unwrap()));
    }
    let missing: Vec<&String> = texts.iter().filter(|text| !page.contains(text.as_str())).collect();
    assert!(missing.is_empty(), "run `python3 scripts/errors.py`: docs/errors.md lacks {missing:#?}");

    let defined: BTreeSet<&str> = texts.iter().map(String::as_str).filter(|text| is_code(text)).collect();
    let listed: BTreeSet<&str> = page.split('`').skip(1).step_by(2).filter(|text| is_code(text)).collect();
    assert_eq!(listed, defined, "run `python3 scripts/errors.py`: docs/errors.md lists other codes than there are");
}
