//! 10x Genomics' HDF5 matrices: Cell Ranger 2 (a group a genome) and since 3 (`/matrix`), Space Ranger, Xenium, CellBender.
//!
//! Both store features × cells by columns (CSC), which is cells × features by rows: cells are read where they lie.

mod barcodes;
mod features;

use std::sync::Arc;

use super::{
    IoError,
    matrix::{Compressed, Picked},
    reader::Reader,
    rows::Rows,
    table::Table,
    tree::{Node, Tree},
};
use barcodes::Barcodes;
pub(super) use features::Features;

const PLACE: &str = "the matrix";
const FEATURES: &str = "the features";
/// Groups beyond these are not looked at; no file has that many genomes.
const MAX_GENOMES: usize = 64;

/// An open 10x file.
pub(super) struct TenX {
    tree: Arc<dyn Tree>,
    format: &'static str,
    obs: Barcodes,
    matrices: Vec<Matrix>,
    notes: Vec<String>,
}

/// One matrix on offer: some of the features of one group.
struct Matrix {
    name: String,
    path: String,
    features: Arc<Features>,
    is_picked: Vec<bool>,
}

impl TenX {
    /// Opens the file if it is one of 10x's: `/matrix/features`, or groups with `genes` and `barcodes`.
    ///
    /// `notes` come before its own.
    pub(super) fn open(tree: &Arc<dyn Tree>, notes: Vec<String>) -> Result<Option<Self>, IoError> {
        if is_matrix(&**tree, "matrix", "features")? {
            return Self::open_v3(tree, notes).map(Some);
        }
        let mut genomes = Vec::new();
        for name in tree.children("", PLACE)?.into_iter().take(MAX_GENOMES) {
            if is_matrix(&**tree, &name, "genes")? {
                genomes.push(name);
            }
        }
        if genomes.is_empty() { Ok(None) } else { Self::open_v2(tree, &genomes, notes).map(Some) }
    }

    /// Cell Ranger 3 and later. With genes of several genomes, each genome is offered as a matrix beside all of them.
    fn open_v3(tree: &Arc<dyn Tree>, mut notes: Vec<String>) -> Result<Self, IoError> {
        let part = |name: &str| texts(&**tree, &format!("matrix/features/{name}"));
        let ids = part("id")?;
        let names = part("name")?;
        let features = Features {
            names: if names.is_empty() { ids.clone() } else { names },
            ids,
            types: part("feature_type")?,
            genomes: part("genome")?,
        };
        let features = Arc::new(features.check(FEATURES)?);
        let are_genes = features.are_genes();
        notes.extend(features.note());
        let all = Matrix {
            name: "X".into(),
            path: "matrix".into(),
            features: features.clone(),
            is_picked: are_genes.clone(),
        };
        let mut matrices = vec![all];
        let genomes = features.gene_genomes();
        if genomes.len() > 1 {
            let of_genome = |genome: &String| -> Vec<bool> {
                are_genes.iter().zip(&features.genomes).map(|(is_gene, other)| *is_gene && other == genome).collect()
            };
            matrices.extend(genomes.iter().take(MAX_GENOMES).map(|genome| Matrix {
                name: genome.clone(),
                path: "matrix".into(),
                features: features.clone(),
                is_picked: of_genome(genome),
            }));
            notes.push(format!(
                "X holds the genes of {} genomes together; each genome is also offered alone ({}).",
                genomes.len(),
                some_of(&genomes)
            ));
        }
        let obs = Barcodes::open(tree, "matrix/barcodes", n_libraries(&**tree)?)?;
        Ok(Self { tree: tree.clone(), format: "10x HDF5", obs, matrices, notes })
    }

