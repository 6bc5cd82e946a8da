//! One annotation of cells or genes, as in a column of `obs` or `var`.

/// A column of annotations, one entry a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// `codes[row]` indexes `categories`; −1 is a missing value.
    Categorical { codes: Vec<i32>, categories: Vec<String> },
    /// Missing values are NaN.
    Numbers(Vec<f64>),
    /// Free text, such as names.
    Text(Vec<String>),
}

impl Column {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Categorical { codes, .. } => codes.len(),
            Self::Numbers(values) => values.len(),
            Self::Text(values) => values.len(),
        }
    }

    /// Whether the column has no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
