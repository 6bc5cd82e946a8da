//! Written files open in anndata, scanpy and squidpy, and in resitu itself.

mod common;

use common::Folder;
use resitu::{
    Explain,
    cells::{Column, Csr},
    io::{BytesSource, Dataset, Embedding, H5adContents, Numbers, Table, Uns, ValueKind, Values, write_h5ad},
};
use serde_json::{Value, json};

fn texts<const N: usize>(values: [&str; N]) -> Vec<String> {
    values.map(String::from).to_vec()
}

/// What anndata reads from the bytes; `None` without a Python.
fn as_anndata_reads_it(name: &str, bytes: &[u8], squidpy: bool) -> Option<Value> {
    let folder = Folder::new(name);
    let path = folder.0.join("written.h5ad");
    std::fs::write(&path, bytes).unwrap();
    let arguments = [path.to_str().unwrap(), "--squidpy"];
    common::run_python("read_h5ad.py", &arguments[..if squidpy { 2 } else { 1 }])
}

fn counts() -> Csr {
    Csr::from_dense(3, &[0.0, 2.0, 0.0, 1.0, 0.0, 3.0, 0.0, 0.0, 0.0, 5.5, 0.0, 1.0]).unwrap()
}

const DENSE: [f32; 12] = [0.5, 1.0, 0.0, 2.0, 0.25, 0.0, 0.0, 0.0, 4.0, 1.0, 1.0, 1.0];
const XY: [f64; 8] = [0.0, 0.5, 10.0, 0.0, 0.0, 10.0, 1e6, -1.0];

fn contents(counts: &Csr) -> H5adContents<'_> {
    H5adContents {
        x: Values::Dense(&DENSE),
        obs: Table {
            index: texts(["cell 1", "zelle-ä", "c3", "c4"]),
            columns: vec![
                (
                    "niche".into(),
                    Column::Categorical { codes: vec![1, -1, 0, 1], categories: texts(["stroma", "tumour"]) },
                ),
                ("confidence".into(), Column::Numbers(vec![0.5, f64::NAN, 1.0, 0.25])),
                ("name/with slash".into(), Column::Text(texts(["a", "", "c", "d"]))),
            ],
        },
        var: Table { index: texts(["EPCAM", "CD3E", "VWF"]), columns: Vec::new() },
        layers: vec![("counts".into(), Values::Sparse(counts))],
        obsm: vec![
            ("spatial".into(), Embedding { width: 2, values: Numbers::F64(&XY) }),
            ("X_z".into(), Embedding { width: 3, values: Numbers::F32(&DENSE) }),
        ],
        obsp: Vec::new(),
        uns: vec![
            (
                "resitu".into(),
                Uns::Nested(vec![
                    ("version".into(), "0.1.0".into()),
                    ("seed".into(), Uns::Integer(7)),
                    ("genes_matched".into(), Uns::Number(0.75)),
                    ("states".into(), Uns::Texts(texts(["B", "T"]))),
                    ("weights".into(), Uns::Numbers(vec![0.5, 2.0])),
                    ("zscore".into(), Uns::Matrix { n_cols: 2, values: vec![1.0, 2.0, 3.0, 4.0] }),
                ]),
            ),
            (
                "moranI".into(),
                Uns::Table(Table {
                    index: texts(["EPCAM", "VWF"]),
                    columns: vec![("I".into(), Column::Numbers(vec![0.5, 0.1]))],
                }),
            ),
        ],
    }
}

