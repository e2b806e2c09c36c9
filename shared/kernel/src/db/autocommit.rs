//! Single statements outside a transaction, on connections kept in hand between them.
//!
//! sqlx's pool waits for a sign of life from the server each time a connection comes back, which doubles the round trips
//! of a look-up. So a connection whose statement ended well stays in hand for the next one. It goes back to the pool when
//! its statement failed or was given up, when nobody wanted it for a while, and now and then anyway.

use async_trait::async_trait;
use sea_orm::sea_query::Values;
use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::postgres::Postgres;
use sea_orm::sqlx::query::Query;
use sea_orm::sqlx::{self, AssertSqlSafe, Executor, PgPool};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// A connection nobody used for so long is looked at by the pool before it is used again.
const IDLE: Duration = Duration::from_secs(1);
/// The longest a connection stays in hand: the pool knows its age and ends it in time.
const STAY: Duration = Duration::from_secs(60);

/// A pool for single statements, each its own transaction. Cheap to clone.
#[derive(Clone)]
pub struct Autocommit(Arc<Inner>);

struct Inner {
    pool: PgPool,
    /// As many as the pool has connections, so that those in hand never keep one from somebody who waits.
    places: Semaphore,
    in_hand: Mutex<Vec<InHand>>,
    acquire_timeout: Duration,
}

struct InHand {
    connection: PoolConnection<Postgres>,
    taken: Instant,
    used: Instant,
}

impl Autocommit {
    /// Over a pool of so many connections; `acquire_timeout` is how long a statement waits for one.
    pub(super) fn new(pool: PgPool, connections: u32, acquire_timeout: Duration) -> Self {
        Autocommit(Arc::new(Inner {
            pool,
            places: Semaphore::new(connections as usize),
            in_hand: Mutex::default(),
            acquire_timeout,
        }))
    }

    /// Closes the pool.
    pub(super) async fn close(&self) {
        self.0.places.close();
        self.in_hand().clear();
        self.0.pool.close().await;
    }

    fn in_hand(&self) -> MutexGuard<'_, Vec<InHand>> {
        self.0.in_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn lend(&self) -> Result<Lent<'_>, DbErr> {
        let place = match timeout(self.0.acquire_timeout, self.0.places.acquire()).await {
            Ok(Ok(place)) => place,
            Ok(Err(_)) => return Err(refused(sqlx::Error::PoolClosed)),
            Err(_) => return Err(refused(sqlx::Error::PoolTimedOut)),
        };
        let last = self.in_hand().pop();
        let fresh = last.filter(|held| held.used.elapsed() < IDLE && held.taken.elapsed() < STAY);
        let (connection, taken) = match fresh {
            Some(held) => (held.connection, held.taken),
            None => (self.0.pool.acquire().await.map_err(refused)?, Instant::now()),
        };
        Ok(Lent {
            of: self,
            connection,
            taken,
            _place: place,
        })
    }
}

impl fmt::Debug for Autocommit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Autocommit").field(&self.0.pool).finish()
    }
}

/// A connection during a statement. Dropped, it goes back to the pool, which looks whether it is still good.
struct Lent<'a> {
    of: &'a Autocommit,
    connection: PoolConnection<Postgres>,
    taken: Instant,
    _place: SemaphorePermit<'a>,
}

impl Lent<'_> {
    /// Keeps it in hand: its statement ended well.
    fn keep(self) {
        if !self.of.0.places.is_closed() {
            self.of.in_hand().push(InHand {
                connection: self.connection,
                taken: self.taken,
                used: Instant::now(),
            });
        }
    }
}

#[async_trait]
impl ConnectionTrait for Autocommit {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut lent = self.lend().await?;
        let done = bound(&statement).execute(&mut *lent.connection).await;
        let done = done.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))?;
        lent.keep();
        Ok(done.into())
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut lent = self.lend().await?;
        let done = lent.connection.execute(AssertSqlSafe(sql)).await;
        let done = done.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))?;
        lent.keep();
        Ok(done.into())
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut lent = self.lend().await?;
        let row = bound(&statement).fetch_optional(&mut *lent.connection).await;
        let row = row.map_err(failed)?;
        lent.keep();
        Ok(row.map(QueryResult::from))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut lent = self.lend().await?;
        let rows = bound(&statement).fetch_all(&mut *lent.connection).await;
        let rows = rows.map_err(failed)?;
        lent.keep();
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }
}

fn bound(statement: &Statement) -> Query<'_, Postgres, SqlxValues> {
    let values = statement.values.clone().unwrap_or(Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values))
}

fn refused(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}
