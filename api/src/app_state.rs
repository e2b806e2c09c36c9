//! What handlers are given: the business's context and what only the routes use.

use crate::http::export::ExportSlots;
use crate::http::subject_cache::SubjectCache;
use domain::identity::Tokens;
use kernel::{Context, Error};
use partners::Partners;
use poem::{FromRequest, Request, RequestBody, Result};
use std::ops::Deref;
use std::sync::Arc;

/// Cheap to clone; one per process. Dereferences to the [`Context`].
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

struct Parts {
    context: Context,
    tokens: Tokens,
    subjects: SubjectCache,
    partners: Partners,
    export_slots: ExportSlots,
}

impl AppState {
    /// Puts the parts together.
    pub fn new(context: Context, partners: Partners) -> Self {
        AppState(Arc::new(Parts {
            tokens: Tokens::new(&context.config.jwt),
            subjects: SubjectCache::default(),
            export_slots: ExportSlots::default(),
            context,
            partners,
        }))
    }

    /// The business's context.
    pub fn context(&self) -> &Context {
        &self.0.context
    }

    /// Who makes and reads tokens.
    pub fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    /// Who tokens stand for.
    pub fn subjects(&self) -> &SubjectCache {
        &self.0.subjects
    }

    /// Where files of lists are made.
    pub fn export_slots(&self) -> &ExportSlots {
        &self.0.export_slots
    }

    /// Clients of the systems we do not own.
    pub fn partners(&self) -> &Partners {
        &self.0.partners
    }

    /// The state handed down with a request.
    ///
    /// # Errors
    /// When the application forgot to hand it down.
    pub fn of(request: &Request) -> kernel::Result<&AppState> {
        request
            .data::<AppState>()
            .ok_or_else(|| Error::internal("the request carries no state"))
    }
}

impl Deref for AppState {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.0.context
    }
}

impl<'a> FromRequest<'a> for &'a AppState {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> Result<Self> {
        Ok(AppState::of(request).map_err(crate::http::error::Failure)?)
    }
}
