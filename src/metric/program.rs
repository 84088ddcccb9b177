//! Metrics compiled for a layout.

use std::sync::OnceLock;

use super::compile::compile;
use super::error::MetricError;
use super::grid::Grid;
use super::layout::Layout;
use super::metric::MetricDef;
use super::parts::{Compiled, Parts};
use crate::limits::{Limits, Size};

/// Metrics compiled for a layout: names are resolved, equal parts are shared, and what remains is look-ups in tables.
#[derive(Debug, Clone)]
pub struct Program {
    pub(super) layout: Layout,
    pub(super) definitions: Vec<MetricDef>,
    pub(super) metrics: Vec<Compiled>,
    pub(super) grids: Vec<Grid>,
    pub(super) parts: Parts,
    /// Made when first asked for: what is read by leaf is never merged.
    fingerprint: OnceLock<String>,
}

impl Program {
    /// Compiles metrics for a layout.
    ///
    /// # Errors
    /// [`MetricError`] with the metric and what is wrong in it; [`MetricError::Limit`] for more cells or bytes than the layout
    /// allows.
    pub fn compile(metrics: &[MetricDef], layout: &Layout) -> Result<Self, MetricError> {
        let counts = [layout.subjects().len(), layout.periods().len()];
        let cells = Limits::product(counts.into_iter().chain([metrics.len()]));
        layout.limits().check(Size::Cells, cells)?;
        let (compiled, grids, parts) = compile(metrics, layout)?;
        let program = Self {
            layout: layout.clone(),
            definitions: metrics.to_vec(),
            metrics: compiled,
            grids,
            parts,
            fingerprint: OnceLock::new(),
        };
        // Eight bytes for each number that is shown, and one for a reason.
        let shown = cells.saturating_mul(9);
        let bytes = program.kept_bytes().saturating_add(shown);
        layout.limits().check(Size::Bytes, bytes)?;
        Ok(program)
    }

    /// A short name of the metrics over the layout, equal on every machine.
    pub(super) fn fingerprint(&self) -> &str {
        self.fingerprint
            .get_or_init(|| self.layout.fingerprint(&self.definitions))
    }

    /// Returns what the panel is about.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Returns the definitions that this was compiled from.
    #[must_use]
    pub fn definitions(&self) -> &[MetricDef] {
        &self.definitions
    }
}
