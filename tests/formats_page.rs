//! The support table stands in docs/formats.md; the README shows the same.

fn table(page: &str) -> Option<&str> {
    page.split_once("<!-- formats:begin -->")?.1.split_once("<!-- formats:end -->").map(|(table, _)| table)
}

#[test]
fn the_readme_shows_the_support_table() {
    let read = |path: &str| std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let (readme, page) = (read("README.md"), read("docs/formats.md"));
    let page = table(&page).expect("docs/formats.md has the table between its marks");
    assert!(page.contains("| h5ad"), "a row for h5ad");
    assert_eq!(table(&readme), Some(page), "run `python3 scripts/formats.py`");
}