    /// Cell Ranger 1 and 2: a group a genome, each with the barcodes that are cells of that genome. The genome with most
    /// stored values is the default; others are on offer if they have the same barcodes.
    fn open_v2(tree: &Arc<dyn Tree>, genomes: &[String], mut notes: Vec<String>) -> Result<Self, IoError> {
        let mut sized = Vec::new();
        for genome in genomes {
            let data = tree.array(&format!("{genome}/data"), PLACE)?.ok_or(IoError::bad(PLACE, "it has no values"))?;
            sized.push((data.length()?, genome));
        }
        // Sorted by name before: a tie goes to the first.
        sized.sort_by_key(|(n_stored, _)| std::cmp::Reverse(*n_stored));
        let largest = sized.first().map(|(_, genome)| *genome).ok_or(IoError::NoMatrix)?;
        let n_libraries = n_libraries(&**tree)?;
        let obs = Barcodes::open(tree, &format!("{largest}/barcodes"), n_libraries)?;
        let barcodes = if sized.len() > 1 { obs.index()? } else { Vec::new() };
        let (mut matrices, mut left_out) = (Vec::new(), Vec::new());
        for (_, genome) in &sized {
            if *genome != largest && texts(&**tree, &format!("{genome}/barcodes"))? != barcodes {
                left_out.push((*genome).clone());
                continue;
            }
            let ids = texts(&**tree, &format!("{genome}/genes"))?;
            let names = texts(&**tree, &format!("{genome}/gene_names"))?;
            let features = Features {
                genomes: vec![(*genome).clone(); ids.len()],
                names: if names.is_empty() { ids.clone() } else { names },
                ids,
                types: Vec::new(),
            };
            let features = Arc::new(features.check(FEATURES)?);
            let is_picked = features.are_genes();
            let name = if sized.len() > 1 { (*genome).clone() } else { "X".into() };
            matrices.push(Matrix { name, path: (*genome).clone(), features, is_picked });
        }
        if sized.len() > 1 {
            let first = "The file keeps each genome apart; the one with the most values comes first.";
            notes.push(first.to_owned());
        }
        if !left_out.is_empty() {
            notes.push(format!(
                "Genomes whose cells are others than those of the first were left out ({}); scanpy.read_10x_h5 with genome= \
                 reads them.",
                some_of(&left_out)
            ));
        }
        Ok(Self { tree: tree.clone(), format: "10x HDF5 (Cell Ranger 2)", obs, matrices, notes })
    }

    fn named(&self, name: &str) -> Option<&Matrix> {
        self.matrices.iter().find(|matrix| matrix.name == name)
    }
}

impl Reader for TenX {
    fn format(&self) -> &'static str {
        self.format
    }

    fn obs(&self) -> &dyn Table {
        &self.obs
    }

    fn matrices(&self) -> Result<Vec<String>, IoError> {
        Ok(self.matrices.iter().map(|matrix| matrix.name.clone()).collect())
    }

    fn matrix(&self, name: &str) -> Result<Option<Box<dyn Rows>>, IoError> {
        let Some(matrix) = self.named(name) else { return Ok(None) };
        let (n_cells, n_features) = (self.obs.n_rows(), matrix.features.len());
        check_shape(&*self.tree, &matrix.path, n_features, n_cells)?;
        let stored = Compressed::open(&*self.tree, &matrix.path, PLACE, n_cells, n_features)?;
        Ok(Some(Box::new(Picked::new(stored, &matrix.is_picked, PLACE)?)))
    }

    fn var(&self, matrix: &str) -> Result<Box<dyn Table + '_>, IoError> {
        let matrix = self.named(matrix).ok_or(IoError::NoSuchName)?;
        Ok(Box::new(matrix.features.table(&matrix.is_picked)?))
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

/// Whether the group at `path` has what a 10x matrix has, its features under `features`.
fn is_matrix(tree: &dyn Tree, path: &str, features: &str) -> Result<bool, IoError> {
    if !matches!(tree.node(path, PLACE)?, Some(Node::Group(_))) {
        return Ok(false);
    }
    // One by one, not by listing: a link beside them that leads nowhere must not stand in the way.
    for part in ["barcodes", "indptr", features] {
        if tree.node(&format!("{path}/{part}"), PLACE)?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What `shape` says must be what the lists say.
fn check_shape(tree: &dyn Tree, path: &str, n_features: usize, n_cells: usize) -> Result<(), IoError> {
    let Some(shape) = tree.array(&format!("{path}/shape"), PLACE)? else { return Ok(()) };
    let fits = shape.length()? == 2 && shape.i64_rows(0..2)? == [n_features as i64, n_cells as i64];
    if fits { Ok(()) } else { Err(IoError::bad(PLACE, "its shape does not fit its barcodes and features")) }
}

/// All texts of the array at `path`; none where there is no array.
fn texts(tree: &dyn Tree, path: &str) -> Result<Vec<String>, IoError> {
    tree.array(path, FEATURES)?.map_or(Ok(Vec::new()), |array| array.texts())
}

/// The number of libraries that were put together, as the root states it.
fn n_libraries(tree: &dyn Tree) -> Result<usize, IoError> {
    let Some(Node::Group(attributes)) = tree.node("", "the file header")? else { return Ok(1) };
    Ok(attributes.get("original_gem_groups").and_then(|groups| groups.as_integers()).map_or(1, <[i64]>::len))
}

/// The first few names for a sentence.
fn some_of(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(6).map(|name| name.chars().take(40).collect()).collect();
    let more = if names.len() > 6 { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}
