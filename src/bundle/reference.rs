//! The reference map: spatial cells with known places, among which translated cells find theirs.

use safetensors::tensor::Dtype;

use super::manifest::Description;
use super::quantize::Quantized;
use super::safetensors::{NumberType, locate};
use super::weights::{self, Outgoing, read_quantized};
use super::{BLOCK, BundleError};

/// Reference cells, one an index of every field.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// Niche embeddings, a row a cell; as wide as the model's `niche_embedding`.
    pub embeddings: Quantized,
    /// Place within the section, in µm.
    pub positions_um: Vec<[f32; 2]>,
    /// Index into the manifest's states.
    pub state: Vec<u8>,
    /// Index into the manifest's niches.
    pub niche: Vec<u8>,
    /// Index into the manifest's sections.
    pub section: Vec<u8>,
}

impl Reference {
    /// Number of cells.
    pub fn len(&self) -> usize {
        self.state.len()
    }

    /// Never true for a reference read from a bundle.
    pub fn is_empty(&self) -> bool {
        self.state.is_empty()
    }

    /// # Errors
    /// `bundle.bad-shape`, `bundle.bad-value`.
    pub(super) fn read(file: &[u8], description: &Description) -> Result<Self, BundleError> {
        let mut placed = locate(file)?;
        let mut take = |name, number_type, shape: &[usize]| match placed.remove(name) {
            Some(found) if found.number_type == number_type && found.shape == shape => Ok(found),
            _ => Err(BundleError::BadShape("an array of the reference map is missing or malformed")),
        };
        let width = description.model.niche_embedding;
        let cells = locate_cells(file)?;
        let values = take("embedding.q8", NumberType::I8, &[cells, width])?;
        let scales = take("embedding.scale", NumberType::F16, &[cells, width.div_ceil(BLOCK)])?;
        let positions = take("position_um", NumberType::F32, &[cells, 2])?.floats(file)?;
        let mut codes = |name| Ok(take(name, NumberType::U8, &[cells])?.bytes(file)?.to_vec());
        let reference = Self {
            embeddings: read_quantized(file, width, &values, &scales)?,
            positions_um: positions.as_chunks().0.to_vec(),
            state: codes("state")?,
            niche: codes("niche")?,
            section: codes("section")?,
        };
        if !placed.is_empty() {
            return Err(BundleError::BadShape("the reference map holds an array that does not belong there"));
        }
        reference.check(description)?;
        Ok(reference)
    }

    /// Checks that all arrays have one length and every code has a name.
    pub(super) fn check(&self, description: &Description) -> Result<(), BundleError> {
        let cells = self.len();
        let lengths = [self.embeddings.rows(), self.positions_um.len(), self.niche.len(), self.section.len()];
        if cells == 0 || lengths != [cells; 4] || self.embeddings.width() != description.model.niche_embedding {
            return Err(BundleError::BadShape("the arrays of the reference map do not fit together"));
        }
        if !self.positions_um.iter().flatten().all(|x| x.is_finite()) {
            return Err(BundleError::BadValue("a position of the reference map"));
        }
        let named = |codes: &[u8], names: usize| codes.iter().all(|&code| usize::from(code) < names);
        if named(&self.state, description.states.len())
            && named(&self.niche, description.niches.len())
            && named(&self.section, description.sections.len())
        {
            Ok(())
        } else {
            Err(BundleError::BadValue("a state, niche or section of the reference map has no name"))
        }
    }

    /// The safetensors file of the map.
    pub(super) fn write(&self) -> Result<Vec<u8>, BundleError> {
        let cells = self.len();
        let mut arrays: Vec<Outgoing> =
            Outgoing::quantized("embedding", &[cells, self.embeddings.width()], &self.embeddings)?.into();
        let positions = self.positions_um.iter().flatten().flat_map(|x| x.to_le_bytes()).collect();
        arrays.push(Outgoing {
            name: "position_um".into(),
            dtype: Dtype::F32,
            shape: vec![cells, 2],
            bytes: positions,
        });
        for (name, codes) in [("state", &self.state), ("niche", &self.niche), ("section", &self.section)] {
            let bytes = codes.clone();
            arrays.push(Outgoing { name: name.into(), dtype: Dtype::U8, shape: vec![cells], bytes });
        }
        weights::serialize(&arrays)
    }
}

/// How many cells the map has, by its array `state`.
fn locate_cells(file: &[u8]) -> Result<usize, BundleError> {
    match locate(file)?.get("state").map(|placed| placed.shape.as_slice()) {
        Some(&[cells]) => Ok(cells),
        _ => Err(BundleError::BadShape("an array of the reference map is missing or malformed")),
    }
}
