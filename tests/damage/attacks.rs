//! Files made to do harm, in every format that can be written by hand: what each of them gives instead of harm.

use zip::CompressionMethod;

use crate::{
    pack::{gzip, tar, tar_header, zip},
    trial::{Files, alone, attempt},
};

const MATRIX: &str = "%%MatrixMarket matrix coordinate integer general\n2 3 3\n1 1 5\n2 1 1\n2 3 7\n";

/// A Matrix Market folder of two genes and three cells with this matrix.
fn folder(matrix: impl AsRef<[u8]>) -> Files {
    let texts = [("barcodes.tsv", "A-1\nB-1\nC-1\n"), ("features.tsv", "E1\tA\nE2\tB\n")];
    let mut files: Files = texts.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into();
    files.push(("matrix.mtx".into(), matrix.as_ref().to_vec()));
    files
}

fn single(name: &str, bytes: Vec<u8>) -> Files {
    vec![(name.to_owned(), bytes)]
}

/// The code that `files` give.
fn code(name: &str, files: Files) -> &'static str {
    attempt(name, files).code()
}

#[test]
fn a_sound_folder_is_read() {
    let _alone = alone();
    assert_eq!(code("sound", folder(MATRIX)), "");
}

#[test]
fn headers_of_matrix_market_that_lie_are_refused() {
    let _alone = alone();
    let head = "%%MatrixMarket matrix coordinate integer general\n";
    let (quintillion, beyond) = (1u64 << 60, "99999999999999999999999999");
    let lies = [
        format!("{head}{quintillion} {quintillion} {quintillion}\n1 1 1\n"),
        format!("{head}2 3 {quintillion}\n1 1 1\n"),
        format!("{head}{quintillion} 3 1\n1 1 1\n"),
        format!("{head}2 {quintillion} 1\n1 1 1\n"),
        format!("{head}{beyond} {beyond} {beyond}\n"),
        format!("{head}2 3 -1\n"),
        // Entries outside, of row and column 0, fewer and more than claimed, not a number.
        format!("{head}2 3 1\n3 1 1\n"),
        format!("{head}2 3 1\n1 4 1\n"),
        format!("{head}2 3 1\n0 1 1\n"),
        format!("{head}2 3 1\n1 0 1\n"),
        format!("{head}2 3 1\n{beyond} 1 1\n"),
        format!("{head}2 3 3\n1 1 1\n"),
        format!("{head}2 3 1\n1 1 1\n1 2 1\n"),
        format!("{head}2 3 1\n1 1 x\n"),
        format!("{head}2 3 1\n1 1\n"),
        head.to_owned(),
        String::new(),
    ];
    for lie in lies {
        let found = code(&lie, folder(&lie));
        assert!(["io.bad-structure", "io.bad-text", "io.too-large", "io.truncated"].contains(&found), "{found}: {lie}");
    }
    // A comment without end, and a line without end.
    for endless in ["%".repeat(1 << 20), "1".repeat(1 << 20)] {
        assert_ne!(code("endless line", folder(format!("{head}{endless}"))), "");
    }
}

#[test]
fn bombs_in_gzip_are_refused() {
    let _alone = alone();
    let zeros = vec![b'\n'; 32 << 20];
    // Packed once a gzip reaches 1,000 to 1; packed twice, a million.
    let twice = gzip(&gzip(&zeros));
    for (name, bytes) in [("a.mtx.gz", gzip(&zeros)), ("a.h5ad.gz", gzip(&zeros)), ("a.tar.gz", twice.clone())] {
        assert_ne!(code(name, single(name, bytes)), "");
    }
    let mut files = folder("");
    files[2] = ("matrix.mtx.gz".into(), gzip(&[MATRIX.as_bytes(), &zeros].concat()));
    code("blank lines", files.clone());
    files[2].1 = twice;
    assert_ne!(code("packed twice", files), "");
    // A file of HDF5 by its first bytes, and 256 MiB of zeros behind.
    let mut hollow = b"\x89HDF\r\n\x1a\n".to_vec();
    hollow.resize(256 << 20, 0);
    assert_eq!(code("hollow.h5ad.gz", single("a.h5ad.gz", gzip(&hollow))), "io.too-large");
    let zipped = zip(&vec![("a.h5ad".to_owned(), hollow)], CompressionMethod::Deflated);
    assert_eq!(code("hollow.zip", single("a.zip", zipped)), "io.too-large");
    // Many that are small enough one by one, beside each other and in one archive.
    let mut small = b"\x89HDF\r\n\x1a\n".to_vec();
    small.resize(16 << 20, 0);
    let many: Vec<_> = (0..40).map(|at| (format!("{at}.h5ad.gz"), gzip(&small))).collect();
    assert_ne!(code("many.h5ad.gz", many.clone()), "");
    assert_ne!(code("many.tar", single("a.tar", tar(&many))), "");
    let many: Vec<_> = (0..40).map(|at| (format!("{at}.h5ad"), small.clone())).collect();
    assert_ne!(code("many.zip", single("a.zip", zip(&many, CompressionMethod::Deflated))), "");
}

