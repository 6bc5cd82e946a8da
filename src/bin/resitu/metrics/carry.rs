//! What the file of the cells holds besides them, carried over into an h5ad of results.

use resitu::io::{Carried, CarriedEmbedding, Dataset, H5adWriter, IoError, Place, Sink, Uns};
use resitu::progress::Progress;

use super::VALUES_AT_ONCE;
use crate::failure::Failure;
use crate::watch::Watch;

/// Other matrices of the file, as layers: streamed. Gives the names of those that stay behind.
///
/// # Errors
/// `io.read-failed`, `io.write-failed`, `job.cancelled`.
pub fn matrices<S: Sink>(file: &mut H5adWriter<S>, cells: &Dataset, watch: &mut Watch) -> Result<Vec<String>, Failure> {
    let mut left_out = Vec::new();
    for info in cells.matrices().iter().filter(|info| info.name != cells.matrix_name()) {
        let other = match cells.other_matrix(&info.name) {
            Ok(Some(other)) => other,
            Err(error @ IoError::ReadFailed(_)) => return Err(error.into()),
            // One that cannot be read must not cost the person the whole result.
            _ => {
                left_out.push(info.name.clone());
                continue;
            }
        };
        let total = cells.n_cells();
        let layer = Place::Layer(info.name.strip_prefix("layers/").unwrap_or(&info.name));
        let part = file.sparse_rows(layer, total as u64 * cells.n_genes() as u64)?;
        let mut start = 0;
        while start < total {
            let end = other.range_end(start, VALUES_AT_ONCE)?;
            file.push_rows(part, &other.rows(start..end)?)?;
            start = end;
            step(watch, "copying layers", start, total)?;
        }
    }
    Ok(left_out)
}

/// Entries of `obsm` but those that the results write themselves: streamed.
///
/// # Errors
/// As [`matrices`].
pub fn embeddings<S: Sink>(
    file: &mut H5adWriter<S>,
    cells: &Dataset,
    carried: &Carried,
    written: &[&str],
    watch: &mut Watch,
) -> Result<(), Failure> {
    for CarriedEmbedding { name, width, is_f64 } in &carried.obsm {
        if written.contains(&name.as_str()) {
            continue;
        }
        let part = file.embedding(name, *width, *is_f64)?;
        let (total, rows) = (cells.n_cells(), (VALUES_AT_ONCE / width).max(1));
        for start in (0..total).step_by(rows) {
            let end = total.min(start + rows);
            let values = cells.embedding_rows(name, start..end)?.unwrap_or_default();
            match is_f64 {
                true => file.push_f64(part, &values)?,
                false => file.push_f32(part, &values.iter().map(|value| *value as f32).collect::<Vec<_>>())?,
            }
            step(watch, "copying obsm", end, total)?;
        }
    }
    Ok(())
}

/// Entries of `varm`, `varp` and `obsp` but those that the results write themselves, one after the other. Gives the paths
/// of those that stay behind: what lies along the genes of `X`, where the results are of `raw`.
///
/// # Errors
/// As [`matrices`].
pub fn aligned<S: Sink>(
    file: &mut H5adWriter<S>,
    cells: &Dataset,
    carried: &Carried,
    written: &[String],
    watch: &mut Watch,
) -> Result<Vec<String>, Failure> {
    let mut left_out = Vec::new();
    let wanted = |path: &&String| !written.contains(path);
    for (done, path) in carried.aligned.iter().filter(wanted).enumerate() {
        let of_cells = path.starts_with("obsp/");
        let entry = match of_cells || !cells.matrix_name().starts_with("raw") {
            true => cells.aligned(path),
            false => Ok(None),
        };
        match entry {
            Ok(Some(entry)) if of_cells || entry.n_rows == cells.n_genes() => file.aligned(path, &entry)?,
            Err(error @ IoError::ReadFailed(_)) => return Err(error.into()),
            // As above.
            _ => left_out.push(path.clone()),
        }
        step(watch, "copying varm and obsp", done + 1, carried.aligned.len())?;
    }
    Ok(left_out)
}

/// What `uns` said, below what the results say; what an earlier run or a translation said of itself goes to
/// `uns["resitu"]["before"]`.
pub fn notes(results: &mut Vec<(String, Uns)>, carried: Vec<(String, Uns)>) {
    for (name, entry) in carried {
        match results.iter_mut().find(|(known, _)| *known == name) {
            None => results.push((name, entry)),
            Some((_, Uns::Nested(how))) if name == "resitu" => how.push(("before".to_owned(), entry)),
            Some(_) => {}
        }
    }
}

fn step(watch: &mut Watch, stage: &'static str, done: usize, total: usize) -> Result<(), Failure> {
    match watch.tick(Progress { stage, done: done as u64, total: total as u64 }).is_break() {
        true => Err(Failure::Cancelled),
        false => Ok(()),
    }
}
