//! Positions of the cells of a table: the centroids of the shapes that it annotates.
//!
//! Each row of the table names a region, an element such as `cell_boundaries`, and an instance in it. The positions are
//! those of the file: transformations between coordinate systems are not applied.

use std::{collections::HashMap, sync::Arc};

use super::{
    super::{
        Coordinates, Entry, IoError,
        parquet::Parquet,
        table::{Table, into_texts},
        tree::{Attributes, Tree},
        zarr::Store,
    },
    wkb,
};

const PLACE: &str = "the shapes";

/// The shapes that a table annotates.
pub(super) struct Shapes {
    key: String,
    /// By the name of the region.
    files: Vec<(String, Entry)>,
    /// The column of `obs` that names the region, where there are several.
    region_key: Option<String>,
    /// The column of `obs` that names the instance; the index if `None`.
    instance_key: Option<String>,
}

impl Shapes {
    /// Looks for the shapes in the attributes of the table. `None` where there are none, as where it annotates labels.
    pub(super) fn find(
        store: &Arc<Store>,
        table: &dyn Tree,
        attributes: &Attributes,
        obs: &dyn Table,
    ) -> Result<Option<Self>, IoError> {
        let stated = |name: &str| -> Result<Vec<String>, IoError> {
            if let Some(texts) = attributes.get(name).and_then(|value| value.as_texts()) {
                return Ok(texts.to_vec());
            }
            let Some(array) = table.array(&format!("uns/spatialdata_attrs/{name}"), PLACE)? else {
                return Ok(Vec::new());
            };
            if array.shape().is_empty() { Ok(array.text()?.into_iter().collect()) } else { array.texts() }
        };
        let has = |name: &String| obs.columns().iter().any(|column| column.name == *name);
        let region_key = stated("region_key")?.into_iter().next().filter(has);
        let instance_key = stated("instance_key")?.into_iter().next().filter(has);
        let mut files = Vec::new();
        for region in stated("region")? {
            if let Some(entry) = store.file(&format!("shapes/{region}/shapes.parquet")) {
                files.push((region, entry.clone()));
            }
        }
        if files.is_empty() {
            return Ok(None);
        }
        let names: Vec<&str> = files.iter().map(|(region, _)| region.as_str()).collect();
        let key = format!("shapes/{}", names.join(", shapes/"));
        Ok(Some(Self { key, files, region_key, instance_key }))
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// The centroid of the shape of each cell; NaN for a cell without a shape.
    pub(super) fn coordinates(&self, obs: &dyn Table) -> Result<Coordinates, IoError> {
        let instances = match &self.instance_key {
            Some(column) => obs.column_as_texts(column)?,
            None => obs.index()?,
        };
        let regions = self.region_key.as_ref().map(|column| obs.column_as_texts(column)).transpose()?;
        let mut xy = vec![[f64::NAN; 2]; obs.n_rows()];
        for (region, entry) in &self.files {
            let centroids = centroids(entry)?;
            for (row, (instance, xy)) in instances.iter().zip(&mut xy).enumerate() {
                let is_here = regions.as_ref().is_none_or(|regions| regions.get(row) == Some(region));
                if let Some(found) = centroids.get(instance).filter(|_| is_here) {
                    *xy = *found;
                }
            }
        }
        Ok(Coordinates { key: self.key.clone(), xy, z: None })
    }
}

/// The centroids of the shapes in a GeoParquet file, by their index.
fn centroids(entry: &Entry) -> Result<HashMap<String, [f64; 2]>, IoError> {
    let file = Parquet::open(entry)?;
    let names = match file.index_column() {
        Some(column) => into_texts(file.column(column)?),
        None => (0..file.n_rows()).map(|row| row.to_string()).collect(),
    };
    let geometries = file.bytes("geometry").map_err(|error| match error {
        IoError::NoSuchName => IoError::bad(PLACE, "they have no geometry in the form WKB"),
        other => other,
    })?;
    Ok(names.into_iter().zip(geometries.iter().map(|bytes| wkb::centroid(bytes).unwrap_or([f64::NAN; 2]))).collect())
}
