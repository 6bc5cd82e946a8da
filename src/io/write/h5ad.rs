//! The h5ad writer: rows as they come, everything else at the end.

use super::{
    Embedding, Numbers, Table, Uns, Values,
    encoding::{self, Codes, SparseRows, complete_table, dict, encoded, group},
    hdf5::{Dataset, Element, Group, Hdf5, Rows, Texts},
    names::Names,
};
use crate::{
    cells::{Column, Csr},
    io::{Aligned, IoError, Sink},
};

/// Everything that goes into an h5ad file, in memory.
///
/// Names of columns, layers and entries that HDF5 cannot hold are changed ("/" to "_"); repeats get a number.
#[derive(Debug, Clone)]
pub struct H5adContents<'a> {
    pub x: Values<'a>,
    pub obs: Table,
    pub var: Table,
    pub layers: Vec<(String, Values<'a>)>,
    pub obsm: Vec<(String, Embedding<'a>)>,
    /// Cells × cells, such as squidpy's `spatial_connectivities` and `spatial_distances`.
    pub obsp: Vec<(String, &'a Csr)>,
    pub uns: Vec<(String, Uns)>,
}

/// Writes an h5ad file (encoding 0.1.0 of AnnData, as anndata ≥ 0.8 reads) into memory.
///
/// Matrices and columns are chunked and deflated. Peak memory is the contents, the file and about a megabyte.
///
/// # Errors
/// `io.write-failed` where lengths disagree.
pub fn write_h5ad(contents: &H5adContents) -> Result<Vec<u8>, IoError> {
    write_h5ad_to(Vec::new(), contents)
}

/// Writes an h5ad file to a sink, as [`write_h5ad`] does, and gives the sink back.
pub fn write_h5ad_to<S: Sink>(sink: S, contents: &H5adContents) -> Result<S, IoError> {
    let mut file = H5adWriter::new(sink, contents.var.index.len())?;
    match &contents.x {
        Values::Dense(values) => {
            let x = file.dense(Place::X)?;
            file.push_f32(x, values)?;
        }
        Values::Sparse(values) => file.sparse(Place::X, values)?,
    }
    for (name, values) in &contents.layers {
        match values {
            Values::Dense(values) => {
                let layer = file.dense(Place::Layer(name))?;
                file.push_f32(layer, values)?;
            }
            Values::Sparse(values) => file.sparse(Place::Layer(name), values)?,
        }
    }
    for (name, Embedding { width, values }) in &contents.obsm {
        match values {
            Numbers::F32(values) => {
                let embedding = file.embedding(name, *width, false)?;
                file.push_f32(embedding, values)?;
            }
            Numbers::F64(values) => {
                let embedding = file.embedding(name, *width, true)?;
                file.push_f64(embedding, values)?;
            }
        }
    }
    for (name, values) in &contents.obsp {
        file.sparse(Place::Pairs(name), values)?;
    }
    for (name, column) in &contents.obs.columns {
        file.obs_column(name, column)?;
    }
    file.finish(contents.obs.index.iter().map(String::as_str), &contents.var, &contents.uns)
}

/// Where a matrix goes.
#[derive(Debug, Clone, Copy)]
pub enum Place<'a> {
    X,
    Layer(&'a str),
    /// `obsp`: cells × cells.
    Pairs(&'a str),
}

/// Names an array of the file whose rows arrive in parts.
#[derive(Debug, Clone, Copy)]
pub struct Part(usize);

/// An h5ad file under construction, for results larger than memory.
///
/// Arrays are begun in any order, and their rows are pushed in any turn; each holds at most a chunk (about half a megabyte)
/// and 16 bytes for every chunk written. What is given whole (columns, tables, sparse matrices) is written at once and
/// not held. Every array must have reached one number of rows when the file is finished.
pub struct H5adWriter<S> {
    out: Hdf5<S>,
    n_genes: usize,
    open: Vec<(Where, Body)>,
    x: Option<Entry>,
    layers: Folder,
    obsp: Folder,
    varm: Folder,
    varp: Folder,
    /// Columns of `obs` in their order: `None` is still open.
    obs: Vec<(String, Option<Entry>)>,
    obs_names: Names,
    obsm: Folder,
    /// Rows that some array given whole has.
    n_rows: Option<u64>,
}

/// Something written, to be linked at the end.
enum Entry {
    Group(Group),
    Array(Dataset),
}

#[derive(Default)]
struct Folder {
    names: Names,
    entries: Vec<(String, Entry)>,
}

enum Where {
    X,
    Layer(String),
    Obsm(String),
    /// The place among the columns of `obs`.
    Obs(usize),
}

enum Body {
    Rows(Rows),
    Sparse(SparseRows),
    Codes(Codes, Vec<String>),
}

impl<S: Sink> H5adWriter<S> {
    pub fn new(sink: S, n_genes: usize) -> Result<Self, IoError> {
        Ok(Self {
            out: Hdf5::new(sink)?,
            n_genes,
            open: Vec::new(),
            x: None,
            layers: Folder::default(),
            obsp: Folder::default(),
            varm: Folder::default(),
            varp: Folder::default(),
            obs: Vec::new(),
            obs_names: Names::reserving(&["_index"]),
            obsm: Folder::default(),
            n_rows: None,
        })
    }

    /// Begins a dense matrix of `f32`, cells × genes. `obsp` is for sparse ones: there it is refused.
    pub fn dense(&mut self, place: Place) -> Result<Part, IoError> {
        let place = match place {
            Place::X => Where::X,
            Place::Layer(name) => Where::Layer(self.layers.names.unique(name)),
            Place::Pairs(_) => return Err(IoError::WriteFailed("obsp takes sparse matrices".into())),
        };
        Ok(self.begin(place, Body::Rows(Rows::table(Element::F32, self.n_genes))))
    }

    /// Begins a sparse matrix of `f32`, cells × genes, of which the rows come in parts. `most_stored` bounds its stored
    /// values: it decides the width of the indices. `obsp` is refused.
    pub fn sparse_rows(&mut self, place: Place, most_stored: u64) -> Result<Part, IoError> {
        let place = match place {
            Place::X => Where::X,
            Place::Layer(name) => Where::Layer(self.layers.names.unique(name)),
            Place::Pairs(_) => return Err(IoError::WriteFailed("obsp is not written by parts".into())),
        };
        Ok(self.begin(place, Body::Sparse(SparseRows::new(self.n_genes, Element::F32, most_stored))))
    }

    /// Begins an entry of `obsm`: rows of `width` numbers, `f64` or `f32`.
    pub fn embedding(&mut self, name: &str, width: usize, is_f64: bool) -> Result<Part, IoError> {
        let element = if is_f64 { Element::F64 } else { Element::F32 };
        let name = self.obsm.names.unique(name);
        Ok(self.begin(Where::Obsm(name), Body::Rows(Rows::table(element, width))))
    }

    /// Begins a column of numbers in `obs`.
    pub fn obs_numbers(&mut self, name: &str) -> Part {
        let place = self.obs_place(name, None);
        self.begin(place, Body::Rows(Rows::list(Element::F64)))
    }

    /// Begins a categorical column of `obs`. The categories must differ.
    pub fn obs_codes(&mut self, name: &str, categories: &[String]) -> Part {
        let place = self.obs_place(name, None);
        self.begin(place, Body::Codes(Codes::new(categories.len()), categories.to_vec()))
    }

    /// Adds whole rows to an array of numbers.
    pub fn push_f32(&mut self, part: Part, values: &[f32]) -> Result<(), IoError> {
        match self.open.get_mut(part.0) {
            Some((_, Body::Rows(rows))) => rows.extend(&mut self.out, values),
            _ => Err(misused()),
        }
    }

    /// Adds whole rows to an array of numbers.
    pub fn push_f64(&mut self, part: Part, values: &[f64]) -> Result<(), IoError> {
        match self.open.get_mut(part.0) {
            Some((_, Body::Rows(rows))) => rows.extend(&mut self.out, values),
            _ => Err(misused()),
        }
    }

    /// Adds rows to a sparse matrix.
    pub fn push_rows(&mut self, part: Part, rows: &Csr) -> Result<(), IoError> {
        if rows.n_cols() != self.n_genes {
            return Err(disagree());
        }
        let (indptr, indices, values) = rows.parts();
        match self.open.get_mut(part.0) {
            Some((_, Body::Sparse(written))) => written.push(&mut self.out, indptr, indices, values),
            _ => Err(misused()),
        }
    }

    /// Adds codes to a categorical column, −1 where missing.
    pub fn push_codes(&mut self, part: Part, codes: &[i32]) -> Result<(), IoError> {
        match self.open.get_mut(part.0) {
            Some((_, Body::Codes(written, _))) => written.push(&mut self.out, codes),
            _ => Err(misused()),
        }
    }

    /// Writes a column of `obs` that is in memory.
    pub fn obs_column(&mut self, name: &str, column: &Column) -> Result<(), IoError> {
        self.agree(column.len() as u64)?;
        let entry = match encoding::column(&mut self.out, column)? {
            encoding::Written::Array(array) => Entry::Array(array),
            encoding::Written::Group(group) => Entry::Group(group),
        };
        self.obs_place(name, Some(entry));
        Ok(())
    }

    /// Writes a column of a user's `obs` with the type that it most likely had: readers give truth values as the
    /// categories False and True, and whole numbers as `f64`. A cluster number should not come back as "3.0".
    pub fn carried_obs_column(&mut self, name: &str, column: &Column) -> Result<(), IoError> {
        self.agree(column.len() as u64)?;
        let Some(array) = encoding::narrowed(&mut self.out, column)? else { return self.obs_column(name, column) };
        self.obs_place(name, Some(Entry::Array(array)));
        Ok(())
    }

    /// Writes a sparse matrix that is in memory.
    pub fn sparse(&mut self, place: Place, matrix: &Csr) -> Result<(), IoError> {
        let n_cols = if matches!(place, Place::Pairs(_)) { matrix.n_rows() } else { self.n_genes };
        if matrix.n_cols() != n_cols {
            return Err(disagree());
        }
        self.agree(matrix.n_rows() as u64)?;
        let entry = Entry::Group(encoding::sparse(&mut self.out, matrix)?);
        match place {
            Place::X => self.x = Some(entry),
            Place::Layer(name) => self.layers.add(name, entry),
            Place::Pairs(name) => self.obsp.add(name, entry),
        }
        Ok(())
    }

    /// Writes an entry of `obsp` in `f64`, from the three arrays of a CSR matrix, cells × cells, that keep its invariants
    /// (see [`Csr`]).
    pub fn pairs(&mut self, name: &str, indptr: &[usize], indices: &[u32], values: &[f64]) -> Result<(), IoError> {
        if indices.len() != values.len() || indptr.last() != Some(&indices.len()) {
            return Err(disagree());
        }
        let n_rows = indptr.len() - 1;
        self.agree(n_rows as u64)?;
        let mut rows = SparseRows::new(n_rows, Element::F64, indices.len() as u64);
        rows.push(&mut self.out, indptr, indices, values)?;
        self.obsp.add(name, Entry::Group(rows.finish(&mut self.out)?));
        Ok(())
    }

    /// Writes an entry of another file's `varm`, `varp` or `obsp` under its path there.
    ///
    /// # Errors
    /// `io.write-failed` where it is of other cells or genes, or for another path.
    pub fn aligned(&mut self, path: &str, entry: &Aligned) -> Result<(), IoError> {
        let (folder, name) = path.split_once('/').ok_or(misused())?;
        match folder {
            "obsp" => self.agree(entry.n_rows as u64)?,
            _ if entry.n_rows != self.n_genes => return Err(disagree()),
            _ => {}
        }
        let written = match entry.is_f64 {
            true => encoding::aligned(&mut self.out, entry, Element::F64, &entry.values)?,
            false => {
                let values: Vec<f32> = entry.values.iter().map(|value| *value as f32).collect();
                encoding::aligned(&mut self.out, entry, Element::F32, &values)?
            }
        };
        let written = match written {
            encoding::Written::Array(array) => Entry::Array(array),
            encoding::Written::Group(group) => Entry::Group(group),
        };
        match folder {
            "obsp" => self.obsp.add(name, written),
            "varm" => self.varm.add(name, written),
            "varp" => self.varp.add(name, written),
            _ => return Err(misused()),
        }
        Ok(())
    }

    /// Writes the names of the cells, the genes and the notes, and what leads to everything; gives the sink back.
    ///
    /// # Errors
    /// `io.write-failed` where lengths disagree.
    pub fn finish<'a>(
        mut self,
        obs_names: impl IntoIterator<Item = &'a str>,
        var: &Table,
        uns: &[(String, Uns)],
    ) -> Result<S, IoError> {
        let mut index = Texts::new();
        for name in obs_names {
            index.push(&mut self.out, name)?;
        }
        self.agree(index.n_texts())?;
        if var.index.len() != self.n_genes {
            return Err(disagree());
        }
        let index = encoded(index.finish(&mut self.out)?, "string-array");
        self.close_parts()?;

        let mut root = group("anndata", "0.1.0");
        self.x.ok_or(IoError::WriteFailed("there is no X".into()))?.link("X", &mut root);
        let mut obs = group("dataframe", "0.2.0");
        obs.array("_index", index);
        let mut order = Vec::with_capacity(self.obs.len());
        for (name, entry) in self.obs {
            entry.ok_or(misused())?.link(&name, &mut obs);
            order.push(name);
        }
        complete_table(&mut obs, order);
        root.add("obs", obs);
        root.add("var", encoding::table(&mut self.out, var)?);
        let of_cells = [("layers", self.layers), ("obsm", self.obsm), ("obsp", self.obsp)];
        for (name, folder) in of_cells.into_iter().chain([("varm", self.varm), ("varp", self.varp)]) {
            root.add(name, folder.finish());
        }
        root.add("uns", encoding::notes(&mut self.out, uns)?);
        self.out.finish(root)
    }

    fn begin(&mut self, place: Where, body: Body) -> Part {
        self.open.push((place, body));
        Part(self.open.len() - 1)
    }

    /// A new column of `obs` under a name that is free.
    fn obs_place(&mut self, name: &str, entry: Option<Entry>) -> Where {
        self.obs.push((self.obs_names.unique(name), entry));
        Where::Obs(self.obs.len() - 1)
    }

    /// Writes the rest of every array whose rows came in parts.
    fn close_parts(&mut self) -> Result<(), IoError> {
        for (place, body) in std::mem::take(&mut self.open) {
            let entry = match body {
                Body::Rows(mut rows) => {
                    rows.count_empty_rows(self.n_rows.unwrap_or(0));
                    self.agree(rows.n_rows())?;
                    Entry::Array(encoded(rows.finish(&mut self.out)?, "array"))
                }
                Body::Sparse(rows) => {
                    self.agree(rows.n_rows())?;
                    Entry::Group(rows.finish(&mut self.out)?)
                }
                Body::Codes(codes, categories) => {
                    self.agree(codes.n_rows())?;
                    Entry::Group(codes.finish(&mut self.out, &categories)?)
                }
            };
            match place {
                Where::X => self.x = Some(entry),
                Where::Layer(name) => self.layers.entries.push((name, entry)),
                Where::Obsm(name) => self.obsm.entries.push((name, entry)),
                Where::Obs(column) => self.obs[column].1 = Some(entry),
            }
        }
        Ok(())
    }

    /// Every array has one number of rows.
    fn agree(&mut self, n_rows: u64) -> Result<(), IoError> {
        if *self.n_rows.get_or_insert(n_rows) == n_rows { Ok(()) } else { Err(disagree()) }
    }
}

impl Folder {
    fn add(&mut self, name: &str, entry: Entry) {
        self.entries.push((self.names.unique(name), entry));
    }

    fn finish(self) -> Group {
        let mut group = dict();
        self.entries.into_iter().for_each(|(name, entry)| entry.link(&name, &mut group));
        group
    }
}

impl Entry {
    fn link(self, name: &str, parent: &mut Group) {
        match self {
            Self::Group(group) => parent.add(name, group),
            Self::Array(dataset) => parent.array(name, dataset),
        }
    }
}

fn disagree() -> IoError {
    IoError::WriteFailed("a matrix, a column and the names differ in length".into())
}

/// A handle of another file, or for another kind of array.
fn misused() -> IoError {
    IoError::WriteFailed("a part of the file was not begun as it is used".into())
}
