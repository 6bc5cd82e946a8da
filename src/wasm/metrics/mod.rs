//! The statistics of a section, one file a kind: options in, plain objects with typed arrays out.

mod autocorrelation;
mod labels;
