//! A network's weights in the bundle: each tensor plain or quantised, unpacked when asked for.

use std::collections::{BTreeMap, HashSet};

use half::f16;
use safetensors::tensor::{Dtype, TensorView};

use super::manifest::{Scheme, StoredTensor};
use super::quantize::{BLOCK, Quantized};
use super::safetensors::{NumberType, Placed, locate};
use super::{BundleError, archive};
use crate::model::NamedTensor;

/// A tensor to be written, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Weight {
    pub tensor: NamedTensor,
    pub scheme: Scheme,
}

impl Weight {
    /// Large matrices in one byte a weight, the rest as it is: norms and biases are few, and errors in them reach every number.
    pub fn compact(tensor: NamedTensor) -> Self {
        let is_matrix = tensor.shape.len() >= 2 && tensor.shape.last().is_some_and(|&width| width >= BLOCK);
        Self { tensor, scheme: if is_matrix { Scheme::Q8 } else { Scheme::F32 } }
    }

    /// The tensor as it will come back from the bundle: what an evaluation has to look at.
    ///
    /// # Errors
    /// As [`crate::bundle::Bundle::write`].
    pub fn restored(self) -> Result<NamedTensor, BundleError> {
        let NamedTensor { name, shape, values } = self.tensor;
        let values = match self.scheme {
            Scheme::F32 => values,
            Scheme::F16 => values.into_iter().map(|value| f16::from_f32(value).to_f32()).collect(),
            Scheme::Q8 => Quantized::new(shape.last().copied().unwrap_or(1), &values)?.dequantize(),
        };
        Ok(NamedTensor { name, shape, values })
    }
}

/// The weights of a bundle. Holds the stored bytes: about one byte a weight when quantised.
#[derive(Debug, Clone)]
pub struct Weights {
    file: Vec<u8>,
    tensors: BTreeMap<String, Stored>,
}

#[derive(Debug, Clone)]
struct Stored {
    about: StoredTensor,
    values: Placed,
    /// Only of quantised tensors.
    scales: Option<Placed>,
}

impl Weights {
    /// Locates the tensors that the manifest lists in a safetensors file, which must hold these and nothing else.
    ///
    /// # Errors
    /// `bundle.bad-shape` if a tensor is missing, superfluous, or has another type or shape than the manifest says.
    pub(super) fn read(file: Vec<u8>, listed: &BTreeMap<String, StoredTensor>) -> Result<Self, BundleError> {
        let mut placed = locate(&file)?;
        let mut tensors = BTreeMap::new();
        for (name, about) in listed {
            let mut take = |name: &str, number_type, shape: &[usize]| match placed.remove(name) {
                Some(found) if found.number_type == number_type && found.shape == shape => Ok(found),
                Some(_) => Err(BundleError::BadShape("a tensor's type or shape is not the manifest's")),
                None => Err(BundleError::BadShape("a tensor of the manifest is missing")),
            };
            let (values, scales) = match about.scheme {
                Scheme::F32 => (take(name, NumberType::F32, &about.shape)?, None),
                Scheme::F16 => (take(name, NumberType::F16, &about.shape)?, None),
                Scheme::Q8 => {
                    let values = take(&format!("{name}.q8"), NumberType::I8, &about.shape)?;
                    let scales = take(&format!("{name}.scale"), NumberType::F16, &scale_shape(&about.shape)?)?;
                    (values, Some(scales))
                }
            };
            tensors.insert(name.clone(), Stored { about: about.clone(), values, scales });
        }
        if placed.is_empty() {
            Ok(Self { file, tensors })
        } else {
            Err(BundleError::BadShape("the weights hold a tensor that the manifest does not list"))
        }
    }

    /// Names and forms of the tensors, sorted by name.
    pub fn list(&self) -> impl Iterator<Item = (&str, &StoredTensor)> {
        self.tensors.iter().map(|(name, stored)| (name.as_str(), &stored.about))
    }

    /// Number of weights in all tensors.
    pub fn count(&self) -> usize {
        self.tensors.values().map(|stored| stored.about.shape.iter().product::<usize>()).sum()
    }

    /// Unpacks one tensor to `f32`; `None` if there is none of this name.
    ///
    /// # Errors
    /// `bundle.bad-value` if a number is not finite or a scale is negative.
    pub fn tensor(&self, name: &str) -> Result<Option<NamedTensor>, BundleError> {
        let Some(stored) = self.tensors.get(name) else { return Ok(None) };
        let shape = stored.about.shape.clone();
        let values = match &stored.scales {
            None => stored.values.floats(&self.file)?,
            Some(scales) => {
                let width = shape.last().copied().unwrap_or(1);
                read_quantized(&self.file, width, &stored.values, scales)?.dequantize()
            }
        };
        Ok(Some(NamedTensor { name: name.to_owned(), shape, values }))
    }

