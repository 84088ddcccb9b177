//! A view with its four questions: as of, known at, by which structure, within which limits.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};

use super::error::ViewError;
use super::viewer::Viewer;
use crate::journal::{Asking, Folds, Journal, Unread};
use crate::key::unknown;
use crate::limits::Limits;
use crate::model::Model;
use crate::panel::Panel;
use crate::plan::Plan;
use crate::space::{Posts, Space};

/// A view of a journal. It shares what the journal holds and stays as it is, whatever comes in later.
#[derive(Debug, Clone)]
pub struct View {
    model: Model,
    /// The position of the view in the model.
    at: usize,
    folds: Folds,
    /// When each hand-over was known.
    known: Arc<[NaiveDateTime]>,
    as_of: NaiveDate,
    known_at: Option<NaiveDateTime>,
    as_it_is: Option<NaiveDate>,
    viewer: Option<Viewer>,
    limits: Limits,
}

impl Journal {
    /// Returns the view of this name: as of the day through which the journal is complete, by the newest knowledge, by the
    /// structure as it was.
    ///
    /// # Errors
    /// [`ViewError::UnknownView`] with the nearest known name.
    pub fn view(&self, name: &str) -> Result<View, ViewError> {
        let model = self.model();
        let views = model.asked();
        let at = views.iter().position(|view| view.definition.key == *name);
        let at = at.ok_or_else(|| {
            let all = views.iter().map(|view| view.definition.key.as_str());
            let (name, nearest, known) = unknown(name, all);
            ViewError::UnknownView {
                name,
                nearest,
                known,
            }
        })?;
        let folds = self.folds();
        Ok(View {
            model: model.clone(),
            at,
            folds,
            known: self.known_times().collect(),
            as_of: self.complete_through().unwrap_or(self.go_live()),
            known_at: None,
            as_it_is: None,
            viewer: None,
            limits: Limits::default(),
        })
    }
}

impl View {
    /// Asks as of a day: what is effective after it is not there, nor a date of a record that lies after it.
    #[must_use]
    pub fn as_of(mut self, day: NaiveDate) -> Self {
        self.as_of = day;
        self
    }

    /// Asks by what was known at a time: what was taken in later is not there.
    #[must_use]
    pub fn known_at(mut self, time: NaiveDateTime) -> Self {
        self.known_at = Some(time);
        self
    }

    /// Asks by the structure of one day, which holds for all days: like for like.
    #[must_use]
    pub fn as_it_is(mut self, day: NaiveDate) -> Self {
        self.as_it_is = Some(day);
        self
    }

    /// Asks for what a viewer sees: the rows of a member of a dimension (a post, a team) and of everybody below it on the as-of day, or
    /// on that of [`as_it_is`](Self::as_it_is), in any hierarchy of the dimension. Where rows have several levels of the dimension
    /// the lowest says whose they are. What is nobody's is nobody's to see. The
    /// figures are those that everybody's panel has in these rows, a rank or a share of the whole among them.
    ///
    /// It says what to show and guards nothing: whoever has the journal may ask for all of it.
    #[must_use]
    pub fn seen_by(mut self, dimension: &str, member: &str) -> Self {
        self.viewer = Some(Viewer {
            dimension: dimension.to_owned(),
            member: member.to_owned(),
        });
        self
    }