#[test]
fn anndata_reads_what_was_written() {
    let counts = counts();
    let bytes = write_h5ad(&contents(&counts)).unwrap();
    let Some(found) = as_anndata_reads_it("small", &bytes, false) else {
        return println!("skipped: anndata_reads_what_was_written (no Python with anndata)");
    };
    assert_eq!(
        found["X"],
        json!({"sparse": false, "dtype": "float32", "values": DENSE.chunks(3).map(<[_]>::to_vec).collect::<Vec<_>>()})
    );
    assert_eq!(
        found["layers"]["counts"],
        json!({"sparse": true, "dtype": "float32",
            "values": [[0.0, 2.0, 0.0], [1.0, 0.0, 3.0], [0.0, 0.0, 0.0], [5.5, 0.0, 1.0]]})
    );
    assert_eq!(
        json!({"index": found["obs"]["index"], "columns": found["obs"]["columns"]}),
        json!({"index": ["cell 1", "zelle-ä", "c3", "c4"], "columns": {
            "niche": {"categories": ["stroma", "tumour"], "codes": [1, -1, 0, 1]},
            "confidence": {"numbers": [0.5, null, 1.0, 0.25]},
            "name_with slash": {"text": ["a", "", "c", "d"]}}})
    );
    assert_eq!(found["var"], json!({"index": ["EPCAM", "CD3E", "VWF"], "columns": {}}));
    assert_eq!(
        found["obsm"]["spatial"],
        json!({"dtype": "float64", "values": [[0.0, 0.5], [10.0, 0.0], [0.0, 10.0], [1e6, -1.0]]})
    );
    assert_eq!(found["obsm"]["X_z"]["dtype"], "float32");
    assert_eq!(
        found["uns"],
        json!({"resitu": {"version": "0.1.0", "seed": 7, "genes_matched": 0.75, "states": ["B", "T"], "weights": [0.5, 2.0],
            "zscore": [[1.0, 2.0], [3.0, 4.0]]},
            "moranI": {"index": ["EPCAM", "VWF"], "columns": {"I": {"numbers": [0.5, 0.1]}}}})
    );
}

#[test]
fn resitu_reads_what_it_wrote() {
    let counts = counts();
    let bytes = write_h5ad(&contents(&counts)).unwrap();
    let mut dataset = Dataset::open(Box::new(BytesSource::new(bytes))).unwrap();
    assert_eq!(dataset.rows(0..4).unwrap(), Csr::from_dense(3, &DENSE).unwrap());
    dataset.use_matrix("layers/counts").unwrap();
    assert_eq!(dataset.rows(0..4).unwrap(), counts);
    assert_eq!(dataset.gene_names(), texts(["EPCAM", "CD3E", "VWF"]));
    assert_eq!(dataset.obs_names().unwrap(), texts(["cell 1", "zelle-ä", "c3", "c4"]));
    let niche = Column::Categorical { codes: vec![1, -1, 0, 1], categories: texts(["stroma", "tumour"]) };
    assert_eq!(dataset.obs_column("niche").unwrap(), niche);
    assert_eq!(dataset.labels("niche").unwrap().codes, [1, -1, 0, 1]);
    let coordinates = dataset.coordinates().unwrap().unwrap();
    assert_eq!(coordinates.key, "obsm/spatial");
    assert_eq!(coordinates.xy.concat(), XY);
}

#[test]
fn a_larger_file_is_chunked_and_squidpy_computes_on_it() {
    let (n_cells, n_genes) = (3_000, 150);
    let value =
        |row: usize, gene: usize| if (row * 7 + gene * 13).is_multiple_of(5) { ((row + gene) % 9) as f32 } else { 0.0 };
    let dense: Vec<f32> = (0..n_cells * n_genes).map(|i| value(i / n_genes, i % n_genes)).collect();
    let sparse = Csr::from_dense(n_genes, &dense).unwrap();
    let xy: Vec<f64> =
        (0..n_cells).flat_map(|i| [(i % 60) as f64 * 10.0, (i / 60) as f64 * 10.0 + (i % 7) as f64]).collect();
    let contents = H5adContents {
        x: Values::Sparse(&sparse),
        obs: Table { index: (0..n_cells).map(|i| format!("c{i}")).collect(), columns: Vec::new() },
        var: Table { index: (0..n_genes).map(|i| format!("g{i}")).collect(), columns: Vec::new() },
        layers: vec![("dense".into(), Values::Dense(&dense))],
        obsm: vec![("spatial".into(), Embedding { width: 2, values: Numbers::F64(&xy) })],
        obsp: Vec::new(),
        uns: Vec::new(),
    };
    let bytes = write_h5ad(&contents).unwrap();
    assert!(bytes.len() < dense.len(), "{} bytes", bytes.len());
    let mut dataset = Dataset::open(Box::new(BytesSource::new(bytes.clone()))).unwrap();
    assert_eq!(dataset.value_kind(), ValueKind::Counts);
    for matrix in ["X", "layers/dense"] {
        dataset.use_matrix(matrix).unwrap();
        assert_eq!(dataset.rows(0..n_cells).unwrap(), sparse, "{matrix}");
    }
    let Some(found) = as_anndata_reads_it("larger", &bytes, true) else {
        return println!("skipped: a_larger_file_is_chunked_and_squidpy_computes_on_it (no Python with anndata)");
    };
    let rows: Vec<Vec<f32>> = dense.chunks(n_genes).map(<[_]>::to_vec).collect();
    assert_eq!(found["X"]["values"], json!(rows));
    assert_eq!(found["layers"]["dense"]["values"], json!(rows));
    assert_eq!(found["squidpy"], n_genes);
}

