//! The choices of `resitu metrics`, as words.

use resitu::spatial::{self, GraphKind};

/// Reads `knn:6` or `radius:30`.
pub fn graph_kind(text: &str) -> Result<GraphKind, String> {
    let wrong = || "expected knn:K or radius:R, for example knn:6 or radius:30".to_owned();
    match text.split_once(':').ok_or_else(wrong)? {
        ("knn", k) => k.parse().map(|k| GraphKind::Knn { k }).map_err(|_| wrong()),
        ("radius", radius) => radius.parse().map(|radius| GraphKind::Radius { radius }).map_err(|_| wrong()),
        _ => Err(wrong()),
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Transform {
    #[default]
    None,
    Log1pCp,
}

impl Transform {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Log1pCp => "log1p-cp",
        }
    }
}

#[derive(Clone, Copy, Default, clap::ValueEnum)]
pub enum Tail {
    #[default]
    Two,
    One,
}

impl From<Tail> for spatial::Tail {
    fn from(tail: Tail) -> Self {
        match tail {
            Tail::Two => Self::Two,
            Tail::One => Self::One,
        }
    }
}

#[derive(Clone, Copy, Default, clap::ValueEnum)]
pub enum Null {
    #[default]
    Values,
    Rows,
}

impl From<Null> for spatial::Null {
    fn from(null: Null) -> Self {
        match null {
            Null::Values => Self::Values,
            Null::Rows => Self::Rows,
        }
    }
}

#[derive(Clone, Copy, Default, clap::ValueEnum)]
pub enum Variance {
    #[default]
    Normality,
    Randomisation,
}

impl From<Variance> for spatial::Variance {
    fn from(variance: Variance) -> Self {
        match variance {
            Variance::Normality => Self::Normality,
            Variance::Randomisation => Self::Randomisation,
        }
    }
}
