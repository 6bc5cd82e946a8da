//! A small bundle, and how to take one apart and put it together again with lies in it.

use std::io::{Cursor, Read, Write};

use resitu::bundle::*;
use resitu::genes::{Gene, Vocabulary};
use resitu::model::{EncoderConfig, NamedTensor, TranslatorConfig};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// A bundle of five genes, three weights and four reference cells.
pub fn draft() -> Draft {
    let encoder = EncoderConfig {
        vocabulary: 7,
        special_tokens: 2,
        layers: 1,
        hidden: 8,
        heads: 2,
        feed_forward: 16,
        positions: 16,
        token_types: 2,
        layer_norm_epsilon: 1e-12,
    };
    let text = |text: &str| text.to_string();
    let genes = ["CD3E", "ACTB", "KARS1", "TP53", "EPCAM"].into_iter().enumerate().map(|(i, symbol)| Gene {
        ensembl: format!("ENSG{i:011}"),
        symbol: symbol.into(),
        aliases: if i == 2 { vec!["KARS".into()] } else { vec![] },
    });
    let model = TranslatorConfig { encoder, states: 2, expression_hidden: 8, niche_embedding: 40 };
    let description = Description {
        name: text("Tiny"),
        version: text("0.0.1"),
        licence: text("CC BY 4.0"),
        directions: vec![Direction::ScToSt, Direction::StToSc],
        species: text("human"),
        tissue: text("breast"),
        technologies: vec![text("dissociated"), text("xenium")],
        panel: vec![PanelGene { symbol: text("CD3E"), gene: 0 }, PanelGene { symbol: text("EPCAM"), gene: 4 }],
        model,
        max_tokens: 16,
        reads: resitu::bundle::Reads::Vocabulary,
        panel_total: 120.5,
        placement: PlacementParams { temperature: 0.05, candidates: 64, bandwidth_um: 50.0 },
        calibration: vec![0.25, 0.5, 0.5, 1.0],
        states: vec![
            State { name: text("T cell"), markers: vec![text("CD3E")] },
            State { name: text("epithelium"), markers: vec![] },
        ],
        niches: vec![Niche { name: text("border"), composition: vec![0.25, 0.75] }],
        sections: vec![Section {
            name: text("section 1"),
            technology: text("Xenium"),
            attribution: text("10x Genomics"),
            licence: text("CC BY 4.0"),
            url: text("https://www.10xgenomics.com/datasets"),
        }],
        sources: vec![Source { name: text("a"), licence: text("MIT"), url: text("https://example.org") }],
        evaluation: json!({ "T1": { "hits": 0.5 } }),
    };
    let tensor = |name: &str, shape: &[usize], scale: f32| {
        let values = (0..shape.iter().product::<usize>()).map(|i| ((i * 37 % 101) as f32 - 50.0) * scale).collect();
        NamedTensor { name: name.into(), shape: shape.to_vec(), values }
    };
    let embeddings = tensor("", &[4, 40], 0.1).values;
    Draft {
        description,
        vocabulary: Vocabulary::new(genes.collect(), vec![1.0, 0.5, 2.001186, 3.0, 1e-3]).unwrap(),
        weights: vec![
            Weight::compact(tensor("encoder.matrix", &[3, 40], 0.01)),
            Weight::compact(tensor("encoder.bias", &[40], 0.3)),
            Weight { tensor: tensor("half", &[2, 3], 0.5), scheme: Scheme::F16 },
        ],
        reference: Reference {
            embeddings: Quantized::new(40, &embeddings).unwrap(),
            positions_um: vec![[0.0, 0.0], [1.5, -2.0], [1e4, 3.0], [0.1, 0.2]],
            state: vec![0, 1, 1, 0],
            niche: vec![0; 4],
            section: vec![0; 4],
        },
        model_card: text("# Tiny\n\nOnly for tests.\n"),
    }
}

/// The entries of a zip in their order.
pub fn entries(file: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = ZipArchive::new(Cursor::new(file)).unwrap();
    (0..zip.len())
        .map(|i| {
            let mut entry = zip.by_index(i).unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            (entry.name().unwrap().into_owned(), content)
        })
        .collect()
}

/// A zip of these entries, packed as bundles are.
pub fn pack(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        let stored = name.ends_with(".safetensors");
        let method = if stored { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options = SimpleFileOptions::default().compression_method(method).last_modified_time(DateTime::default());
        zip.start_file(name.as_str(), options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The bundle with its manifest and entries changed, and the digests in the manifest made to agree: what a forger would do.
pub fn forge(file: &[u8], change: impl FnOnce(&mut Value, &mut Vec<(String, Vec<u8>)>)) -> Vec<u8> {
    let mut all = entries(file);
    let (_, manifest) = all.remove(0);
    let mut manifest: Value = serde_json::from_slice(&manifest).unwrap();
    change(&mut manifest, &mut all);
    for (name, content) in &all {
        let sha256: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        if manifest["entries"].get(name).is_some() {
            manifest["entries"][name] = json!({ "bytes": content.len(), "sha256": sha256 });
        }
    }
    all.insert(0, ("manifest.json".into(), serde_json::to_vec(&manifest).unwrap()));
    pack(&all)
}

/// The content of one entry, to be changed.
pub fn entry<'a>(entries: &'a mut [(String, Vec<u8>)], name: &str) -> &'a mut Vec<u8> {
    &mut entries.iter_mut().find(|(other, _)| other == name).unwrap().1
}
