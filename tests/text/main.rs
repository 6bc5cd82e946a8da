//! Text formats and archives: what scanpy and pandas read from public files, and files made here.

#[path = "../common/mod.rs"]
mod common;

mod archives;
mod delimited;
mod imaging;
mod real;
mod samples;
mod support;
mod tenx;