    /// Unpacks all tensors to `f32`, sorted by name.
    ///
    /// # Errors
    /// As [`Weights::tensor`].
    pub fn tensors(&self) -> Result<Vec<NamedTensor>, BundleError> {
        self.tensors.keys().filter_map(|name| self.tensor(name).transpose()).collect()
    }
}

/// The shape of the scales of a quantised tensor.
fn scale_shape(shape: &[usize]) -> Result<Vec<usize>, BundleError> {
    let mut shape = shape.to_vec();
    let last = shape.last_mut().ok_or(BundleError::BadShape("a single number cannot be quantised"))?;
    *last = last.div_ceil(BLOCK);
    Ok(shape)
}

/// Reads a quantised array from its two parts.
pub(super) fn read_quantized(
    file: &[u8],
    width: usize,
    values: &Placed,
    scales: &Placed,
) -> Result<Quantized, BundleError> {
    let values = values.bytes(file)?.iter().map(|&byte| byte as i8).collect();
    let scales = scales.bytes(file)?.as_chunks().0.iter().map(|bytes| f16::from_le_bytes(*bytes)).collect();
    Quantized::from_parts(width, values, scales)
}

/// An array about to be written to a safetensors file.
pub(super) struct Outgoing {
    pub name: String,
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    pub bytes: Vec<u8>,
}

impl Outgoing {
    /// The two arrays of a quantised one.
    pub(super) fn quantized(name: &str, shape: &[usize], numbers: &Quantized) -> Result<[Self; 2], BundleError> {
        let (values, scales) = numbers.parts();
        let values = values.iter().map(|&value| value as u8).collect();
        let scales = scales.iter().flat_map(|scale| scale.to_le_bytes()).collect();
        Ok([
            Self { name: format!("{name}.q8"), dtype: Dtype::I8, shape: shape.to_vec(), bytes: values },
            Self { name: format!("{name}.scale"), dtype: Dtype::F16, shape: scale_shape(shape)?, bytes: scales },
        ])
    }
}

/// A safetensors file; the same arrays give the same bytes.
///
/// # Errors
/// `bundle.bad-shape` if an array does not fill its shape or two share a name; `bundle.too-large`.
pub(super) fn serialize(arrays: &[Outgoing]) -> Result<Vec<u8>, BundleError> {
    let bad = |_| BundleError::BadShape("an array does not fill its shape");
    let mut views = Vec::with_capacity(arrays.len());
    let mut names = HashSet::new();
    for array in arrays {
        // The safetensors crate panics on a repeated name.
        if !names.insert(&array.name) {
            return Err(BundleError::BadShape("two arrays share a name"));
        }
        let view = TensorView::new(array.dtype, array.shape.clone(), &array.bytes).map_err(bad)?;
        views.push((array.name.as_str(), view));
    }
    let file = ::safetensors::serialize(views, None).map_err(bad)?;
    if file.len() > archive::MAX_FILE_BYTES { Err(BundleError::TooLarge("the arrays")) } else { Ok(file) }
}

/// The safetensors file of some weights, and the manifest's list of them.
///
/// # Errors
/// `bundle.bad-shape` if a tensor does not fill its shape or two share a name; `bundle.bad-value` for numbers that are not
/// finite, or too large for their scheme.
pub(super) fn write(weights: &[Weight]) -> Result<(Vec<u8>, BTreeMap<String, StoredTensor>), BundleError> {
    let mut arrays = Vec::new();
    let mut listed = BTreeMap::new();
    for Weight { tensor: NamedTensor { name, shape, values }, scheme } in weights {
        if !values.iter().all(|x| x.is_finite()) {
            return Err(BundleError::BadValue("a weight"));
        }
        match scheme {
            Scheme::F32 => {
                let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
                arrays.push(Outgoing { name: name.clone(), dtype: Dtype::F32, shape: shape.clone(), bytes });
            }
            Scheme::F16 => {
                let bytes = values.iter().flat_map(|x| f16::from_f32(*x).to_le_bytes()).collect();
                arrays.push(Outgoing { name: name.clone(), dtype: Dtype::F16, shape: shape.clone(), bytes });
            }
            Scheme::Q8 => {
                let numbers = Quantized::new(shape.last().copied().unwrap_or(0), values)?;
                arrays.extend(Outgoing::quantized(name, shape, &numbers)?);
            }
        }
        listed.insert(name.clone(), StoredTensor { scheme: *scheme, shape: shape.clone() });
    }
    Ok((serialize(&arrays)?, listed))
}
