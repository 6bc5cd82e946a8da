//! Which files of a drop make a section: positions, matrix and scale factors; everything else is passed over.

use super::{
    super::{Entry, FileSet, IoError, hdf5_kinds, matrix_market, reader::Reader},
    Kind,
};

/// The files of one section.
pub(super) struct Parts {
    pub(super) kind: Kind,
    pub(super) positions: Entry,
    pub(super) scale_factors: Option<Entry>,
    matrix: Matrix,
    pub(super) notes: Vec<String>,
}

enum Matrix {
    Hdf5(Entry),
    /// The files of a Matrix Market folder.
    Text(FileSet),
}

/// A matrix among the files: the folder of the section it belongs to, and its files.
struct Found {
    section: String,
    is_raw: bool,
    matrix: Matrix,
}

/// Names of the table of positions, in the order of choice where a section has several: text before Parquet, which holds
/// the same.
const POSITIONS: [(&str, Kind); 8] = [
    ("tissue_positions.csv", Kind::Visium),
    ("tissue_positions_list.csv", Kind::Visium),
    ("tissue_positions.csv.gz", Kind::Visium),
    ("tissue_positions_list.csv.gz", Kind::Visium),
    ("tissue_positions.parquet", Kind::VisiumHd),
    ("cells.csv.gz", Kind::Xenium),
    ("cells.csv", Kind::Xenium),
    ("cells.parquet", Kind::Xenium),
];

/// Bins of Visium HD, in the order of choice: 10x recommends 8 µm to begin with.
const BINS: [&str; 3] = ["square_008um", "square_016um", "square_002um"];

/// The section in `files`; `None` where no table of positions is.
pub(super) fn find(files: &FileSet) -> Result<Option<Parts>, IoError> {
    let mut positions: Vec<(usize, Kind, &Entry)> = files.entries().iter().filter_map(role).collect();
    // By preference; the order of paths is kept within.
    positions.sort_by_key(|(preference, ..)| *preference);
    if positions.is_empty() {
        return Ok(None);
    }
    let mut matrices = matrices(files)?;
    let of_instrument = positions.iter().any(|(_, kind, _)| *kind != Kind::Xenium);
    if matrices.is_empty() {
        // A file called `cells.csv` may be anyone's.
        let missing = "the matrix (filtered_feature_bc_matrix.h5 or its folder)";
        return if of_instrument { Err(IoError::MissingFile(missing)) } else { Ok(None) };
    }
    let mut notes = Vec::new();
    let mut sections: Vec<String> = positions.iter().map(|(_, _, entry)| section_of(entry)).collect();
    sections.sort_unstable();
    sections.dedup();
    if sections.len() > 1 {
        sections.retain(|section| matrices.iter().any(|found| found.section == *section));
    }
    let section = match &sections[..] {
        [section] => section.clone(),
        [] => return Err(IoError::MissingFile("the matrix in the folder of the positions")),
        several => {
            let bin = BINS.into_iter().find_map(|bin| several.iter().find(|section| last_part(section) == bin));
            let all_bins = several.iter().all(|section| last_part(section).starts_with("square_"));
            let bin =
                bin.filter(|_| all_bins).ok_or(IoError::SeveralDatasets("more than one section with positions"))?;
            let others: Vec<&str> =
                several.iter().filter(|section| *section != bin).map(|section| last_part(section)).collect();
            notes.push(format!(
                "The bins of {} are used; {} can be given alone.",
                last_part(bin),
                others.join(" and ")
            ));
            bin.clone()
        }
    };
    // A drop of single files has no folders, so a lone section takes whatever matrix there is.
    if matrices.iter().any(|found| found.section == section) {
        matrices.retain(|found| found.section == section);
    }
    if matrices.iter().any(|found| !found.is_raw) && matrices.iter().any(|found| found.is_raw) {
        matrices.retain(|found| !found.is_raw);
        notes.push("The matrix of all barcodes (raw) is passed over: the filtered one is used.".to_owned());
    }
    // The same matrix is there as HDF5 and as text: rows of HDF5 are read where they lie.
    if matrices.iter().any(|found| matches!(found.matrix, Matrix::Hdf5(_))) {
        matrices.retain(|found| matches!(found.matrix, Matrix::Hdf5(_)));
    }
    if matrices.len() > 1 {
        return Err(IoError::SeveralDatasets("more than one matrix for the positions"));
    }
    let (Some(found), Some((_, kind, entry))) =
        (matrices.pop(), positions.iter().find(|(_, _, entry)| section_of(entry) == section))
    else {
        return Ok(None);
    };
    let is_scale = |other: &&Entry| other.name().ends_with("scalefactors_json.json") && section_of(other) == section;
    Ok(Some(Parts {
        kind: *kind,
        positions: (*entry).clone(),
        scale_factors: files.entries().iter().find(is_scale).cloned(),
        matrix: found.matrix,
        notes,
    }))
}

