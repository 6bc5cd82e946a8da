//! Genes that a person names, and their columns of the values.

use resitu::cells::Csr;

use super::metric::Section;
use crate::failure::Failure;

/// The word that stands for all genes, where that is offered.
const ALL: &str = "all";

/// The columns of the named genes, in their order.
///
/// # Errors
/// `usage` for a gene that is not in the file, or that is named twice.
fn columns(section: &Section, names: &[String]) -> Result<Vec<usize>, Failure> {
    let all = section.cells.gene_names();
    let mut columns = Vec::with_capacity(names.len());
    for name in names {
        let Some(column) = all.iter().position(|gene| gene == name) else {
            return Err(Failure::Usage {
                sentence: format!("The file has no gene named {name:?}."),
                hint: "Use names as `resitu inspect` shows them, in the same case.",
            });
        };
        if columns.contains(&column) {
            return Err(Failure::Usage {
                sentence: format!("The gene {name:?} is named twice."),
                hint: "Name every gene once.",
            });
        }
        columns.push(column);
    }
    Ok(columns)
}

/// The same, where the one word `all` stands for every gene of the file; with their names.
///
/// # Errors
/// As [`columns`].
pub fn columns_or_all(section: &Section, names: &[String]) -> Result<(Vec<usize>, Vec<String>), Failure> {
    match names {
        [name] if name == ALL => {
            let all = section.cells.gene_names();
            Ok(((0..all.len()).collect(), all.to_vec()))
        }
        names => Ok((columns(section, names)?, names.to_vec())),
    }
}

/// The values of the named genes alone, in their order.
///
/// # Errors
/// As [`columns`].
pub fn pick(section: &Section, names: &[String]) -> Result<Csr, Failure> {
    let columns = columns(section, names)?;
    let Some(values) = section.values else { return Ok(Csr::empty(columns.len())) };
    let mut slot_of = vec![None; values.n_cols()];
    (0u32..).zip(&columns).for_each(|(slot, &column)| slot_of[column] = Some(slot));
    let mut picked = Csr::empty(columns.len());
    for cell in 0..values.n_rows() {
        let (genes, row) = values.row(cell);
        let kept = genes.iter().zip(row).filter_map(|(&gene, &value)| Some((slot_of[gene as usize]?, value)));
        picked.push_row(kept)?;
    }
    Ok(picked)
}
