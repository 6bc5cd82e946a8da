//! A bundle that is written can be read again, by resitu and by any zip tool, and its bytes depend on its content alone.

use super::support::{draft, entries};
use resitu::bundle::{Bundle, Scheme};
use resitu::{Error, Explain};

#[test]
fn what_is_written_is_read() {
    let draft = draft();
    let file = Bundle::write(&draft).unwrap();
    let bundle = Bundle::read(&file).unwrap();
    assert_eq!(bundle.manifest.description, draft.description);
    assert_eq!(bundle.vocabulary.genes(), draft.vocabulary.genes());
    assert_eq!(bundle.vocabulary.medians(), draft.vocabulary.medians());
    assert_eq!(bundle.reference, draft.reference);
    assert_eq!(bundle.model_card, draft.model_card);
    assert_eq!(bundle.bytes, file.len());
    assert_eq!(bundle.sha256.len(), 64);
    assert_eq!(bundle.weights.count(), 3 * 40 + 40 + 6);

    let tensors = bundle.weights.tensors().unwrap();
    assert_eq!(tensors.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["encoder.bias", "encoder.matrix", "half"]);
    for weight in &draft.weights {
        let read = bundle.weights.tensor(&weight.tensor.name).unwrap().unwrap();
        assert_eq!(read.shape, weight.tensor.shape);
        // Half a step of the quantisation, whose largest number is 0.5 a block; the others are kept exactly.
        let tolerance = if weight.scheme == Scheme::Q8 { 0.5 / 127.0 / 2.0 * 1.001 } else { 0.0 };
        for (a, b) in read.values.iter().zip(&weight.tensor.values) {
            assert!((a - b).abs() <= tolerance, "{}: {a} for {b}", weight.tensor.name);
        }
    }
    assert!(bundle.weights.tensor("nothing").unwrap().is_none());
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    assert_eq!(Bundle::write(&draft()).unwrap(), Bundle::write(&draft()).unwrap());
}

#[test]
fn any_zip_tool_reads_it() {
    let file = Bundle::write(&draft()).unwrap();
    let names: Vec<String> = entries(&file).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["manifest.json", "MODEL_CARD.md", "genes.tsv", "weights.safetensors", "reference.safetensors"]);
    let (_, weights) = &entries(&file)[3];
    let tensors = safetensors::SafeTensors::deserialize(weights).unwrap();
    assert_eq!(tensors.tensor("encoder.matrix.q8").unwrap().shape(), [3, 40]);
    assert_eq!(tensors.tensor("encoder.matrix.scale").unwrap().shape(), [3, 2]);
}

#[test]
fn a_contradictory_draft_is_not_written() {
    let code = |change: fn(&mut resitu::bundle::Draft)| {
        let mut draft = draft();
        change(&mut draft);
        Error::from(Bundle::write(&draft).unwrap_err()).code()
    };
    assert_eq!(code(|d| d.reference.niche[2] = 1), "bundle.bad-value");
    assert_eq!(code(|d| d.reference.state.truncate(3)), "bundle.bad-shape");
    assert_eq!(code(|d| d.reference.positions_um[0][1] = f32::NAN), "bundle.bad-value");
    assert_eq!(code(|d| d.weights[1].tensor.values[0] = f32::INFINITY), "bundle.bad-value");
    assert_eq!(code(|d| d.weights[1].tensor.values.truncate(3)), "bundle.bad-shape");
    assert_eq!(code(|d| d.weights[1].tensor.name = "half".into()), "bundle.bad-shape");
    assert_eq!(code(|d| d.weights[1].tensor.name = "encoder.matrix.q8".into()), "bundle.bad-shape");
    assert_eq!(code(|d| d.description.panel[1].gene = 3), "bundle.bad-manifest");
    assert_eq!(code(|d| d.description.panel[1] = d.description.panel[0].clone()), "bundle.bad-manifest");
    assert_eq!(code(|d| d.description.niches[0].composition[0] = -0.5), "bundle.bad-manifest");
    assert_eq!(code(|d| d.description.states.truncate(1)), "bundle.bad-manifest");
    assert_eq!(code(|d| d.description.model.encoder.heads = 3), "bundle.bad-model");
    assert_eq!(code(|d| d.description.model.encoder.vocabulary = 8), "bundle.bad-manifest");
    assert_eq!(code(|d| d.model_card = "x".repeat(2 << 20)), "bundle.too-large");
}
