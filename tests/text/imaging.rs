//! MERSCOPE and CosMx: pairs of tables.

use resitu::{
    cells::Column,
    io::{Dataset, FileSet},
};

use crate::{
    common::data,
    real::{check, reference},
    support::{code, dense, gzip, open},
};

const COUNTS: &str = "cell,ACTB,Blank-1,CD4\n110883424764611924400221639916314253469,1,9,0\n2,0,0,4\n3,5,0,0\n";
const CELLS: &str = ",fov,volume,center_x,center_y\n3,0,1.5,30.5,31\n7,0,1,1,1\n\
    110883424764611924400221639916314253469,0,2,10,11.25\n";
const COSMX_COUNTS: &str = "fov,cell_ID,ACTB,NegPrb3,CD4,SystemControl1,FalseCode2\n\
    1,0,99,1,1,1,1\n1,1,1,0,2,0,0\n1,2,0,0,0,0,3\n2,0,1,0,0,0,0\n2,1,7,1,0,0,0\n";
const COSMX_CELLS: &str = "fov,cell_ID,Area,CenterX_local_px,CenterY_local_px,CenterX_global_px,CenterY_global_px,cell_type\n\
    2,1,90,1,1,2001,2002,b\n1,2,80,1,1,1201,1202,a\n1,1,70,1,1,1101,1102,a\n";

fn has_note(dataset: &Dataset, part: &str) -> bool {
    dataset.notes().iter().any(|note| note.contains(part))
}

#[test]
fn a_public_merscope_section_gives_what_pandas_gives() {
    let Some(root) = data() else {
        return println!("skipped: a_public_merscope_section_gives_what_pandas_gives (no data)");
    };
    let name = "sxio/inst/extdata/MERSCOPE_small";
    let dataset = Dataset::open_files(FileSet::from_paths(&[root.join("formats").join(name)]).unwrap()).unwrap();
    assert_eq!(dataset.format(), "MERSCOPE");
    let expected = &reference()[name];
    check(&dataset, expected, 3, name);
    let found = dataset.coordinates().unwrap().unwrap();
    assert_eq!(found.key, "obs/center_x, obs/center_y");
    for (axis, key) in ["x", "y"].into_iter().enumerate() {
        let sum: f64 = found.xy.iter().enumerate().map(|(cell, xy)| xy[axis] * (cell % 97 + 1) as f64).sum();
        assert!((sum - expected[key].as_f64().unwrap()).abs() < 1e-6, "{key}: {sum}");
    }
}

#[test]
fn merscope_is_joined_by_the_names_of_cells() {
    let plain = vec![("r/s1_cell_by_gene.csv", COUNTS.into()), ("r/s1_cell_metadata.csv", CELLS.into())];
    let packed =
        vec![("cell_by_gene.csv.gz", gzip(COUNTS.as_bytes())), ("cell_metadata.csv.gz", gzip(CELLS.as_bytes()))];
    for files in [plain, packed] {
        let dataset = open::<Vec<u8>>(&files).unwrap();
        assert_eq!(dataset.gene_names(), ["ACTB", "CD4"]);
        assert_eq!(dense(&dataset).unwrap(), [[1.0, 0.0], [0.0, 4.0], [5.0, 0.0]]);
        let xy = dataset.coordinates().unwrap().unwrap().xy;
        assert_eq!((xy[0], xy[2]), ([10.0, 11.25], [30.5, 31.0]));
        assert!(xy[1][0].is_nan());
        for note in ["1 columns are controls", "1 of 3 cells have no position", "1 cells of the table of cells", "µm"]
        {
            assert!(has_note(&dataset, note), "{note}: {:?}", dataset.notes());
        }
    }
}

#[test]
fn cosmx_is_joined_by_field_of_view_and_cell() {
    let files = [("S0_exprMat_file.csv", COSMX_COUNTS), ("S0_metadata_file.csv", COSMX_CELLS)];
    let dataset = open(&files).unwrap();
    assert_eq!(dataset.format(), "CosMx");
    // As squidpy names them.
    assert_eq!(dataset.obs_names().unwrap(), ["1_1", "2_1", "1_2"]);
    assert_eq!(dataset.gene_names(), ["ACTB", "CD4"]);
    assert_eq!(dense(&dataset).unwrap(), [[1.0, 2.0], [0.0, 0.0], [7.0, 0.0]]);
    let found = dataset.coordinates().unwrap().unwrap();
    assert_eq!(found.key, "obs/CenterX_global_px, obs/CenterY_global_px");
    assert_eq!(found.xy, [[1101.0, 1102.0], [1201.0, 1202.0], [2001.0, 2002.0]]);
    let Column::Categorical { codes, .. } = dataset.obs_column("cell_type").unwrap() else { panic!() };
    assert_eq!(codes, [0, 0, 1]);
    for note in ["3 columns are controls", "2 rows are of cell 0", "pixels"] {
        assert!(has_note(&dataset, note), "{note}: {:?}", dataset.notes());
    }
}

#[test]
fn a_missing_partner_is_said() {
    for (name, text) in [("a_cell_by_gene.csv", COUNTS), ("a_exprMat_file.csv", COSMX_COUNTS)] {
        let dataset = open(&[(name, text)]).unwrap();
        assert!(dataset.coordinates().unwrap().is_none());
        assert!(has_note(&dataset, "There are no positions"), "{:?}", dataset.notes());
    }
    for (name, text) in [("cell_metadata.csv", CELLS), ("a_metadata_file.csv", COSMX_CELLS)] {
        assert_eq!(code(&[(name, text)]), "io.missing-file");
    }
    assert_eq!(code(&[("a_cell_by_gene.csv", COUNTS), ("b_cell_by_gene.csv", COUNTS)]), "io.several-datasets");
    assert_eq!(code(&[("exprMat_file.csv", COUNTS)]), "io.bad-structure");
    let dataset = open(&[("cell_by_gene.csv", "cell,ACTB,CD4\n1,2,x\n2,4,0\n")]).unwrap();
    assert_eq!(dense(&dataset).unwrap(), [[2.0], [4.0]]);
    assert!(has_note(&dataset, "1 columns of the counts hold text"), "{:?}", dataset.notes());
    let strangers = "cell,center_x,center_y\nq,1,2\nr,1,2\n";
    let dataset = open(&[("cell_by_gene.csv", COUNTS), ("cell_metadata.csv", strangers)]).unwrap();
    assert!(has_note(&dataset, "No cell of the counts"), "{:?}", dataset.notes());
}

#[test]
fn columns_of_one_name_give_no_positions_of_another_length() {
    // Found by libFuzzer: the column that was looked at was the second, and the one that was read the first.
    let cells = CELLS.replace(",fov,volume,center_x", ",center_x,volume,center_x").replace("3,0,1.5", "3,zero,1.5");
    let dataset = open(&[("cell_by_gene.csv", COUNTS), ("cell_metadata.csv", cells.as_str())]).unwrap();
    assert_eq!(dataset.coordinates_key(), None);
    assert!(dataset.coordinates().unwrap().is_none());
}