#[test]
fn archives_that_lie_are_refused() {
    let _alone = alone();
    let files = folder(MATRIX);
    let sound = zip(&files, CompressionMethod::Deflated);
    let directory = sound.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    let end = sound.len() - 22;
    let changed = |changes: &[(usize, &[u8])]| {
        let mut bytes = sound.clone();
        changes.iter().for_each(|(at, new)| bytes[*at..at + new.len()].copy_from_slice(new));
        single("a.zip", bytes)
    };
    let ones = [0xff; 4];
    let cases = [
        ("unpacks to 4 GiB", changed(&[(directory + 24, &[0xfe, 0xff, 0xff, 0xff])])),
        ("packed in 4 GiB", changed(&[(directory + 20, &[0xfe, 0xff, 0xff, 0xff])])),
        ("lies behind the end", changed(&[(directory + 42, &[0xf0, 0xff, 0xff, 0x7f])])),
        ("zip64 without its record", changed(&[(end + 16, &ones), (end + 12, &ones)])),
        ("a directory of 4 GiB", changed(&[(end + 12, &[0xfe, 0xff, 0xff, 0xff])])),
        ("a directory behind the end", changed(&[(end + 16, &[0xf0, 0xff, 0xff, 0x7f])])),
        ("an unknown packer", changed(&[(directory + 10, &[99, 0])])),
        ("a tar of 8 GiB", single("a.tar", [&tar_header("matrix.mtx", "77777777777")[..], &[0; 1024]].concat())),
        ("a tar of 2^63", single("a.tar", [&tar_header("m", "\u{7f}\u{7f}\u{7f}")[..], &[0; 1024]].concat())),
        ("a tar in base 256", {
            let mut header = tar_header("matrix.mtx", "");
            header[124..136].fill(0xff);
            header[148..156].fill(b' ');
            let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
            header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
            single("a.tar", [&header[..], &[0; 1024]].concat())
        }),
    ];
    for (name, files) in cases {
        assert_ne!(code(name, files), "", "{name}");
    }
}

#[test]
fn paths_never_lead_outside() {
    let _alone = alone();
    let mut files = folder(MATRIX);
    let outside = ["../matrix.mtx", "/etc/matrix.mtx", "a/../../matrix.mtx", "..\\..\\matrix.mtx", "C:\\matrix.mtx"];
    files.extend(outside.map(|path| (path.to_owned(), b"no matrix".to_vec())));
    for (name, bytes) in [("a.zip", zip(&files, CompressionMethod::Stored)), ("a.tar", tar(&files))] {
        assert_eq!(code(name, single(name, bytes)), "", "{name}: what leads outside is passed over");
    }
    for path in outside {
        let only: Files = vec![(path.to_owned(), MATRIX.as_bytes().to_vec())];
        assert_eq!(
            code(path, single("a.zip", zip(&only, CompressionMethod::Stored))),
            "io.unsupported-archive",
            "{path}"
        );
    }
}

#[test]
fn many_small_files_cost_no_more_than_their_bytes() {
    let _alone = alone();
    let mut files = folder(MATRIX);
    files.extend((0..20_000).map(|at| (format!("{at}.txt"), Vec::new())));
    assert_eq!(code("a.zip", single("a.zip", zip(&files, CompressionMethod::Stored))), "");
    assert_eq!(code("a.tar.gz", single("a.tar.gz", gzip(&tar(&files)))), "");
}