#[test]
fn contents_that_disagree_are_refused() {
    let counts = counts();
    let mut wrong = contents(&counts);
    wrong.x = Values::Dense(&DENSE[1..]);
    assert_eq!(write_h5ad(&wrong).unwrap_err().code(), "io.write-failed");
    let mut wrong = contents(&counts);
    wrong.obs.columns.push(("short".into(), Column::Numbers(vec![1.0])));
    assert_eq!(write_h5ad(&wrong).unwrap_err().code(), "io.write-failed");
    let mut wrong = contents(&counts);
    wrong.obs.columns.push(("code".into(), Column::Categorical { codes: vec![0; 4], categories: vec![] }));
    assert_eq!(write_h5ad(&wrong).unwrap_err().code(), "io.write-failed");
}

#[test]
fn squidpy_goes_on_from_a_graph_and_its_statistics() {
    // A ring of six cells; label 0 on one half, 1 on the other.
    let n = 6;
    let ring = |weight: fn(usize) -> f32| {
        let mut graph = Csr::empty(n);
        for cell in 0..n {
            let mut around = [(cell + n - 1) % n, (cell + 1) % n];
            around.sort_unstable();
            graph.push_row(around.map(|other| (other as u32, weight(cell.min(other))))).unwrap();
        }
        graph
    };
    let (connectivities, distances) = (ring(|_| 1.0), ring(|cell| 10.0 + cell as f32));
    let text = |name: &str, value: &str| (name.to_owned(), Uns::from(value));
    let contents = H5adContents {
        x: Values::Dense(&DENSE[..6]),
        obs: Table {
            index: (0..n).map(|cell| format!("c{cell}")).collect(),
            columns: vec![(
                "cluster".into(),
                Column::Categorical { codes: vec![0, 0, 0, 1, 1, 1], categories: texts(["a", "b"]) },
            )],
        },
        var: Table { index: texts(["EPCAM"]), columns: Vec::new() },
        layers: Vec::new(),
        obsm: Vec::new(),
        obsp: vec![("spatial_connectivities".into(), &connectivities), ("spatial_distances".into(), &distances)],
        uns: vec![
            (
                "spatial_neighbors".into(),
                Uns::Nested(vec![
                    text("connectivities_key", "spatial_connectivities"),
                    text("distances_key", "spatial_distances"),
                    (
                        "params".into(),
                        Uns::Nested(vec![
                            ("n_neighbors".into(), Uns::Integer(2)),
                            text("coord_type", "generic"),
                            ("set_diag".into(), Uns::Truth(false)),
                        ]),
                    ),
                ]),
            ),
            (
                "cluster_nhood_enrichment".into(),
                Uns::Nested(vec![
                    ("zscore".into(), Uns::Matrix { n_cols: 2, values: vec![1.5, -1.5, -1.5, 1.5] }),
                    ("count".into(), Uns::Matrix { n_cols: 2, values: vec![4.0, 2.0, 2.0, 4.0] }),
                ]),
            ),
        ],
    };
    let bytes = write_h5ad(&contents).unwrap();
    let Some(found) = graph_as_squidpy_finds_it(&bytes) else {
        return println!("skipped: squidpy_goes_on_from_a_graph_and_its_statistics (no Python with anndata)");
    };
    assert_eq!(found["neighbours"], json!([2, 2, 2, 2, 2, 2]));
    assert_eq!(found["distances"], json!([[1, 10.0], [5, 10.0]]), "of the first cell");
    // Of twelve directed edges, four within each label and two each way between them: squidpy counts on our graph.
    assert_eq!(found["interactions"], json!([[4.0, 2.0], [2.0, 4.0]]));
    assert_eq!(found["drawn"], json!(true));
    assert_eq!(found["params"], json!({"n_neighbors": 2, "coord_type": "generic", "set_diag": false}));

    let uneven = Csr::empty(n);
    let wrong = H5adContents { obsp: vec![("graph".into(), &uneven)], ..contents };
    assert_eq!(write_h5ad(&wrong).unwrap_err().code(), "io.write-failed");
}

fn graph_as_squidpy_finds_it(bytes: &[u8]) -> Option<Value> {
    let folder = Folder::new("graph");
    let path = folder.0.join("written.h5ad");
    std::fs::write(&path, bytes).unwrap();
    common::run_python("read_graph.py", &[path.to_str().unwrap()])
}
