//! Which kind of HDF5 file: AnnData, 10x or loom; others are named.

use std::sync::Arc;

use super::{
    FileSet, IoError, anndata::AnnData, annotated, files::Entry, hdf5::Container, loom::Loom, reader::Reader, samples,
    tenx::TenX, tree::Tree,
};

const SIGNATURE: [u8; 8] = *b"\x89HDF\r\n\x1a\n";

/// Opens the HDF5 file of the set that holds cells, or several as samples; other files, such as those of Cell Ranger's `outs`, are passed over.
///
/// # Errors
/// Those of [`open_file`], and of [`samples::open`].
pub(super) fn open(files: &FileSet) -> Result<Option<Box<dyn Reader>>, IoError> {
    if let Some(entry) = files.only() {
        return if is_hdf5(entry)? { open_file(entry, Vec::new()).map(Some) } else { Ok(None) };
    }
    let mut candidates = Vec::new();
    for entry in files.entries().iter().filter(|entry| may_hold_cells(entry.name())) {
        if is_hdf5(entry)? {
            candidates.push(entry);
        }
    }
    let mut notes = Vec::new();
    let is_raw = |entry: &Entry| RAW.iter().any(|raw| entry.name().ends_with(raw));
    if candidates.iter().any(|entry| is_raw(entry)) && candidates.iter().any(|entry| !is_raw(entry)) {
        candidates.retain(|entry| !is_raw(entry));
        notes.push("The matrix of all barcodes (raw) is passed over: the filtered one is used.".to_owned());
    }
    let reader = match candidates[..] {
        [] => return Ok(None),
        [entry] => open_file(entry, notes)?,
        _ => {
            let open = |entry: &&Entry| Ok((entry.path().to_owned(), open_file(entry, notes.clone())?));
            samples::open(candidates.iter().map(open).collect::<Result<_, IoError>>()?)?
        }
    };
    annotated::join(reader, files, &[]).map(Some)
}

/// Cell Ranger's matrices of all barcodes, cells or not.
const RAW: [&str; 2] = ["raw_feature_bc_matrix.h5", "raw_gene_bc_matrices_h5.h5"];

/// Whether the name of a file among others is that of cells; Cell Ranger and Space Ranger leave other HDF5 files beside.
fn may_hold_cells(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_other = ["molecule_info.h5", "feature_slice.h5", "analysis.h5"].iter().any(|other| name.ends_with(other));
    [".h5ad", ".h5", ".loom"].iter().any(|ending| name.ends_with(ending)) && !is_other
}

/// Opens one HDF5 file, with notes on what was passed over for it.
///
/// # Errors
/// `io.other-hdf5` for a kind known to hold something else, `io.not-h5ad` for an unknown one, and those of reading.
pub(super) fn open_file(entry: &Entry, notes: Vec<String>) -> Result<Box<dyn Reader>, IoError> {
    let tree: Arc<dyn Tree> = Arc::new(Container::open(Box::new(entry.source().clone()))?);
    // One by one, not by listing the root: something there that cannot be read must not stand in the way of the rest.
    let has = |name: &str| matches!(tree.node(name, "the file"), Ok(Some(_)));
    if let Some((what, instead)) = other_kind(&has) {
        return Err(IoError::OtherHdf5 { what, instead });
    }
    if has("obs") || has("var") {
        return Ok(Box::new(AnnData::open(tree, "h5ad")?));
    }
    if let Some(file) = TenX::open(&tree, notes)? {
        return Ok(Box::new(file));
    }
    if let Some(file) = Loom::open(&tree)? {
        return Ok(Box::new(file));
    }
    Ok(Box::new(AnnData::open(tree, "h5ad")?))
}

/// Whether the file begins as HDF5 does: the signature at 0, or behind a user block of 512, 1,024, 2,048, … bytes.
pub(super) fn is_hdf5(entry: &Entry) -> Result<bool, IoError> {
    // From the stream: a file in an archive must not be unpacked whole for this.
    let head = entry.head((1 << 20) + SIGNATURE.len())?;
    let offsets = std::iter::successors(Some(512), |offset| Some(offset * 2)).take_while(|offset| *offset <= 1 << 20);
    Ok(std::iter::once(0)
        .chain(offsets)
        .any(|offset| head.get(offset..).is_some_and(|rest| rest.starts_with(&SIGNATURE))))
}

/// Kinds of HDF5 files that people mistake for a matrix of cells, what to do instead, by what stands at their root.
fn other_kind(has: &impl Fn(&str) -> bool) -> Option<(&'static str, &'static str)> {
    let kinds: [(&[&str], &str, &str); 9] = [
        (
            &["barcode", "umi"],
            "Cell Ranger's molecule information",
            "Choose filtered_feature_bc_matrix.h5 of the same run.",
        ),
        (
            &["barcode_idx", "umi"],
            "Cell Ranger's molecule information",
            "Choose filtered_feature_bc_matrix.h5 of the same run.",
        ),
        (
            &["feature_slices"],
            "a Visium HD feature slice",
            "Choose the folder binned_outputs/square_008um, with its filtered_feature_bc_matrix.h5 and spatial.",
        ),
        (
            &["mod"],
            "a MuData file",
            "Save one modality with Python: mudata.read_h5mu('in.h5mu')['rna'].write_h5ad('out.h5ad').",
        ),
        (
            &["assays", "cell.names"],
            "a Seurat file (h5Seurat)",
            "Convert it in R: SeuratDisk::Convert('in.h5Seurat', dest = 'h5ad').",
        ),
        (
            &["featuredata"],
            "a file of MERSCOPE's cell boundaries",
            "Choose cell_by_gene.csv and cell_metadata.csv of the same run.",
        ),
        (&["geneExp"], "a Stereo-seq file (GEF)", "Save it as h5ad with Python: stereo.io.stereo_to_anndata."),
        (
            &["cellBin"],
            "a Stereo-seq file of cell bins (CGEF)",
            "Save it as h5ad with Python: stereo.io.stereo_to_anndata.",
        ),
        (&["assay001"], "an R HDF5Array", "Save the object in R: zellkonverter::writeH5AD(sce, 'out.h5ad')."),
    ];
    kinds.into_iter().find(|(names, _, _)| names.iter().all(|name| has(name))).map(|(_, what, instead)| (what, instead))
}