impl Parts {
    pub(super) fn open_matrix(&self) -> Result<Box<dyn Reader>, IoError> {
        match &self.matrix {
            Matrix::Hdf5(entry) => hdf5_kinds::open_file(entry, Vec::new()),
            Matrix::Text(files) => {
                matrix_market::open(files)?.ok_or(IoError::MissingFile("the matrix that goes with the positions"))
            }
        }
    }
}

/// Whether the file is a table of positions: preference and instrument. Deposits put a prefix in front of the names.
fn role(entry: &Entry) -> Option<(usize, Kind, &Entry)> {
    let name = entry.name();
    POSITIONS.iter().enumerate().find_map(|(preference, (known, kind))| {
        let prefix = name.strip_suffix(known)?;
        let is_known = prefix.is_empty() || prefix.ends_with(['_', '-', '.']);
        is_known.then_some((preference, *kind, entry))
    })
}

/// The folder of the section: the one above `spatial`.
fn section_of(entry: &Entry) -> String {
    let folder = entry.folder();
    above(folder, "spatial").unwrap_or(folder).to_owned()
}

/// The folder above, where the last part of `folder` is `name`.
fn above<'a>(folder: &'a str, name: &str) -> Option<&'a str> {
    let above = folder.strip_suffix(name)?;
    if above.is_empty() { Some("") } else { above.strip_suffix('/') }
}

fn last_part(folder: &str) -> &str {
    folder.rsplit('/').next().unwrap_or_default()
}

/// Matrices of counts among the files: HDF5 by the end of its name, Matrix Market by its folder.
fn matrices(files: &FileSet) -> Result<Vec<Found>, IoError> {
    let mut found = Vec::new();
    for entry in files.entries() {
        let name = entry.name();
        if name.ends_with("feature_bc_matrix.h5") || name.ends_with("cell_feature_matrix.h5") {
            let matrix = Matrix::Hdf5(entry.clone());
            found.push(Found { section: entry.folder().to_owned(), is_raw: name.contains("raw_"), matrix });
        } else if name.ends_with("matrix.mtx") || name.ends_with("matrix.mtx.gz") {
            let folder = entry.folder();
            let beside = files.entries().iter().filter(|other| other.folder() == folder && is_text_part(other.name()));
            let section = folder.rsplit_once('/').map_or("", |(above, _)| above);
            let is_own_folder = last_part(folder).ends_with("matrix");
            found.push(Found {
                section: if is_own_folder { section.to_owned() } else { folder.to_owned() },
                is_raw: folder.contains("raw_"),
                matrix: Matrix::Text(FileSet::of_entries(beside.cloned())?),
            });
        }
    }
    Ok(found)
}

/// Whether a file can be a part of a Matrix Market folder; the positions beside it in a flat drop are not.
fn is_text_part(name: &str) -> bool {
    let name = name.strip_suffix(".gz").unwrap_or(name);
    ["matrix.mtx", "barcodes.tsv", "features.tsv", "genes.tsv"].iter().any(|known| name.ends_with(known))
}
