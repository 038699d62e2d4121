//! Questions that several queries ask at about the same time: asked once, and the answer shared.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::model::{Labels, Timestamp};
use crate::prometheus::{Client, QueryError};

/// An answer and the time it is of.
type Held = (Timestamp, Arc<Vec<Labels>>);

/// The latest answers, one for each expression. Cheap to clone.
#[derive(Clone)]
pub struct Lookups {
    client: Client,
    held: Arc<Mutex<HashMap<String, Held>>>,
}

impl Lookups {
    /// Nothing asked yet.
    pub fn new(client: Client) -> Self {
        Self { client, held: Arc::default() }
    }

    /// The label sets of an expression at `at`, or at most `age` before or after it. There is one answer for each
    /// expression ever asked, and those come from the configuration.
    pub async fn labels(
        &self,
        expr: &str,
        at: Timestamp,
        age: Duration,
    ) -> Result<Arc<Vec<Labels>>, QueryError> {
        if let Some((_, labels)) = self.held(expr).filter(|(of, _)| of.since(at).max(at.since(*of)) <= age) {
            return Ok(labels);
        }
        let series = self.client.query(expr, at).await?;
        let labels = Arc::new(series.into_iter().map(|series| series.labels).collect::<Vec<_>>());
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(expr.to_owned(), (at, labels.clone()));
        Ok(labels)
    }

    fn held(&self, expr: &str) -> Option<Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).get(expr).cloned()
    }
}
