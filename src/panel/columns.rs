//! Whoever gives columns over a panel's axes.

use super::{Column, Panel, PanelError};

/// Whoever gives columns over the rows and periods of a panel: a room, an analysis, a host.
///
/// A column, a list of columns and a function from the panel to a list are such; what [`Panel::extend`] takes.
///
/// ```
/// use quotaflow::calendar::{Calendar, Grain};
/// use quotaflow::key::Key;
/// use quotaflow::panel::{Column, ColumnBuilder, Panel, Reason};
/// use quotaflow::space::Subjects;
/// let months = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-03-01".parse()?)?;
/// let mut panel = Panel::new(Subjects::whole(), months);
/// panel.extend(|panel: &Panel| -> Result<Vec<Column>, quotaflow::Error> {
///     let visits = panel.each(|_, month| if month.index() == 0 { Ok(12) } else { Err(Reason::NotYetDue) });
///     Ok(vec![ColumnBuilder::new(&Key::new("visits")?, &visits).counts("done", |visits| *visits)?])
/// })?;
/// assert_eq!(panel.get("visits.done", [""; 0], "2026-01")?.to_string(), "12 visits");
/// assert_eq!(panel.get("visits.done", [""; 0], "2026-02")?.to_string(), "not yet due");
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[must_use = "columns are given to a panel by `Panel::extend`"]
pub trait Columns {
    /// What can go wrong.
    type Error: From<PanelError>;

    /// Returns the columns, each with one cell for every row and period of the panel.
    ///
    /// # Errors
    /// Those of whoever gives them.
    fn columns(self, panel: &Panel) -> Result<Vec<Column>, Self::Error>;
}

impl Columns for Column {
    type Error = PanelError;

    fn columns(self, _: &Panel) -> Result<Vec<Column>, PanelError> {
        Ok(vec![self])
    }
}

impl Columns for Vec<Column> {
    type Error = PanelError;

    fn columns(self, _: &Panel) -> Result<Vec<Column>, PanelError> {
        Ok(self)
    }
}

impl<F, E> Columns for F
where
    F: FnOnce(&Panel) -> Result<Vec<Column>, E>,
    E: From<PanelError>,
{
    type Error = E;

    fn columns(self, panel: &Panel) -> Result<Vec<Column>, E> {
        self(panel)
    }
}

impl Panel {
    /// Adds all columns that somebody gives over the rows and periods of this panel, or none of them.
    ///
    /// # Errors
    /// Those of whoever gives them; [`PanelError::DuplicateColumn`], [`PanelError::Shape`]. The panel is then unchanged.
    pub fn extend<C: Columns>(&mut self, from: C) -> Result<(), C::Error> {
        let columns = from.columns(self)?;
        let before = self.columns.len();
        for column in columns {
            if let Err(error) = self.add(column) {
                for added in self.columns.drain(before..) {
                    self.by_key.remove(added.key());
                }
                return Err(error.into());
            }
        }
        Ok(())
    }
}
