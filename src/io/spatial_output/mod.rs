//! Spatial outputs of 10x Genomics: a matrix of counts and a table of positions beside it, as Xenium, Visium and Visium HD
//! leave them in a folder.

mod joined;
mod parts;
mod positions;
mod scale;

use super::{FileSet, IoError, reader::Reader};
use joined::Joined;

/// Opens the output if the files hold a table of positions under the name that 10x gives it, and a matrix that goes with it.
///
/// # Errors
/// `io.missing-file` without the matrix, `io.several-datasets` for several sections, and those of reading.
pub(super) fn open(files: &FileSet) -> Result<Option<Box<dyn Reader>>, IoError> {
    let Some(parts) = parts::find(files)? else { return Ok(None) };
    let matrix = parts.open_matrix()?;
    let positions = positions::read(&parts.positions, parts.kind)?;
    let scale = parts.scale_factors.as_ref().map(scale::read).transpose()?.unwrap_or_default();
    Ok(Some(Box::new(Joined::new(matrix, positions, parts.kind, scale, parts.notes)?)))
}

/// The instrument, told from how the table of positions is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Xenium,
    Visium,
    VisiumHd,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Xenium => "Xenium",
            Self::Visium => "Visium",
            Self::VisiumHd => "Visium HD",
        }
    }

    /// The columns that hold the position: x to the right, y downwards.
    fn axes(self) -> (&'static str, &'static str) {
        match self {
            Self::Xenium => ("x_centroid", "y_centroid"),
            Self::Visium | Self::VisiumHd => ("pxl_col_in_fullres", "pxl_row_in_fullres"),
        }
    }
}
