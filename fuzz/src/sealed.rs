//! A bundle put together from its entries with the hashes that they need, so that mutations reach what lies behind.

use std::io::{Cursor, Write};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::folder;

/// Packed in the bundle; the others are stored.
const PACKED: [&str; 3] = ["manifest.json", "MODEL_CARD.md", "genes.tsv"];

/// The zip of the entries in `bytes`, which are laid out as a folder. `None` without a manifest that is a JSON object.
pub fn bundle(bytes: &[u8]) -> Option<Vec<u8>> {
    let parts = folder::split(bytes);
    let (_, manifest) = parts.iter().find(|(name, _)| name == "manifest.json")?;
    let mut manifest: Value = serde_json::from_slice(manifest).ok()?;
    for (name, content) in parts.iter().filter(|(name, _)| name != "manifest.json") {
        let hash: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        let entries = manifest.as_object_mut()?.entry("entries").or_insert_with(|| json!({}));
        entries.as_object_mut()?.insert(name.clone(), json!({ "bytes": content.len(), "sha256": hash }));
    }
    let manifest = manifest.to_string();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in &parts {
        let content = if name == "manifest.json" { manifest.as_bytes() } else { content };
        let method =
            if PACKED.contains(&name.as_str()) { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        zip.start_file(name.as_str(), SimpleFileOptions::default().compression_method(method)).ok()?;
        zip.write_all(content).ok()?;
    }
    Some(zip.finish().ok()?.into_inner())
}
