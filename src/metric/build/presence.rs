//! Who was there, and when.

use crate::key::Key;
use crate::metric::build::builder::{Builder, Made, entity_unit};
use crate::metric::error::MetricError;
use crate::metric::metric::{Entities, Entity, First, SeenBy, Selection, Timeframe};
use crate::metric::parts::{EntityPart, Node, Question};

impl Builder<'_> {
    pub(in crate::metric) fn presence(
        &mut self,
        metric: &Key,
        of: &Entities,
    ) -> Result<usize, MetricError> {
        let selection = self.selection(metric, &of.of)?;
        let entity = self.entity(metric, &of.entity, &of.of)?;
        Ok(entity_part(&mut self.parts.presences, selection, entity))
    }

    pub(in crate::metric) fn by_period(
        &mut self,
        metric: &Key,
        of: &Entities,
    ) -> Result<usize, MetricError> {
        if of.of.window != Timeframe::Period {
            return Err(MetricError::WindowNotPeriod {
                metric: metric.clone(),
            });
        }
        self.presence(metric, of)
    }

    pub(in crate::metric) fn ask(
        &mut self,
        metric: &Key,
        entity: &Entity,
        of: &Selection,
        question: Question,
        scope: SeenBy,
        first: First,
    ) -> Result<Made, MetricError> {
        let entities = Entities {
            entity: entity.clone(),
            of: of.clone(),
        };
        let part = self.by_period(metric, &entities)?;
        let touches = match scope {
            SeenBy::Subject => 0,
            SeenBy::Overall => {
                let EntityPart { selection, entity } = self.parts.presences[part];
                entity_part(&mut self.parts.touches, selection, entity)
            }
        };
        let unit = entity_unit(entity);
        Ok((
            Node::Ask {
                part,
                question,
                scope,
                touches,
                first,
            },
            unit,
        ))
    }
}

pub(in crate::metric) fn entity_part(
    parts: &mut Vec<EntityPart>,
    selection: usize,
    entity: usize,
) -> usize {
    let known = parts
        .iter()
        .position(|known| (known.selection, known.entity) == (selection, entity));
    known.unwrap_or_else(|| {
        parts.push(EntityPart { selection, entity });
        parts.len() - 1
    })
}
