//! Named weights: a network's parameters as plain arrays, out and in.
//!
//! Names are paths of fields, such as `encoder.layers.0.query.weight`. Linear weights are `[input, output]`.

use std::collections::HashMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Device, Tensor, TensorData};

use super::ModelError;

/// One parameter as an array, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedTensor {
    pub name: String,
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// Every parameter of a module, in the order of its fields.
///
/// # Errors
/// [`ModelError::DeviceLost`] if a tensor cannot be read back. Blocks: native devices only.
pub fn export_weights(module: &impl Module) -> Result<Vec<NamedTensor>, ModelError> {
    struct Exporter {
        tensors: Vec<NamedTensor>,
        failed: bool,
    }
    impl ModuleVisitor for Exporter {
        fn visit_float_with_path<const D: usize>(&mut self, path: &[String], _: ParamId, tensor: &Tensor<D>) {
            match tensor.clone().inner().try_into_vec_as::<f32>() {
                Ok(values) => {
                    self.tensors.push(NamedTensor { name: path.join("."), shape: tensor.dims().to_vec(), values })
                }
                Err(_) => self.failed = true,
            }
        }
    }
    let mut exporter = Exporter { tensors: Vec::new(), failed: false };
    module.visit(&mut exporter);
    if exporter.failed { Err(ModelError::DeviceLost("the weights could not be read")) } else { Ok(exporter.tensors) }
}

/// Replaces every parameter of `module` by the tensor of its name. Tensors that the module lacks are ignored, so that an
/// encoder can be taken out of a larger network.
///
/// # Errors
/// [`ModelError::MissingTensor`], [`ModelError::BadShape`].
pub fn load_weights<M: Module>(
    module: M,
    tensors: impl IntoIterator<Item = NamedTensor>,
    device: &Device,
) -> Result<M, ModelError> {
    struct Loader<'a> {
        tensors: HashMap<String, NamedTensor>,
        path: Vec<String>,
        device: &'a Device,
        error: Option<ModelError>,
    }
    impl ModuleMapper for Loader<'_> {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.path.push(name.to_owned());
        }
        fn exit_module(&mut self, _: &str, _: &str) {
            self.path.pop();
        }
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let name = self.path.join(".");
            let Some(tensor) = self.tensors.remove(&name) else {
                self.error.get_or_insert(ModelError::MissingTensor(name));
                return param;
            };
            let expected: Vec<usize> = param.lazy_shape().to_vec();
            if tensor.shape != expected || tensor.values.len() != expected.iter().product::<usize>() {
                self.error.get_or_insert(ModelError::BadShape(name));
                return param;
            }
            let device = self.device;
            Param::initialized(param.id, Tensor::from_data(TensorData::new(tensor.values, expected), device))
        }
    }
    let tensors = tensors.into_iter().map(|tensor| (tensor.name.clone(), tensor)).collect();
    let mut loader = Loader { tensors, path: Vec::new(), device, error: None };
    let module = module.map(&mut loader);
    match loader.error {
        Some(error) => Err(error),
        None => Ok(module),
    }
}
