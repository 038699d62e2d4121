//! What each run touches: an index over the plans of runs, so that what is busy or spent is found by it.

use super::rows::decode;
use super::value::groups;
use super::{Connection, Row, Statement};
use crate::journal::backend::Stored;
use crate::model::{Plan, Touched};

/// Objects in one statement: 2 values each.
const OBJECTS_PER_STATEMENT: usize = 200;

/// Writes down what a run touches, beside the run.
pub(super) async fn insert(connection: &mut impl Connection, run: i64, touched: &Touched) -> Stored<()> {
    let objects: Vec<String> = touched.iter().map(ToString::to_string).collect();
    for chunk in objects.chunks(OBJECTS_PER_STATEMENT) {
        let groups = groups(chunk.len(), 2);
        let sql = format!("INSERT INTO touched (object, run) VALUES {groups} ON CONFLICT DO NOTHING");
        let statement = chunk
            .iter()
            .fold(Statement::built(sql, false), |statement, object| statement.bind(object).bind(run));
        connection.execute(statement).await?;
    }
    Ok(())
}

/// The statement with the condition that a run touches anything of this. The target counts by its own column as well.
pub(super) fn touching(statement: Statement, plan: &Plan) -> Statement {
    let touched = plan.touches();
    let first = statement.values.len() + 1;
    let objects: Vec<String> = (0..touched.len()).map(|index| format!("${}", first + 1 + index)).collect();
    let sql = format!(
        "{} AND (target = ${first} OR id IN (SELECT run FROM touched WHERE object IN ({})))",
        statement.sql,
        objects.join(", ")
    );
    let statement = Statement { sql: sql.into(), ..statement }.bind(&*plan.key.target);
    touched.iter().fold(statement, |statement, object| statement.bind(object.to_string()))
}

/// Adds what runs touch that were written by a version without this index. Inside the caller's transaction.
pub(in crate::journal) async fn index_touched(connection: &mut impl Connection) -> Stored<()> {
    let select = "SELECT id, plan FROM run \
                  WHERE NOT EXISTS (SELECT 1 FROM touched WHERE touched.run = run.id) ORDER BY id";
    let mut missing = Vec::new();
    let read = |row: Row| {
        let plan: Plan = decode(row.text("plan")?, "the plan of a run")?;
        missing.push((row.integer("id")?, plan.touches()));
        Ok(())
    };
    connection.each(Statement::new(select), read).await?;
    for (run, touched) in &missing {
        insert(connection, *run, touched).await?;
    }
    Ok(())
}
