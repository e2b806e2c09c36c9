//! Who tokens stand for, remembered for seconds: users are joined and deleted rarely, and call often.

use domain::identity::UserClaims;
use domain::identity::login;
use kernel::id::UserId;
use kernel::{Context, Result};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a change on another replica may go unnoticed.
const FRESH: Duration = Duration::from_secs(5);
/// Above so many, the stale ones are thrown out.
const MANY: usize = 50_000;

/// By the user a token was given to: the user it stands for, and since when that is known.
#[derive(Default)]
pub struct SubjectCache(Mutex<HashMap<UserId, (UserId, Instant)>>);

impl SubjectCache {
    /// Who the token stands for, unless deleted.
    pub async fn of(&self, context: &Context, claims: &UserClaims) -> Result<Option<UserId>> {
        let known = self.known().get(&claims.user).copied();
        if let Some((user, since)) = known
            && since.elapsed() < FRESH
        {
            return Ok(Some(user));
        }
        let subject = login::subject(context.db.read(), claims).await?;
        let mut known = self.known();
        if known.len() >= MANY {
            known.retain(|_, (_, since)| since.elapsed() < FRESH);
        }
        match subject {
            Some(user) => known.insert(claims.user, (user, Instant::now())),
            None => known.remove(&claims.user),
        };
        Ok(subject)
    }

    /// Forgets whoever is known to be this user.
    pub fn forget(&self, user: UserId) {
        self.known().retain(|_, (subject, _)| *subject != user);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<UserId, (UserId, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
