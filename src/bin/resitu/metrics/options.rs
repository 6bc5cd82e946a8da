//! The choices of `resitu metrics`, as words.

use resitu::spatial::ripley::{EdgeCorrection, RipleyFunction, squidpy::Mode};
use resitu::spatial::{self, GraphKind};

/// Reads `knn:6`, `radius:30`, `delaunay`, `grid:6` or `grid:4x2`, which is two rings.
pub fn graph_kind(text: &str) -> Result<GraphKind, String> {
    let wrong =
        || "expected knn:K, radius:R, delaunay, grid:K or grid:KxRINGS, for example knn:6 or radius:30".to_owned();
    if text == "delaunay" {
        return Ok(GraphKind::Delaunay);
    }
    match text.split_once(':').ok_or_else(wrong)? {
        ("grid", shape) => {
            let (neighbours, rings) = shape.split_once('x').unwrap_or((shape, "1"));
            let number = |text: &str| text.parse::<usize>().map_err(|_| wrong());
            Ok(GraphKind::Grid { neighbours: number(neighbours)?, rings: number(rings)? })
        }
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

/// Ripley's functions.
#[derive(Clone, Copy, Default, clap::ValueEnum)]
pub enum Function {
    #[value(name = "F")]
    F,
    #[value(name = "G")]
    G,
    #[value(name = "K")]
    K,
    #[default]
    #[value(name = "L")]
    L,
    #[value(name = "g")]
    PairCorrelation,
}

impl Function {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::F => "F",
            Self::G => "G",
            Self::K => "K",
            Self::L => "L",
            Self::PairCorrelation => "g",
        }
    }

    /// What its numbers are called among others.
    pub fn statistic(self) -> &'static str {
        match self {
            Self::F => "ripley_F",
            Self::G => "ripley_G",
            Self::K => "ripley_K",
            Self::L => "ripley_L",
            Self::PairCorrelation => "ripley_g",
        }
    }

    /// Squidpy's function of that name; it has three.
    pub fn mode(self) -> Option<Mode> {
        match self {
            Self::F => Some(Mode::F),
            Self::G => Some(Mode::G),
            Self::L => Some(Mode::L),
            Self::K | Self::PairCorrelation => None,
        }
    }
}

impl From<Function> for RipleyFunction {
    fn from(function: Function) -> Self {
        match function {
            Function::F => Self::F,
            Function::G => Self::G,
            Function::K => Self::K,
            Function::L => Self::L,
            Function::PairCorrelation => Self::PairCorrelation,
        }
    }
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Correction {
    None,
    Border,
    KaplanMeier,
    Isotropic,
    Translation,
}

impl From<Correction> for EdgeCorrection {
    fn from(correction: Correction) -> Self {
        match correction {
            Correction::None => Self::Uncorrected,
            Correction::Border => Self::Border,
            Correction::KaplanMeier => Self::KaplanMeier,
            Correction::Isotropic => Self::Isotropic,
            Correction::Translation => Self::Translation,
        }
    }
}