    /// Asks within the limits of a host: rows and cells are counted before they are made.
    #[must_use]
    pub fn within(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How many hand-overs are seen.
    fn hand_overs(&self) -> usize {
        match self.known_at {
            Some(time) => self.known.partition_point(|known| *known <= time),
            None => self.known.len(),
        }
    }

    /// Returns the structure by which it is answered: who is there, and who belongs to whom. A plan's targets read by it stand
    /// beside its figures.
    ///
    /// # Errors
    /// [`ViewError::Space`].
    pub fn space(&self) -> Result<Space, ViewError> {
        Ok(self.asking().space()?)
    }

    /// Returns who holds which post by the structure by which it is answered, if the model has posts: to whom the days of a post
    /// count, who decides what comes to it, which posts are vacant and who has none.
    ///
    /// ```
    /// # use quotaflow::journal::{Entry, EntryId, Journal};
    /// # use quotaflow::ledger::Record;
    /// # use quotaflow::model::Model;
    /// use quotaflow::space::{Tenure, TenureDef};
    /// # let model: Model = serde_json::from_str(include_str!("../../examples/models/posts.json")).map_err(quotaflow::Error::unreadable)?;
    /// let mut journal = Journal::new(&model, "2026-01-01".parse()?)?;
    /// let (away, back) = ("2026-01-09".parse()?, "2026-01-23".parse()?);
    /// let absent = TenureDef::always("n1", "ann")?.until(back).as_tenure(Tenure::Absent);
    /// let acting = TenureDef::always("n1", "bo")?.until(back).as_tenure(Tenure::Acting);
    /// let id = |name| EntryId::new("hr", name);
    /// let mut entries = vec![Entry::hold(id("A-1")?, away, absent), Entry::hold(id("A-2")?, away, acting)];
    /// // A plan of the posts: 31.00 EUR each in January, and an order of 31.00 that names the post alone.
    /// let planned = Entry::cascade(id("P-1")?, "2026-01-01".parse()?, "spring", [("sales", 236)])?;
    /// entries.push(planned.by("eva").because("agreed"));
    /// let order = Record::new("order", away).id("1").of("post", "n1").amount("sales", 31.into());
    /// entries.push(Entry::record("crm", order)?);
    /// journal.enter("2026-02-01T06:00:00".parse()?, "2026-01-31".parse()?, &entries)?;
    ///
    /// // bo has the target of 14 days of n1 beside that of s1, and what was ordered on them.
    /// let view = journal.view("by_person")?;
    /// let panel = view.panel()?;
    /// assert_eq!(panel.get("target:sales", ["bo"], "2026-01")?.to_string(), "45.00 EUR");
    /// assert_eq!(panel.get("sales", ["bo"], "2026-01")?.to_string(), "31.00 EUR");
    /// // n2 is vacant: its target stands with who leads the north.
    /// assert_eq!(panel.get("target:sales", ["cai"], "2026-01")?.to_string(), "62.00 EUR");
    /// let posts = view.posts()?.ok_or("the model has posts")?;
    /// assert_eq!(posts.vacant(away).map(|post| post.as_str()).collect::<Vec<_>>(), ["n2"]);
    /// assert_eq!(posts.decides("n1", away)?.map(|person| person.as_str()), Some("bo"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ViewError::Space`].
    pub fn posts(&self) -> Result<Option<Arc<Posts>>, ViewError> {
        Ok(self.asking().posts()?)
    }

    /// Returns the answer: the figures by row and period.
    ///
    /// # Errors
    /// [`ViewError::NotYet`], [`ViewError::Limit`]; [`ViewError::Needed`] where days of what is closed would have to be told apart;
    /// [`ViewError::NoRows`] where there are no rows of the viewer's dimension; [`ViewError::Column`] where a card or pay plan cannot
    /// judge the figures, or a duty would count more than the limits allow; [`ViewError::Space`] for a viewer who is not there;
    /// [`ViewError::Space`], [`ViewError::Metric`], [`ViewError::Panel`], [`ViewError::Plan`] and [`ViewError::Duty`] where the
    /// structure or a number leaves its range.
    pub fn panel(&self) -> Result<Panel, ViewError> {
        if let Some(day) = self.as_it_is.filter(|day| *day > self.as_of) {
            let as_of = self.as_of;
            return Err(ViewError::NotYet { day, as_of });
        }
        let asking = self.asking();
        let panel = asking.panel()?;
        let Some(viewer) = &self.viewer else {
            return Ok(panel);
        };
        let day = self.as_it_is.unwrap_or(self.as_of);
        let view = &self.model.asked()[self.at].definition.key;
        let schema = asking.schema()?;
        viewer.part(&panel, (view, schema.space(), day))
    }

    /// Returns a plan as it was known and had become by the as-of day; none where it was not cascaded by then.
    ///
    /// # Errors
    /// [`ViewError::Plan`], which no plan leads to that was made by entries.
    pub fn plan(&self, name: &str) -> Result<Option<Arc<Plan>>, ViewError> {
        let plan = self.folds.plan(name, self.hand_overs(), self.as_of);
        plan.map_err(ViewError::from)
    }

    /// How many cells the panel has at most, before any of them is made.
    pub(crate) fn cells(&self) -> Result<u128, ViewError> {
        Ok(self.asking().cells()?)
    }

    fn asking(&self) -> Asking<'_> {
        Asking {
            model: &self.model,
            at: self.at,
            folds: &self.folds,
            hand_overs: self.hand_overs(),
            known_at: self.known_at,
            as_of: self.as_of,
            as_it_is: self.as_it_is,
            limits: self.limits,
        }
    }
}

impl From<Unread> for ViewError {
    fn from(error: Unread) -> Self {
        match error {
            Unread::Limit(error) => error.into(),
            Unread::Space(error) => error.into(),
            Unread::Metric(error) => error.into(),
            Unread::Panel(error) => error.into(),
            Unread::Column(not) => Self::Column {
                column: not.column,
                cause: Box::new(not.cause),
            },
            Unread::Plan(error) => error.into(),
            Unread::Duty(error) => error.into(),
            Unread::Needed(needed) => Self::Needed { needed },
        }
    }
}
