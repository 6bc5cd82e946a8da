//! Translating cells, with a tiny network of random weights in a real bundle.

mod check;
mod cli;
mod files;
mod job;
mod load;
mod support;