/// A Zarr store of AnnData whose `X` is described by `x`; without values, so that all of it are fill values.
fn zarr(x: &str) -> Files {
    let names = |n: usize| (0..n).map(|at| format!("name{at}")).collect::<Vec<_>>().join("\0");
    let group = r#"{"zarr_format": 2}"#;
    let array = |n: usize| {
        format!(
            r#"{{"zarr_format": 2, "shape": [{n}], "chunks": [{n}], "dtype": "|S8", "compressor": null, "filters": null, "fill_value": "", "order": "C"}}"#
        )
    };
    let frame =
        r#"{"encoding-type": "dataframe", "encoding-version": "0.2.0", "_index": "_index", "column-order": []}"#;
    let padded = |n: usize| {
        let texts = names(n);
        texts.split('\0').flat_map(|text| format!("{text:\0<8}").into_bytes()).collect::<Vec<u8>>()
    };
    let mut files: Files = Vec::new();
    let mut put = |path: &str, bytes: &[u8]| files.push((format!("a.zarr/{path}"), bytes.to_vec()));
    put(".zgroup", group.as_bytes());
    put(".zattrs", br#"{"encoding-type": "anndata", "encoding-version": "0.1.0"}"#);
    for (table, n) in [("obs", 3), ("var", 2)] {
        put(&format!("{table}/.zgroup"), group.as_bytes());
        put(&format!("{table}/.zattrs"), frame.as_bytes());
        put(&format!("{table}/_index/.zarray"), array(n).as_bytes());
        put(&format!("{table}/_index/.zattrs"), br#"{"encoding-type": "string-array", "encoding-version": "0.2.0"}"#);
        put(&format!("{table}/_index/0"), &padded(n));
    }
    put("X/.zarray", x.as_bytes());
    put("X/.zattrs", br#"{"encoding-type": "array", "encoding-version": "0.2.0"}"#);
    files
}

#[test]
fn arrays_of_zarr_that_lie_are_refused() {
    let _alone = alone();
    let x = |shape: &str, chunks: &str, dtype: &str, compressor: &str| {
        format!(
            r#"{{"zarr_format": 2, "shape": {shape}, "chunks": {chunks}, "dtype": "{dtype}", "compressor": {compressor}, "filters": null, "fill_value": 1, "order": "C"}}"#
        )
    };
    assert_eq!(code("sound", zarr(&x("[3, 2]", "[3, 2]", "<f4", "null"))), "");
    let zlib = r#"{"id": "zlib", "level": 1}"#;
    let cases = [
        ("2^60 cells", x("[1152921504606846976, 2]", "[3, 2]", "<f4", "null")),
        ("2^60 genes", x("[3, 1152921504606846976]", "[3, 2]", "<f4", "null")),
        ("2^64 cells", x("[18446744073709551616, 2]", "[3, 2]", "<f4", "null")),
        ("-1 cells", x("[-1, 2]", "[3, 2]", "<f4", "null")),
        ("no cells in a chunk", x("[3, 2]", "[0, 2]", "<f4", "null")),
        ("elements without size", x("[3, 2]", "[3, 2]", "|S0", "null")),
        ("elements of 2^60 bytes", x("[3, 2]", "[3, 2]", "|S1152921504606846976", "null")),
        ("nine dimensions", x("[3, 2, 1, 1, 1, 1, 1, 1, 1]", "[3, 2, 1, 1, 1, 1, 1, 1, 1]", "<f4", "null")),
        ("no dimension", x("[]", "[]", "<f4", "null")),
        ("a packer unknown", x("[3, 2]", "[3, 2]", "<f4", r#"{"id": "none of these"}"#)),
        ("nested too deep", "[".repeat(100_000)),
        ("no JSON", "{".into()),
    ];
    for (name, metadata) in cases {
        assert_ne!(code(name, zarr(&metadata)), "", "{name}");
    }
    // One chunk of 4 GiB, with bytes that claim to fill it.
    for (name, bytes) in [("zeros", vec![0; 24]), ("zlib", zlib_of(&vec![0; 1 << 20]))] {
        let mut files = zarr(&x("[3, 2]", "[32768, 32768]", "<f4", zlib));
        files.push(("a.zarr/X/0.0".into(), bytes));
        assert_ne!(code(name, files), "", "{name}");
    }
}

fn zlib_of(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A Parquet file around `footer`, as the positions of Visium HD.
fn parquet(footer: &[u8]) -> Files {
    let bytes = [b"PAR1", &[0; 16][..], footer, &(footer.len() as u32).to_le_bytes(), b"PAR1"].concat();
    let mut files = folder(MATRIX);
    files.push(("tissue_positions.parquet".into(), bytes));
    files
}

#[test]
fn footers_of_parquet_that_lie_are_refused() {
    let _alone = alone();
    // Thrift's compact encoding: a byte of field number and type; numbers are zigzag varints.
    let varint = |mut value: u64| {
        let mut bytes = Vec::new();
        while value >= 0x80 {
            bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        bytes.push(value as u8);
        bytes
    };
    let cases: [(&str, Vec<u8>); 8] = [
        ("nothing", Vec::new()),
        ("a list of 2^31", [&[0x29, 0xfc][..], &varint((1 << 31) - 1)].concat()),
        ("a list of 2^60", [&[0x29, 0xfc][..], &varint(1 << 60)].concat()),
        ("a text of 2^60", [&[0x48][..], &varint(1 << 60)].concat()),
        ("2^60 rows", [&[0x15, 0x02, 0x19, 0x0c, 0x16][..], &varint(1 << 61), &[0x19, 0x0c, 0]].concat()),
        ("a number without end", [&[0x15][..], &[0xff; 64]].concat()),
        ("structs in structs", vec![0x1c; 100_000]),
        ("lists in lists", vec![0x19; 100_000]),
    ];
    for (name, footer) in cases {
        assert_ne!(code(name, parquet(&footer)), "", "{name}");
    }
    let mut longer = parquet(&[0; 8]);
    let last = longer.last_mut().unwrap();
    let at = last.1.len() - 8;
    last.1[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_ne!(code("a footer of 4 GiB", longer), "");
}
