//! From a `.resitu` file to a translator.

use resitu::Explain;
use resitu::bundle::{Bundle, Draft, Quantized};
use resitu::model::Device;
use resitu::translate::Translator;

use super::support::*;

#[test]
fn bundles_that_are_no_translator_are_refused() {
    let refused = |spoil: &dyn Fn(&mut Draft)| {
        let mut draft = draft(1);
        spoil(&mut draft);
        let file = Bundle::write(&draft).unwrap();
        Translator::load(&file, Device::flex(), "cpu").err().map(|error| error.code())
    };
    assert_eq!(refused(&|_| ()), None);
    assert_eq!(refused(&|d| drop(d.weights.pop())), Some("model.missing-tensor"));
    assert_eq!(refused(&|d| d.description.model.encoder.layers = 64), Some("translate.bad-translator"));
    assert_eq!(refused(&|d| d.description.model.encoder.positions = 1 << 16), Some("translate.bad-translator"));
    assert_eq!(refused(&|d| d.weights[0].tensor.shape.reverse()), Some("model.bad-shape"));
    assert_eq!(
        refused(&|d| d.description.sections.push(d.description.sections[0].clone())),
        Some("translate.bad-translator")
    );
    let zeros = |d: &mut Draft| {
        let zeros = vec![0.0; d.reference.len() * d.reference.embeddings.width()];
        d.reference.embeddings = Quantized::new(d.reference.embeddings.width(), &zeros).unwrap();
    };
    assert_eq!(refused(&zeros), Some("translate.bad-translator"));
    assert_eq!(Translator::load(b"PK", Device::flex(), "cpu").err().unwrap().code(), "bundle.not-a-zip");
}

#[test]
fn the_card_has_the_fields_of_the_public_type() {
    let card = serde_json::to_value(translator().card()).unwrap();
    for field in ["sha256", "modelCard", "parameters", "niches", "sources"] {
        assert!(card.get(field).is_some(), "{field}");
    }
    assert_eq!((&card["reference"]["nCells"], &card["directions"][0]), (&90.into(), &"sc-to-st".into()));
}
