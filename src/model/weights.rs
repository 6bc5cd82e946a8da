//! Named weights: a network's parameters as plain arrays, out and in.
//!
//! Names are paths of fields, such as `encoder.layers.0.query.weight`. Linear weights are `[input, output]`.

use std::collections::HashMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
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
    #[derive(Default)]
    struct Exporter {
        tensors: Vec<NamedTensor>,
        path: Vec<String>,
        failed: bool,
    }
    impl ModuleVisitor for Exporter {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.path.push(name.to_owned());
        }
        fn exit_module(&mut self, _: &str, _: &str) {
            self.path.pop();
        }
        // Burn's `visit_float_with_path` is never called by derived modules: the path is kept here.
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let tensor = param.val().inner();
            let (name, shape) = (self.path.join("."), tensor.dims().to_vec());
            match tensor.try_into_vec_as::<f32>() {
                Ok(values) => self.tensors.push(NamedTensor { name, shape, values }),
                Err(_) => self.failed = true,
            }
        }
    }
    let mut exporter = Exporter::default();
    module.visit(&mut exporter);
    if exporter.failed { Err(ModelError::DeviceLost("the weights could not be read")) } else { Ok(exporter.tensors) }
}

/// Replaces every parameter of `module` by the tensor of its name. A tensor that the module lacks is an error too: weights
/// of another version of the network would else load and give wrong numbers.
///
/// # Errors
/// [`ModelError::MissingTensor`], [`ModelError::BadShape`], [`ModelError::UnknownTensor`].
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
    match (loader.error, loader.tensors.into_keys().min()) {
        (Some(error), _) => Err(error),
        (None, Some(name)) => Err(ModelError::UnknownTensor(name)),
        (None, None) => Ok(module),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EncoderConfig, TranslatorConfig, TranslatorModel};

    fn model(device: &Device) -> TranslatorModel {
        let encoder = EncoderConfig {
            vocabulary: 12,
            special_tokens: 2,
            layers: 2,
            hidden: 8,
            heads: 2,
            feed_forward: 6,
            positions: 16,
            token_types: 2,
            layer_norm_epsilon: 1e-12,
        };
        let config = TranslatorConfig { encoder, states: 3, expression_hidden: 4, niche_embedding: 5 };
        TranslatorModel::new(&config, device).unwrap()
    }

    #[test]
    fn weights_come_back_by_name() {
        for device in [Device::flex(), Device::flex().autodiff()] {
            let one = export_weights(&model(&device)).unwrap();
            let other = load_weights(model(&device), one.clone(), &device).unwrap();
            assert_eq!(export_weights(&other).unwrap(), one);
            assert_ne!(export_weights(&model(&device)).unwrap(), one, "fresh models differ");
            let query = one.iter().find(|tensor| tensor.name == "encoder.layers.1.query.weight").unwrap();
            assert_eq!((query.shape.as_slice(), query.values.len()), (&[8, 8][..], 64));
            assert!(one.iter().any(|tensor| tensor.name == "expression.bias"));
        }
    }

    #[test]
    fn missing_and_misshapen_weights_are_refused() {
        let device = Device::flex();
        let mut weights = export_weights(&model(&device)).unwrap();
        weights[0].shape.reverse();
        let name = weights[0].name.clone();
        assert_eq!(
            load_weights(model(&device), weights.clone(), &device).unwrap_err(),
            ModelError::BadShape(name.clone())
        );
        weights.remove(0);
        assert_eq!(load_weights(model(&device), weights, &device).unwrap_err(), ModelError::MissingTensor(name));
        let mut weights = export_weights(&model(&device)).unwrap();
        weights.push(NamedTensor { name: "of.another.version".to_owned(), shape: vec![1], values: vec![0.0] });
        let unknown = ModelError::UnknownTensor("of.another.version".to_owned());
        assert_eq!(load_weights(model(&device), weights, &device).unwrap_err(), unknown);
    }
}
